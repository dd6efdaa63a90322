"""Kinds without check digits: words that are known, and the domain that a value at least has to be of."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from classification.identifiers import load_identifiers
from classification.identifiers.abroad import us_driving_license
from classification.identifiers.names import load_names
from classification.identifiers.places import load_addresses
from classification.identifiers.western_names import load_western_names
from classification.text.addresses import AddressFinder

_CHINESE = re.compile(r"[一-鿿]{2,4}")
_FOREIGN_NAME = re.compile(r"[一-鿿]{1,7}(?:[·•][一-鿿]{1,7}){1,3}")
_WORDS = re.compile(r"[A-Z][a-zà-öø-ÿA-Z'’.-]*(?:,? [A-Z][a-zà-öø-ÿA-Z'’.-]*){1,3}")
_WORD = re.compile(r"[A-Z][A-Za-zà-öø-ÿ'’-]{0,20}|[一-鿿]{1,2}")
_AGE = re.compile(
    r"(?:1[0-4]|[0-9])?[0-9]"
    r"(?: ?(?:-|–|~|to|至|到) ?[0-9]{1,3}|\+| ?岁| ?(?:and|&) (?:older|over|under)| ?(?:岁|周岁)?(?:及|以)[^0-9]{1,3})?"
)
_DEGREES = re.compile(r"-?(?:1[0-7]|[0-9])?[0-9]\.[0-9]{2,15}")
_PASSWORD = re.compile(r"(?=.*[A-Za-z])[!-~]{6,128}")
_STREET = re.compile(
    r"[0-9]+(?:st|nd|rd|th)? .*[A-Za-z]|.*\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|drive)\b",
    re.IGNORECASE,
)
_CHINESE_PLACE = re.compile(r"[一-鿿].*(?:[省市区县镇乡村路街道巷弄号]|小区|大厦|广场)")
_COMPANY = re.compile(
    r".*\b(?:inc|llc|ltd|limited|corp|corporation|company|co|gmbh|plc|group|association|foundation)\b\.?", re.IGNORECASE
)
_LICENSE = re.compile(r"[A-Z]{0,3}[0-9]{3,14}[A-Z0-9]{0,4}")
_SSN_DIGITS = 9
_GENDER_CODES = frozenset("0129")
_SHORTEST_ADDRESS = 5
_ADDRESS_SHARE = 0.5
_SURE_ADDRESS = 0.75

Words = Callable[[str], bool]


def is_person_name(cell: str) -> bool:
    """Whether a whole cell reads as a person's full name."""
    if cell.isascii() and " " not in cell:
        return False
    if _CHINESE.fullmatch(cell):
        return load_names().score(cell) >= load_names().alone
    if _FOREIGN_NAME.fullmatch(cell):
        return True
    if not _WORDS.fullmatch(cell):
        return False
    return not load_western_names().given.isdisjoint(word.capitalize() for word in re.split("[ ,]+", cell))


@cache
def _addresses() -> AddressFinder:
    return AddressFinder()


def is_address(cell: str) -> bool:
    """Whether a cell begins with a place that is known, and goes on to a road, a village or a number."""
    if len(cell) < _SHORTEST_ADDRESS or cell.isascii():
        return False
    for hit in _addresses().find(cell, [0], []):
        return (
            hit.confidence >= _SURE_ADDRESS
            and hit.end - hit.start >= _ADDRESS_SHARE * len(cell)
            and hit.end - hit.start >= _SHORTEST_ADDRESS
        )
    return False


@cache
def _company_endings() -> tuple[str, ...]:
    endings = load_addresses().organizations
    return (*endings.sure, *endings.placed)


def is_company_name(cell: str) -> bool:
    """Whether a cell ends as organizations' names do."""
    return (cell.endswith(_company_endings()) and len(cell) > _SHORTEST_ADDRESS - 1) or _COMPANY.fullmatch(
        cell
    ) is not None


def is_gender(cell: str) -> bool:
    """Whether a cell is a word for a gender that means nothing else."""
    return cell.lower() in {"男", "女", "男性", "女性", "male", "female"}


_DICTIONARIES: dict[str, Words] = {
    "person_name": is_person_name,
    "address": is_address,
    "company_name": is_company_name,
    "gender": is_gender,
}
"""Kinds whose values are known by words; a hit speaks by itself."""

_NOTHING: frozenset[str] = frozenset()
_DIGITS = frozenset("0123456789")
"""What nothing that is known and plain ASCII ends with."""
_LAST_OF_WORDS = frozenset("cdehnopyCDEHNOPY.")
"""What the single words without a blank end with that are known and plain ASCII: ``female``, ``Group.``."""


def known_words(cell: str) -> frozenset[str]:
    """The categories that a cell is a known word for."""
    last = cell[-1]
    if cell.isascii() and (last in _DIGITS or (last not in _LAST_OF_WORDS and " " not in cell)):
        return _NOTHING
    return frozenset([category for category, is_known in _DICTIONARIES.items() if is_known(cell)])


@cache
def _gender_words() -> frozenset[str]:
    return frozenset(load_identifiers().identifiers["gender"].values) | _GENDER_CODES


DOMAINS: dict[str, Words] = {
    "person_name": lambda cell: bool(
        _CHINESE.fullmatch(cell) or _WORDS.fullmatch(cell) or _FOREIGN_NAME.fullmatch(cell)
    ),
    "partial_name": lambda cell: _WORD.fullmatch(cell) is not None,
    "address": lambda cell: bool(_STREET.match(cell) or _CHINESE_PLACE.match(cell)),
    "company_name": lambda cell: not cell.isdecimal() and len(cell) > 1 and not cell[:1].isdigit(),
    "gender": lambda cell: cell.lower() in _gender_words(),
    "age": lambda cell: _AGE.fullmatch(cell) is not None,
    "coordinates": lambda cell: _DEGREES.fullmatch(cell) is not None,
    "us_driving_license": lambda cell: _LICENSE.fullmatch(cell) is not None and us_driving_license(cell),
    "us_social_security_number": lambda cell: len(cell) == _SSN_DIGITS and cell.isdecimal(),
    "secret_key": lambda cell: _PASSWORD.fullmatch(cell) is not None,
}
"""What a value at least has to look like where the column's name says the kind; by itself it says nothing."""
