"""The shape of the identifiers policy (``policies/classification/identifiers.yml``)."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from policies import load_policy

ColumnType = Literal["text", "integer", "decimal", "date", "boolean"]
EvidenceKind = Literal["checksum", "pattern", "dictionary", "context", "name", "hint", "comment", "sibling", "type"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Strict):
    """What people read."""

    zh: str
    en: str


class Pattern(_Strict):
    """One way in which an identifier is written.

    Attributes:
        shape: regular expression of the candidates, over UTF-8 bytes; no character class holds anything but ASCII.
        anchor: cheaper expression that every match of ``shape`` holds; "" where ``shape`` is cheap itself.
        reach: at most so many bytes of ``shape`` stand before its anchor.
        check: name of the strictest test.
        chance: probability that a random string of this shape passes the test.
        digit: probability that its check digit alone is passed; 0 where a series can't share the rest.
        alone: a hit in running text counts without a context word.
        boundary: what may not stand beside a hit.
    """

    shape: str
    anchor: str = ""
    reach: int = Field(default=0, ge=0)
    check: str
    chance: float = Field(gt=0, lt=1)
    digit: float = Field(default=0, ge=0, lt=1)
    alone: bool = False
    boundary: Literal["alnum", "address", "octets", "groups", "none"] = "alnum"

    @field_validator("shape", "anchor")
    @classmethod
    def _compiles(cls, value: str) -> str:
        if any(not member.isascii() for member in re.findall(r"\[[^\]]*\]", value)):
            raise ValueError(f"{value}: write (?:甲|乙) in place of [甲乙]; patterns are matched on UTF-8 bytes")
        if re.search(r"[^\x00-\x7f][?*+{]", value):
            raise ValueError(
                f"{value}: put a character beyond ASCII into (?:…) before repeating it, since it is several bytes"
            )
        re.compile(value)
        return value

    def __hash__(self) -> int:
        """As equal patterns have it, without going through every field."""
        return hash((self.shape, self.check))


class ColumnWords(_Strict):
    """Words in a column's name: they say the identifier, speak for it, or say something else."""

    names: list[str] = []
    hints: list[str] = []
    other: list[str] = Field(default=[], alias="not")


class ColumnPolicy(_Strict):
    """How columns are judged; the policy file says what each figure means."""

    support: float = Field(ge=0, le=1)
    sparse: int = Field(ge=0)
    dictionary_share: float = Field(gt=0, le=1)
    doubted: float = Field(ge=0, le=1)
    dense: float = Field(gt=0, le=1)
    version_octet: int
    above_digit: float
    distinct: int = Field(gt=0)


class Identifier(_Strict):
    """One kind of sensitive value: how it looks, what proves it, and the words around it."""

    label: Label
    personal: bool = False
    types: list[ColumnType] = ["text"]
    patterns: list[Pattern] = []
    context: list[str] = []
    against: list[str] = []
    values: list[str] = []
    columns: ColumnWords = ColumnWords()


class IdentifierPolicy(_Strict):
    """Every identifier by its stable id, in order of precedence, and what evidence is worth."""

    weights: dict[EvidenceKind, float]
    floor: float = Field(gt=0, lt=1)
    context_reach: int = Field(gt=0)
    columns: ColumnPolicy
    identifiers: dict[str, Identifier]


@cache
def load_identifiers() -> IdentifierPolicy:
    """The identifiers shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/identifiers.yml", IdentifierPolicy)
