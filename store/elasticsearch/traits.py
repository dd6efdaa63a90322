"""What a value needs beside its place in the document: a number's or an address's term, another form.

Most values are plain and come again and again, so that what was found out about a short one is kept for a while.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from events import FieldType
from store.elasticsearch.columns import address_digits, number_digits
from store.query.values import MAX_WORD_BYTES, NUMBER, address_number, keyword, typed_form, words

NEVER_CUT = 8_000
"""Characters that are fewer than the longest term's bytes in any script."""
SHORT = 64
"""Characters up to which what was found out about a text is kept."""
_MOST_KEPT = 65_536
_NUMERIC = frozenset("0123456789+-.")
_ADDRESS = re.compile(r"(?=[0-9a-fA-F]{0,4}[.:])[0-9a-fA-F:.]{2,45}(?:%.{0,80})?", re.DOTALL)
"""What may be one: a part of four digits at most, a dot or a colon, and so on; parsing what is none takes long."""
_LOWERED_OTHERWISE = "\u0130", "\u03a3"
"""Characters whose lower case Python and Lucene write differently."""
_FEWEST = MAX_WORD_BYTES // 4
_LONG_WORD = re.compile(rf"(?<![^\W_])[^\W_]{{{_FEWEST}}}")
"""What may be a word whose bytes, other than its characters, are too many to be searched."""
_PART = _FEWEST // 2
"""Of the parts of a text that are looked at one by one: so long a word fills one whole."""
_NO_WORD = "x" * MAX_WORD_BYTES
"""What the analyzer leaves out, keeping its place."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is not plain about a value.

    Attributes:
        number: what a range compares, where it is a number.
        address: what a network compares, where it is an address.
        form: the form in which the engine must get it to index what queries compare; None where it may stay.
    """

    number: str | None
    address: str | None
    form: str | None


def traits_of(text: str) -> Traits | None:
    """What is not plain about a value, None where all is."""
    if len(text) <= SHORT:
        return _short_traits(text)
    if text[0] not in _NUMERIC and text.isascii() and len(text) < NEVER_CUT:
        return None if _ADDRESS.fullmatch(text) is None else _traits(text)
    return _traits(text)


def _traits(text: str) -> Traits | None:
    number = number_digits(float(text)) if text[:1] in _NUMERIC and text and NUMBER.fullmatch(text) else None
    address = address_of(text)
    is_plain = len(text) < NEVER_CUT and is_lowered_alike(text)
    if is_plain and number is None and address is None:
        return None
    return Traits(number, address, None if is_plain else keyword(text))


_short_traits = lru_cache(maxsize=_MOST_KEPT)(_traits)
_plain: set[str] = set()


def with_traits(names: Iterable[str], texts: Iterable[str]) -> list[tuple[str, Traits]]:
    """The fields whose text is not plain, each with what is not; ``texts`` are those of the fields ``names``."""
    found = []
    for name, text in [field for field in zip(names, texts, strict=True) if field[1] not in _plain]:
        if (traits := traits_of(text)) is not None:
            found.append((name, traits))
        elif len(text) <= SHORT:
            _keep_plain(text)
    return found


def _keep_plain(text: str) -> None:
    if len(_plain) >= _MOST_KEPT:
        _plain.clear()
    _plain.add(text)


def address_of(text: str) -> str | None:
    """What a network compares of an address, None where a text is none."""
    if _ADDRESS.fullmatch(text) is None or (address := typed_form(FieldType.IP, text)) is None:
        return None
    return address_digits(address_number(str(address)))


def is_lowered_alike(text: str) -> bool:
    """Whether the engine writes a text in lower case as Python does."""
    return text.isascii() or not any(char in text for char in _LOWERED_OTHERWISE)


def searchable_text(text: str) -> str | None:
    """The form in which the engine finds in a text the words that queries ask for; None where it may stay."""
    if text.isascii():
        return None
    if is_lowered_alike(text) and not (_may_have_long_word(text) and _LONG_WORD.search(text)):
        return None
    return " ".join(word if len(word.encode()) < MAX_WORD_BYTES else _NO_WORD for word in words(text))


def _may_have_long_word(text: str) -> bool:
    """Whether so long a word can't be ruled out by a look at the text part by part."""
    return any(text[start : start + _PART].isalnum() for start in range(0, len(text) - _PART + 1, _PART))
