"""A rule's state follows its status until people switch it; its versions are kept whenever its content changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit import Actor, AuditRecord
from detection import load_rules
from detection.authorship import ChangedBy
from detection.lifecycle import (
    RuleState,
    RuleSwitchError,
    count_changes,
    latest_versions,
    lifecycle_policy,
    note_versions,
    state_changes,
    state_of,
    states_of,
    switch,
    switched_states,
    versions_of,
)
from store.records import RecordsDatabase

RULE = """
title: {title}
id: r1
status: experimental
logsource: {{product: linux}}
detection: {{s: {{a: x}}, condition: s}}
"""


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _by(name: str = "lin") -> ChangedBy:
    return ChangedBy(Actor("user", name, name), 1_000)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("stable", RuleState.ON),
        ("test", RuleState.ON),
        ("Experimental", RuleState.TEST),
        ("deprecated", RuleState.RETIRED),
        ("unsupported", RuleState.RETIRED),
        (None, RuleState.ON),
        ("no such status", RuleState.ON),
    ],
)
def test_the_status_gives_the_state(status: str | None, state: RuleState) -> None:
    assert lifecycle_policy().state(status) is state
    assert state_of("r1", status, {}) is state
    assert state_of("r1", status, {"r1": RuleState.DRAFT}) is RuleState.DRAFT


def test_the_latest_switch_counts_and_each_is_kept(records: RecordsDatabase, tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(RULE.format(title="One"), encoding="utf-8")
    rules = load_rules([tmp_path / "rule.yml"]).rules
    with records.begin() as session:
        with pytest.raises(RuleSwitchError, match="already"):
            switch(session, ("r1", "experimental"), RuleState.TEST, "why", _by())
        with pytest.raises(RuleSwitchError, match="reason"):
            switch(session, ("r1", "experimental"), RuleState.ON, " ", _by())
        assert count_changes(session) == 0
        switch(session, ("r1", "experimental"), RuleState.ON, "it proved itself", _by())
        switch(session, ("r1", "experimental"), RuleState.RETIRED, "superseded", _by("chen"))
    with records.read() as session:
        assert states_of(rules, switched_states(session)) == {"r1": RuleState.RETIRED}
        changes = [(each.from_state, each.to_state, each.actor) for each in state_changes(session, "r1")]
        assert count_changes(session) == 2
        actions = [each.action for each in session.query(AuditRecord)]
    assert changes == [("test", "on", "lin"), ("on", "retired", "chen")]
    assert actions == ["rule:switch", "rule:switch"]


def test_a_version_is_noted_whenever_the_content_is_new(records: RecordsDatabase, tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"

    def load(title: str, now: int) -> list[str]:
        path.write_text(RULE.format(title=title), encoding="utf-8")
        with records.begin() as session:
            return note_versions(session, load_rules([path]).rules, now)

    assert [load("One", 1), load("One", 2), load("Two", 3), load("One", 4), load("One", 5)] == [
        ["r1"],
        [],
        ["r1"],
        ["r1"],
        [],
    ]
    with records.read() as session:
        versions = versions_of(session, "r1")
        assert latest_versions(session)["r1"].seen == 4
    assert [(each.title, each.seen) for each in versions] == [("One", 1), ("Two", 3), ("One", 4)]
    assert versions[0].version == versions[2].version != versions[1].version
    assert versions[0].path == str(path)


def test_the_histories_refuse_change(records: RecordsDatabase, tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    path.write_text(RULE.format(title="One"), encoding="utf-8")
    with records.begin() as session:
        note_versions(session, load_rules([path]).rules, 1)
        switch(session, ("r1", None), RuleState.DRAFT, "why", _by())
    for statement in (
        "UPDATE rule_versions SET rule_id = 'x'",
        "DELETE FROM rule_versions",
        "UPDATE rule_state_changes SET rule_id = 'x'",
        "DELETE FROM rule_state_changes",
    ):
        with pytest.raises(DBAPIError, match="append-only"), records.begin() as session:
            session.execute(text(statement))
