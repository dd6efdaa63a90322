"""Given names common in Western tables."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from policies import load_policy


class WesternNamePolicy(BaseModel):
    """Names as they are written, with a capital."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: frozenset[str]


@cache
def load_western_names() -> WesternNamePolicy:
    """The names shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/western_names.yml", WesternNamePolicy)
