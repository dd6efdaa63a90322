"""Issuers that numbers carry in front: bank cards and vehicle makers."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CardNetwork(_Strict):
    """A range of leading digits and the card lengths issued under it."""

    first: str
    last: str
    lengths: list[int]

    def holds(self, number: str) -> bool:
        """Whether a card number is of this network."""
        return len(number) in self.lengths and self.first <= number[: len(self.first)] <= self.last


class IssuerPolicy(_Strict):
    """Leading digits of bank cards by length, of card networks, and makers of vehicles."""

    cards: dict[int, frozenset[str]]
    networks: list[CardNetwork]
    vehicle_makers: frozenset[str]


@cache
def load_issuers() -> IssuerPolicy:
    """The issuers shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/issuers.yml", IssuerPolicy)
