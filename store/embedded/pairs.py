"""Field and value as one term of the index: how values without a typed column are found, each field by itself.

The terms of an event are written as one text that the engine splits at white space, so white space within them is
replaced one for one. A value that is long, or holds one of the characters used for that, is no term itself: its
digest is, which finds the whole value; its words are indexed, and a pattern is tried on the event.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

VALUE = "\x01"
"""Between a field and a value that stands there as it is."""
DIGEST = "\x02"
"""Between a field and the digest of a value; alone behind a field it says that the field has such a value."""
PRESENT = "\x03"
"""Behind a text field that an event has."""
JOINER = "\x1e"
"""Between terms while their white space is replaced."""

MAX_VERBATIM = 512
"""Characters of the longest value that is a term itself: the dictionary of terms costs what its letters cost."""

_SPACES, _STAND_INS = " \n\t\r\x0c", "\x04\x05\x06\x0e\x0f"
_TO_STAND_INS, _TO_SPACES = str.maketrans(_SPACES, _STAND_INS), str.maketrans(_STAND_INS, _SPACES)
_REPLACED = re.compile(r"[\x04\x05\x06\x0e\x0f\x1e]")
_CONTROL = re.compile(r"[\x00-\x20]")
_LETTERS = bytes(range(ord("A"), ord("Z") + 1))
_ASCII_FORMS = bytes.maketrans(_LETTERS + f"{_SPACES}{JOINER}".encode(), _LETTERS.lower() + f"{_STAND_INS}\n".encode())
_DIGEST_BYTES = 16


@lru_cache(maxsize=65_536)
def field_term(name: str) -> str:
    """A field's name as the beginning of its terms: without white space, and as it is when made lower case."""
    return "".join(map(_escaped, name))


def _escaped(character: str) -> str:
    """A character of a name, or what stands for it alone."""
    if character <= " ":
        return f"\x07{ord(character):02x}"
    if "A" <= character <= "Z":
        return f"\x10{character.lower()}"
    return character if character == character.lower() else f"\x11{ord(character):06x}"


def present(name: str) -> str:
    """The term that says that an event has a text field."""
    return f"{field_term(name)}{PRESENT}"


def is_verbatim(lowered: str) -> bool:
    """Whether a value is a term itself."""
    return len(lowered) <= MAX_VERBATIM and not holds_stand_ins(lowered)


def holds_stand_ins(text: str) -> bool:
    """Whether a text holds a character that stands for white space in terms."""
    return _REPLACED.search(text) is not None


def pair(name: str, lowered: str) -> str:
    """The term of a field's value, given in lower case."""
    if is_verbatim(lowered):
        return f"{field_term(name)}{VALUE}{lowered.translate(_TO_STAND_INS)}"
    digest = blake2b(lowered.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{field_term(name)}{DIGEST}{digest}"


def one_a_line(joined: str, joiners: int) -> str | None:
    """Terms, their values as they stand in events, one a line in lower case and without other white space.

    None where a value holds a character that is needed for that, or grows when it is made lower case; the terms are
    found then by ``pair``, one by one.
    """
    if joined.count(JOINER) != joiners or any(map(joined.__contains__, _STAND_INS)):
        return None
    if joined.isascii():  # in one pass over its bytes
        return joined.encode().translate(_ASCII_FORMS).decode()
    lowered = joined.lower()  # a joiner ends a word as the end of a text does
    if len(lowered) != len(joined):
        return None
    for space, stand_in in zip(_SPACES, _STAND_INS, strict=True):  # a fiftieth of what a table of letters takes
        lowered = lowered.replace(space, stand_in)
    return lowered.replace(JOINER, "\n")


def value_of(term: str, prefix: str) -> str:
    """The value, in lower case, of a term that begins with a field and ``VALUE``."""
    return term[len(prefix) :].translate(_TO_SPACES)


def over_terms(regex: str) -> str | None:
    """An expression over values as one over terms; None where it can't be had by replacing white space."""
    if holds_stand_ins(regex) or ("[" in regex and _CONTROL.search(regex)):
        return None
    return regex.translate(_TO_STAND_INS)
