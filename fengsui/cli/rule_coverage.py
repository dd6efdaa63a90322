"""``rules coverage``: which ATT&CK techniques the rules cover, by telemetry that was seen."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import orjson
import typer

from detection import Rule, load_rules
from detection.correlation import CorrelationRule
from detection.coverage import (
    Coverage,
    CoverageState,
    TechniqueCoverage,
    load_coverage_policy,
    measure_coverage,
    navigator_layer,
)
from detection.lifecycle import RuleState, states_of, switched_states
from detection.rules import default_reading_cache
from events import format_timestamp, now_ms
from fengsui.cli.options import DataDir
from fengsui.event_store import open_store
from fengsui.output import say, write_lines
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.settings import load_settings

RuleFolders = Annotated[
    list[Path] | None, typer.Option("--rules", help="Rules; those in force by default.", exists=True)
]
LayerFile = Annotated[Path | None, typer.Option("--navigator", help="Write an ATT&CK Navigator layer here.")]


def coverage(rules: RuleFolders = None, navigator: LayerFile = None, data_dir: DataDir = None) -> None:
    """Tell of each technique that a rule names whether a rule is on and its telemetry is seen: one line each."""
    settings = load_settings(data_dir=data_dir)
    rule_set = load_rules(rules or settings.detection.rules, cache=default_reading_cache())
    loaded: list[Rule | CorrelationRule] = [*rule_set.rules, *rule_set.correlations]
    prepare_data_dir(settings)
    with (
        closing(open_records(settings)) as records,
        closing(open_store(settings)) as store,
        records.read() as session,
    ):
        states = states_of(loaded, switched_states(session))
        on = {rule_id for rule_id, state in states.items() if state is RuleState.ON}
        found = measure_coverage(session, store, loaded, on, now_ms())
    write_lines(_line(technique) for technique in found.techniques)
    if navigator:
        layer = navigator_layer(found, load_coverage_policy())
        navigator.write_bytes(orjson.dumps(layer, option=orjson.OPT_INDENT_2))
    say(_summary(found))


def _line(technique: TechniqueCoverage) -> dict[str, object]:
    return {
        "technique": technique.technique_id,
        "tactics": technique.tactics,
        "state": technique.state,
        "last_fired": _moment(technique.last_fired_ms),
        "rules": [
            {
                "id": rule.rule_id,
                "title": rule.title,
                "level": rule.level,
                "on": rule.on,
                "events": rule.events,
                "last_fired": _moment(rule.last_fired_ms),
            }
            for rule in technique.rules
        ],
    }


def _moment(moment_ms: int | None) -> str | None:
    return None if moment_ms is None else format_timestamp(moment_ms)


def _summary(found: Coverage) -> str:
    seen, blind, none = (found.count(state) for state in CoverageState)
    days = load_coverage_policy().telemetry_days
    return (
        f"{len(found.techniques)} techniques: {seen} covered with telemetry of the last {days} days, "
        f"{blind} with a rule but no telemetry, {none} without a rule that is on"
    )
