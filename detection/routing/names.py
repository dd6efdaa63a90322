"""Where a Sigma field name is found in the events of a profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from detection.routing.policy import FieldProfile, Source


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one family of events: a profile with the logsource's service put in its prefixes.

    Two logsources with equal vocabularies share everything that is compiled for one.
    """

    name: str
    prefixes: tuple[str, ...]
    profile: FieldProfile = field(compare=False, hash=False)

    def candidates(self, sigma_name: str, rename: Mapping[str, str]) -> tuple[str, ...]:
        """The event fields to look at for a Sigma name; the first that the event has is meant."""
        names = [*_own(self.prefixes, rename[sigma_name])] if sigma_name in rename else []
        names += _own(self.prefixes, sigma_name)
        names += self.profile.names.get(sigma_name, [])
        names.append(sigma_name)
        names += self.profile.ecs.get(sigma_name, [])
        return tuple(dict.fromkeys(names))

    def keyword_fields(self, event_names: Iterable[str]) -> list[str]:
        """Those of an event's fields in which unbound values of rules are looked for."""
        names = frozenset(self.profile.keywords)
        beginnings = tuple(name[:-1] for name in names if name.endswith("*"))
        return [name for name in event_names if name in names or name.startswith(beginnings)]


def vocabulary_of(source: Source, profiles: Mapping[str, FieldProfile]) -> Vocabulary:
    """The vocabulary that the rules of a logsource speak."""
    profile = profiles[source.fields]
    service = source.service or ""
    return Vocabulary(source.fields, tuple(each.replace("{service}", service) for each in profile.prefixes), profile)


def _own(prefixes: Sequence[str], name: str) -> list[str]:
    return [f"{prefix}{name}" for prefix in prefixes]
