"""The shape of the routing policy: which events a logsource means, and how its field names are found."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(_Strict):
    """One kind of event a logsource means: accepted values by field, and the source's own names for Sigma's."""

    where: dict[str, list[str]] = Field(min_length=1)
    rename: dict[str, str] = Field(default_factory=dict)


class Source(_Strict):
    """A logsource with its routes; at least one of product, category and service is set."""

    product: str | None = None
    category: str | None = None
    service: str | None = None
    fields: str
    routes: list[Route] = Field(min_length=1)


class LogSourcePolicy(_Strict):
    """``policies/detection/logsources.yml``."""

    definitions: dict[str, list[str]] = Field(default_factory=dict)
    sources: list[Source]


class FieldProfile(_Strict):
    """How names are found in one family of events, in this order: prefixes, names, as it stands, ECS."""

    prefixes: list[str] = Field(default_factory=list)
    names: dict[str, list[str]] = Field(default_factory=dict)
    ecs: dict[str, list[str]] = Field(default_factory=dict)
    keywords: list[str] = Field(default_factory=list)


class FieldPolicy(_Strict):
    """``policies/detection/fields.yml``."""

    definitions: dict[str, object] = Field(default_factory=dict)
    profiles: dict[str, FieldProfile]


class RoutingPolicy(_Strict):
    """Both files together; every source's profile is known."""

    sources: list[Source]
    profiles: dict[str, FieldProfile]

    @model_validator(mode="after")
    def _profiles_are_known(self) -> RoutingPolicy:
        for source in self.sources:
            if source.fields not in self.profiles:
                raise ValueError(f"fields.yml has no profile '{source.fields}', which logsources.yml names")
        return self


@cache
def load_routing_policy() -> RoutingPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: a file is missing or not what the schema says.
    """
    sources = load_policy("detection/logsources.yml", LogSourcePolicy).sources
    profiles = load_policy("detection/fields.yml", FieldPolicy).profiles
    return RoutingPolicy(sources=sources, profiles=profiles)
