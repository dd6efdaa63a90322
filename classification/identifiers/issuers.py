"""Issuers that numbers carry in front: bank cards and vehicle makers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

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
        """Whether a card number of one of its lengths is of this network."""
        return self.first <= number[: len(self.first)] <= self.last


class IssuerPolicy(_Strict):
    """Leading digits of bank cards by length, of card networks, and makers of vehicles."""

    cards: dict[int, frozenset[str]]
    networks: list[CardNetwork]
    vehicle_makers: frozenset[str]

    @cached_property
    def _networks_by_length(self) -> Mapping[int, list[CardNetwork]]:
        lengths = {length for network in self.networks for length in network.lengths}
        return {length: [n for n in self.networks if length in n.lengths] for length in lengths}

    def has_network(self, number: str) -> bool:
        """Whether some network issues cards of this length that begin like this."""
        return any(network.holds(number) for network in self._networks_by_length.get(len(number), ()))


@cache
def load_issuers() -> IssuerPolicy:
    """The issuers shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/issuers.yml", IssuerPolicy)
