"""Matched events and clocks travel unchanged; a rule's memory has one place, whoever looks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.transport import EnvelopeError
from detection import Match, load_rules
from fengsui.stateful.messages import MatchedEvent, decode, encode_clocks, encode_matches
from fengsui.stateful.places import Places
from tests.fengsui.stateful.rules import RULES

_VALUES = st.text() | st.integers(-(2**70), 2**70) | st.booleans() | st.lists(st.text(), max_size=3)
_EVENTS = st.builds(
    lambda number, fields: {**fields, "event.id": f"{number:032x}", "@timestamp": "2026-01-01T00:00:00.000Z"},
    st.integers(0, 2**64),
    st.dictionaries(st.text(min_size=1), _VALUES, max_size=4),
)
_MATCHED = st.builds(MatchedEvent, _EVENTS, st.frozensets(st.text(min_size=1), min_size=1, max_size=3))


@given(st.lists(_MATCHED, min_size=1, max_size=8))
def test_matched_events_arrive_as_they_were_sent(matched: list[MatchedEvent]) -> None:
    assert [each for message in encode_matches(matched) for each in decode(message).matched] == matched


@given(st.dictionaries(st.integers(0, 99), st.integers(0, 2**50), min_size=1))
def test_clocks_arrive_as_they_were_told(clocks: dict[int, int]) -> None:
    assert decode(encode_clocks(clocks)).clocks == clocks


@given(st.binary(max_size=40))
def test_noise_is_told(noise: bytes) -> None:
    with pytest.raises(EnvelopeError):
        assert decode(noise).clocks is None


def test_many_events_go_in_parts() -> None:
    event = {"event.id": "1", "@timestamp": "2026-01-01T00:00:00.000Z", "message": "x" * 3_000}
    matched = [MatchedEvent({**event, "event.id": str(number)}, frozenset("r")) for number in range(1_200)]
    parts = list(encode_matches(matched))
    assert len(parts) > 3
    assert [each for part in parts for each in decode(part).matched] == matched


def test_matches_go_where_their_rules_are_remembered(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    rules = load_rules([tmp_path / "rules.yml"])
    assert rules.unsupported == []
    found = {rule.id: Match(rule, {}, None) for rule in rules.rules}  # type: ignore[arg-type]  # (the frame is not asked)
    few, many = Places(rules, 1), Places(rules, 500)
    assert {rule_id: few.of(match) for rule_id, match in found.items()} == {
        "sign-in": {0},
        "threshold": {0},
        "new-pair": {0},
    }
    places = {rule_id: many.of(match) for rule_id, match in found.items()}
    assert {rule_id: len(place) for rule_id, place in places.items()} == {"sign-in": 2, "threshold": 1, "new-pair": 1}
    assert len(set.union(*places.values())) == 4
    assert places == {rule_id: Places(rules, 500).of(match) for rule_id, match in found.items()}
    assert [rule_id for rule_id, match in found.items() if many.alerts_at_once(match)] == ["sign-in"]
