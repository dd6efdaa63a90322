"""Full-width letters and digits as their ASCII selves; every character stays one character, so offsets stay."""

from __future__ import annotations

import unicodedata

_BLOCKS = ((0xFF01, 0xFF5E), (0x1D7CE, 0x1D7FF))
_TABLE = {
    code: folded
    for first, last in _BLOCKS
    for code in range(first, last + 1)
    if len(folded := unicodedata.normalize("NFKC", chr(code))) == 1
}

# Chinese punctuation is full-width too and everywhere, so only letters and digits ask for folding.
NEEDS_FOLDING = (b"\xef\xbc[\x90-\x99\xa1-\xba]", b"\xef\xbd[\x81-\x9a]", b"\xf0\x9d\x9f[\x8e-\xbf]")
"""Expressions over UTF-8 bytes that match where folding would change a letter or a digit."""


def fold(text: str) -> str:
    """The text after NFKC, as far as it turns single characters into single ASCII characters."""
    return text.translate(_TABLE)
