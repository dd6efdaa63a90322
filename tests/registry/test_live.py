"""The index over a real database: the sample city's flows, edits seen at once, scopes, lineage, levels."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from audit import Actor
from audit.authorship import ChangedBy
from registry import FlowQuestion, LiveRegistry, UnitScope
from registry.entries import AccountEntry, ResourceEntry, SystemEntry, UnitEntry
from registry.errors import ContradictionError
from registry.grants import GRANTS, GrantStep, move_grant
from registry.registers import (
    ACCOUNTS,
    CONSUMERS,
    RESOURCES,
    SYSTEMS,
    UNITS,
    Editor,
    FieldGrade,
    Register,
    note_uses,
    put,
    set_grades,
)
from registry.repository.listing import Paging, Search, every_entry, get_entry, list_entries
from store.records import RecordsDatabase

NOW = 1_795_000_000_000
BY = ChangedBy(Actor("user", "officer", "officer"), NOW)
EDITOR = Editor(BY, UnitScope.everything())


def test_the_calls_of_the_sample_city_join(city: RecordsDatabase, project: Path) -> None:
    index, found = LiveRegistry(city).current, Counter[tuple[str, str, str]]()
    for line in (project / "samples/city/gateway-access.ndjson").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        account, resource = index.account(call["app_id"]), index.api(call["method"], call["api_path"])
        assert account is not None
        assert resource is not None
        assert account is not index.account(call["account"])
        assert resource.id == call["resource"]
        assert index.unit_named(call["consumer_unit"]) == index.unit(account.consumer.unit_id)
        zone = index.zone(call["client_ip"])
        question = FlowQuestion(
            account, resource, NOW, call["fields"], call["purpose"], call["rows"], None, call["masked"], zone,
            call["grant_id"],
        )  # fmt: skip
        judgment = index.judge(question)
        found[
            call["app_id"], str(zone), ",".join(dict.fromkeys(each.status for each in judgment.findings)) or "valid"
        ] += 1
    beyond = {key: count for key, count in found.items() if key[2] != "valid"}
    night = {("app-ybj-ops", "internet", "region,fields_exceeded,volume_exceeded"), ("app-ybj-ops", "internet", "none")}
    assert set(beyond) == night
    assert sum(found.values()) == 916


def test_the_tables_of_the_sample_city_join(city: RecordsDatabase) -> None:
    index = LiveRegistry(city).current
    resident = index.table("population", "public", "RESIDENT")
    assert resident is not None
    assert resident.id == "table.population.resident"
    assert index.table(None, None, "insured_person") is index.table("population", None, "insured_person")
    assert index.table("nowhere", "public", "resident") is None
    system = index.system_of("10.20.4.32")
    assert system is not None
    assert (system.id, index.zone("10.20.4.32"), index.zone("10.99.1.1")) == ("sys-cases", "unit", "internal")
    assert index.account("portal_app", "sys-cases") is index.account("portal_app")


@pytest.mark.parametrize(
    ("account", "resource", "status"),
    [
        ("portal_app", "table.cases.applicant_contact", "valid"),
        ("ctr-wb03", "table.medical.insured", "none"),
        ("ctr-js01", "table.population.resident", "expired"),
        ("app-yj", "table.emergency.shelter", "revoked"),
        ("app-mz", "insight.family_hardship", "not_in_dedicated_list"),
    ],
)
def test_the_city_has_every_kind_of_holder(city: RecordsDatabase, account: str, resource: str, status: str) -> None:
    index = LiveRegistry(city).current
    question = FlowQuestion(index.account(account), index.resource(resource), NOW)
    assert index.judge(question).status.value == status


def test_an_edit_is_seen_at_the_next_refresh_and_not_before(city: RecordsDatabase) -> None:
    live = LiveRegistry(city)
    before = live.current
    assert live.refresh() is False
    with city.begin() as session:
        move_grant(session, "G-2026-0031", GrantStep.SUSPEND, EDITOR, "核查")
        moved = UNITS.find(session, "qx-bs")
        assert moved is not None
        put(session, UNITS, moved.model_copy(update={"name": "白石街道"}), EDITOR)
    assert live.current is before
    assert live.refresh() is True
    grant, unit = live.current.grant("G-2026-0031"), live.current.unit("qx-bs")
    assert grant is not None
    assert unit is not None
    assert (grant.state.value, unit.name) == ("suspended", "白石街道")
    assert live.current.catalog is before.catalog


def test_what_a_refresh_takes_over_is_what_a_fresh_load_reads(city: RecordsDatabase) -> None:
    live = LiveRegistry(city)
    with city.begin() as session:
        move_grant(session, "G-2026-0042", GrantStep.REVOKE, EDITOR, "x")
        set_grades(session, "medical.insured", "L4", {"diagnosis": FieldGrade("L4", ("health",))}, BY)
        entry = CONSUMERS.find(session, "con-gjj")
        assert entry is not None
        put(session, CONSUMERS, entry.model_copy(update={"unit_id": "lh-czj"}), EDITOR)
    live.refresh()
    fresh = LiveRegistry(city).current
    assert {each.id: each for each in live.current.grants} == {each.id: each for each in fresh.grants}
    assert live.current.catalog.resources == fresh.catalog.resources
    assert live.current.consumers == fresh.consumers
    assert live.current.catalog.resources["medical.insured"].grade == "L4"


def test_uses_of_accounts_are_kept_without_a_new_version(city: RecordsDatabase) -> None:
    live = LiveRegistry(city)
    with city.begin() as session:
        note_uses(session, {"app-gjj": 5000, "unknown": 1})
        note_uses(session, {"app-gjj": 4000})
    assert live.refresh() is False
    account = LiveRegistry(city).current.account("app-gjj")
    assert account is not None
    assert account.last_used_ms == 5000


@pytest.mark.parametrize(
    "register", [UNITS, SYSTEMS, RESOURCES, CONSUMERS, ACCOUNTS, GRANTS], ids=lambda each: each.kind
)
def test_an_empty_scope_shows_nothing_and_pages_are_whole(city: RecordsDatabase, register: Register[Any, Any]) -> None:
    with city.read() as session:
        assert list_entries(session, register, UnitScope(), Search(), Paging(500)) == []
        everything = [each.id for each in every_entry(session, register, UnitScope.everything())]
        assert len(everything) == len(set(everything)) > 10
        below = [each.id for each in every_entry(session, register, UnitScope.below(["bp"]))]
        assert below == everything


def test_a_moved_unit_takes_those_below_it_along(city: RecordsDatabase) -> None:
    with city.begin() as session:
        entry = UNITS.find(session, "qx")
        assert entry is not None
        put(session, UNITS, entry.model_copy(update={"parent_id": "bp"}), EDITOR)
        seen = [each.id for each in every_entry(session, UNITS, UnitScope.below(["lh"]))]
        assert not any(each.startswith("qx") for each in seen)
        assert get_entry(session, UNITS, UnitScope.below(["qx"]), "qx-bs-lq").name.startswith("柳桥村")
        with pytest.raises(ContradictionError, match="below"):
            put(session, UNITS, entry.model_copy(update={"parent_id": "qx-bs", "level": "township"}), EDITOR)


def test_lineage_never_goes_round(city: RecordsDatabase) -> None:
    with city.begin() as session:
        entry = RESOURCES.find(session, "table.civil.subsistence")
        assert entry is not None
        with pytest.raises(ContradictionError, match="circle"):
            put(session, RESOURCES, entry.model_copy(update={"parents": ["insight.family_hardship"]}), EDITOR)


def test_two_resources_are_not_one_call_or_table(city: RecordsDatabase) -> None:
    clash = {
        "id": "new",
        "name": "新",
        "kind": "接口",
        "provider_id": "lh",
        "method": "get",
        "path": "/share/v1/persons/{x}",
    }
    with city.begin() as session, pytest.raises(ContradictionError, match=r"population\.person"):
        put(session, RESOURCES, ResourceEntry.model_validate(clash), EDITOR)


_LEGAL = {"S1A3", "S2A3", "S3A3", "S3A2", "S3A1", "S1A2", "S2A2", "S2A1", "S1A1"}


@pytest.mark.parametrize("s", range(1, 4))
@pytest.mark.parametrize("a", range(1, 4))
@pytest.mark.parametrize("level", range(1, 4))
def test_s_and_a_make_the_level(s: int, a: int, level: int) -> None:
    values = {"id": "s", "name": "s", "operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
    given = values | {"level": level, "level_s": s, "level_a": str(a)}
    assert f"S{s}A{a}" in _LEGAL
    if level == max(s, a):
        assert SystemEntry.model_validate(given).level == level
    else:
        with pytest.raises(ValidationError, match=f"S{s}A{a} makes level {max(s, a)}"):
            SystemEntry.model_validate(given)


def test_a_pair_is_whole_and_gives_its_level() -> None:
    values = {"id": "s", "name": "s", "operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
    assert SystemEntry.model_validate(values | {"level_s": 2, "level_a": 3}).level == 3
    assert SystemEntry.model_validate(values).level is None
    with pytest.raises(ValidationError, match="belong together"):
        SystemEntry.model_validate(values | {"level": 3, "level_s": 3})


def test_a_unit_is_not_above_the_one_above_it(city: RecordsDatabase) -> None:
    with city.begin() as session, pytest.raises(ContradictionError, match="level"):
        put(session, UNITS, UnitEntry(id="x", name="x", level="省级", parent_id="qx"), EDITOR)


def test_a_name_that_several_systems_have_is_each_systems_own(city: RecordsDatabase) -> None:
    with city.begin() as session:
        for account, consumer in (("root", "con-portal"), ("root@sys-population", "con-exchange")):
            put(session, ACCOUNTS, AccountEntry(id=account, consumer_id=consumer), EDITOR)
    index = LiveRegistry(city).current
    named = [index.account("root", "sys-population"), index.account("root", "sys-cases"), index.account("root")]
    assert [each.consumer.id for each in named if each] == ["con-exchange", "con-portal", "con-portal"]
