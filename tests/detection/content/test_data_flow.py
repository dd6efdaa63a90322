"""The policy rules over data flows: each finds its violations and not what comes close, and nothing else in a month."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
import yaml

from benchmarks.flow_month.month import Planted, month
from benchmarks.flow_month.records import CONTRACTOR, PORTAL, Written, call
from benchmarks.flow_month.run import run
from benchmarks.flow_month.violations import GJJ, VIOLATIONS, said
from benchmarks.flow_month.world import MONTH, world
from classification.masking import Fingerprints
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import RecordBatch
from detection import Matcher, RuleSet, load_rules
from detection.correlation import Correlator, for_whole_input, load_correlation_policy
from events import Event
from fengsui.flows import enricher_of
from registry import RegistryIndex

_FOLDER = Path(__file__).resolve().parents[3] / "detection" / "content" / "data_flow"
_FEEDING = {"flow_counted_under_grant"}
_OTHERWISE = {"flow_clock_not_plausible", "flow_contractor_unreadable_statement"}
_DAY = MONTH + timedelta(days=12)
_ACCOUNTABLE = {"provider", "consumer", "operator"}


@cache
def registry() -> RegistryIndex:
    return world()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([_FOLDER])


def enriched(written: list[Written]) -> list[Event]:
    records = [Planted(each, None).record(place) for place, each in enumerate(written)]
    events = normalize(RecordBatch("t", "t", records, []), SourceContext("t", "t")).events
    enricher_of(registry, Fingerprints(b"k" * 32)).enrich(events)
    return events


def found(rules: RuleSet, events: list[Event]) -> set[str]:
    correlator = Correlator(rules, for_whole_input(load_correlation_policy()))
    matches = Matcher(rules).match(events)
    correlator.observe(matches)
    return {match.rule.path.stem for match in [*matches, *correlator.finish()]}


@pytest.mark.parametrize("kind", VIOLATIONS)
def test_rule_finds_its_violation_and_not_what_comes_close(kind: str, rules: RuleSet) -> None:
    violation = VIOLATIONS[kind]
    assert violation.rule in found(rules, enriched(violation.make(Random(kind), _DAY)))
    near = enriched(violation.near_miss(Random(kind), _DAY))
    assert near
    assert violation.rule not in found(rules, near)


def test_an_implausible_clock_is_told_and_its_grant_not_judged(rules: RuleSet) -> None:
    [event] = enriched([call(Random(1), MONTH.replace(year=2055), GJJ)])
    assert event["fengsui.grant.status"] == "undetermined"
    assert "flow_clock_not_plausible" in found(rules, [event])
    assert "flow_clock_not_plausible" not in found(rules, enriched([call(Random(1), _DAY, GJJ)]))


def test_a_statement_that_cant_be_read_is_told_of_contractors(rules: RuleSet) -> None:
    rule = "flow_contractor_unreadable_statement"
    assert rule in found(rules, enriched(said(CONTRACTOR, "CALL collect_all()")(Random(1), _DAY)))
    assert rule not in found(rules, enriched(said(PORTAL, "CALL collect_all()")(Random(1), _DAY)))
    assert rule not in found(rules, enriched(said(CONTRACTOR, "SELECT insured_status FROM insured")(Random(1), _DAY)))


_NOTHING_TO_STOP = {
    "flow_clock_not_plausible",
    "flow_contractor_unreadable_statement",
    "flow_counted_under_grant",
    "flow_unknown_consumer",
}
"""Rules for which no playbook is suggested: what they tell of has no registered consumer, or moved nothing known."""


def test_every_rule_is_tested_and_says_what_it_serves_and_who_answers() -> None:
    paths = sorted(_FOLDER.glob("*.yml"))
    assert {path.stem for path in paths} == {each.rule for each in VIOLATIONS.values()} | _FEEDING | _OTHERWISE
    for path in paths:
        section = yaml.safe_load(path.read_text(encoding="utf-8"))["fengsui"]
        assert section["requirement"], path
        assert section["accountable"] in _ACCOUNTABLE, path
        assert (section["playbook"] == "none") == (path.stem in _NOTHING_TO_STOP), path


def test_a_month_holds_no_violation_that_is_missed_and_no_alarm_that_is_false() -> None:
    outcome = run(month(7, 1_500, 1), registry(), load_rules([_FOLDER.parent]))
    assert outcome.missed == []
    assert outcome.false_alarms == []
    assert outcome.planted == len(VIOLATIONS) >= 25
