"""Finds and loads the grading schemes."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from classification.grading.errors import UnknownSchemeError
from classification.grading.scheme import Scheme
from policies import load_policy, policy_path

_FOLDER = "classification/grading"


class GradingPolicy(BaseModel):
    """Which scheme counts (``policies/classification/grading.yml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: str


@cache
def scheme_names() -> tuple[str, ...]:
    """The names of the schemes there are, in order."""
    return tuple(sorted(path.stem for path in policy_path(_FOLDER).glob("*.yml")))


@cache
def load_scheme(name: str) -> Scheme:
    """The scheme of a name.

    Raises:
        UnknownSchemeError: there is none of this name.
        PolicyError: its file is not what the schema says.
    """
    if name not in scheme_names():
        raise UnknownSchemeError(f"There is no grading scheme {name[:64]!r}; choose one of {', '.join(scheme_names())}")
    return load_policy(f"{_FOLDER}/{name}.yml", Scheme).model_copy(update={"name": name})


@cache
def default_scheme() -> Scheme:
    """The scheme that counts where none is named.

    Raises:
        UnknownSchemeError: the policy names one that does not exist.
        PolicyError: a file is not what its schema says.
    """
    return load_scheme(load_policy("classification/grading.yml", GradingPolicy).scheme)
