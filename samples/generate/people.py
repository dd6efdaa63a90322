"""Citizens who do not exist: addresses, identity numbers and telephone numbers that can belong to nobody."""

from __future__ import annotations

from random import Random

UNUSED_REGION = "999999"
"""No division of GB/T 2260 carries this code, so a number that begins with it identifies nobody."""
_UNALLOCATED_PREFIX = "154"
"""A mobile prefix that is allocated to no operator."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 15; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Mobile",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
)


def identity_number(random: Random) -> str:
    """An 18-digit number with a valid check digit (GB 11643-1999) in the unused region."""
    birth = f"{random.randrange(1950, 2008)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    body = f"{UNUSED_REGION}{birth}{random.randrange(1000):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECK_DIGITS[total % 11]


def telephone_number(random: Random) -> str:
    """An 11-digit mobile number under the unallocated prefix."""
    return f"{_UNALLOCATED_PREFIX}{random.randrange(10**8):08d}"


def citizen_name(random: Random) -> str:
    """A name that says it is a test."""
    return f"测试{random.choice('甲乙丙丁戊己庚辛壬癸')}{random.randrange(100):02d}"


def citizen_address(random: Random) -> str:
    """An outside address: IPv4 of the documentation ranges, now and then IPv6; never one of the story's own."""
    if random.randrange(6) == 0:
        return f"2001:db8:{random.randrange(1, 0xFFFF):x}::{random.randrange(1, 0xFFFF):x}"
    return f"{random.choice(('203.0.113', '198.51.100'))}.{random.randrange(110, 250)}"


def browser(random: Random) -> str:
    """A User-Agent header."""
    return random.choice(_BROWSERS)
