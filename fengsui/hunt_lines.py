"""What a hunt tells: one line a match, an episode of a correlation, an indicator seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from detection import Match
from detection.correlation import CorrelationMatch, as_event
from detection.intelligence import Sighting, load_intelligence_policy, rule_id_of
from events import Event

Line: TypeAlias = Mapping[str, object]


def match_line(match: Match, file: str) -> Line:
    """A rule and the event that it matched."""
    return _line(match, file, match.event)


def episode_line(match: CorrelationMatch, file: str) -> Line:
    """A correlation and what it found."""
    return _line(match, file, as_event(match))


def sighting_line(sighting: Sighting, file: str) -> Line:
    """An indicator in an event: as a rule of its type, with what the event has of it (ECS 9, "threat")."""
    policy = load_intelligence_policy()
    confidence = max(said.confidence for said in sighting.statements)
    found: Event = {
        **sighting.event,
        "threat.indicator.name": sighting.value,
        "threat.indicator.provider": [said.source for said in sighting.statements],
    }
    return {
        "rule": {
            "id": rule_id_of(sighting.type),
            "title": policy.types[sighting.type].title,
            "level": policy.level_of(confidence),
        },
        "time": str(sighting.event["@timestamp"]),
        "file": file,
        "event": found,
    }


def _line(match: Match | CorrelationMatch, file: str, event: Event) -> Line:
    rule = match.rule
    return {
        "rule": {"id": rule.id, "title": rule.title, "level": rule.level},
        "time": str(event["@timestamp"]),
        "file": file,
        "event": event,
    }
