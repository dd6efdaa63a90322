"""The judgment of a flow, against an oracle that knows nothing but a list of grants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import (
    Account,
    AccountState,
    Consumer,
    ConsumerKind,
    Field,
    FlowQuestion,
    Grant,
    GrantState,
    GrantStatus,
    RegistryIndex,
    Resource,
    ResourceKind,
    Sharing,
    Unit,
    UnitLevel,
    sharing_policy,
    zone_policy,
)
from registry.comparison import comparable
from registry.index.catalog import Catalog
from registry.index.grants import GrantTable
from registry.index.organization import Organization
from registry.index.snapshot import Consumers

_UNITS = [
    Unit("city", "岚湖市", UnitLevel.CITY, None, "/city/"),
    Unit("police", "公安局", UnitLevel.CITY, "city", "/city/police/"),
    Unit("housing", "公积金中心", UnitLevel.CITY, "city", "/city/housing/"),
    Unit("branch", "公积金中心分部", UnitLevel.COUNTY, "housing", "/city/housing/branch/"),
]
_CONSUMERS = [
    Consumer("app", "系统", ConsumerKind.APPLICATION, "housing"),
    Consumer("unit", "单位", ConsumerKind.UNIT, "housing"),
    Consumer("contractor", "维保", ConsumerKind.CONTRACTOR, "housing", contract_end_ms=900),
    Consumer("branch-app", "分部系统", ConsumerKind.APPLICATION, "branch"),
    Consumer("police-app", "公安系统", ConsumerKind.APPLICATION, "police"),
]
_RESOURCES = [
    Resource("open", "公开", ResourceKind.TABLE, "police", sharing=Sharing.UNCONDITIONAL),
    Resource("asked", "有条件", ResourceKind.TABLE, "police", fields={"name": Field(), "id": Field()}),
    Resource("closed", "不予", ResourceKind.TABLE, "police", sharing=Sharing.NONE),
    Resource("listed", "专用", ResourceKind.TABLE, "police", dedicated=frozenset({"housing"})),
    Resource("derived-open", "衍生", ResourceKind.API, "housing", sharing=Sharing.UNCONDITIONAL, parents=("asked",)),
    Resource("derived-closed", "衍生", ResourceKind.API, "city", sharing=Sharing.UNCONDITIONAL, parents=("closed",)),
]
_BY_ID = {each.id: each for each in _RESOURCES}
_times = st.sampled_from([0, 100, 200, 299, 300, 500, 899, 900, 1000])


@st.composite
def _grants(draw: st.DrawFn) -> list[Grant]:
    return [
        Grant(
            id=f"G{number}",
            consumer_id=draw(st.sampled_from([each.id for each in _CONSUMERS])),
            resource_id=draw(st.sampled_from(["asked", "listed", "derived-open", "open"])),
            provider_id="police",
            fields=frozenset(draw(st.sampled_from([["name"], ["name", "id"], ["*"]]))),
            purpose="公积金提取",
            comparable_purpose=comparable("公积金提取"),
            valid_from_ms=draw(st.sampled_from([0, 200])),
            valid_to_ms=draw(st.sampled_from([300, 1000])),
            state=draw(st.sampled_from(GrantState)),
            state_since_ms=draw(st.sampled_from([100, 500])),
            records_per_day=draw(st.sampled_from([None, 10])),
            subjects_per_day=draw(st.sampled_from([None, 5])),
            masked=draw(st.booleans()),
            zones=frozenset(draw(st.sampled_from([[], ["unit"], ["internet"]]))),
            approved_ms=draw(st.sampled_from([None, 0, 200])),
            pauses=draw(st.sampled_from([(), ((200, 299),)])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@dataclass(frozen=True)
class _Flow:
    consumer: str
    resource: str
    at: int
    fields: tuple[str, ...] | None
    purpose: str | None
    records: int | None
    subjects: int | None
    masked: bool | None
    zone: str | None
    claimed: str | None
    active: bool = True


_flows = st.builds(
    _Flow,
    st.sampled_from([each.id for each in _CONSUMERS]),
    st.sampled_from([each.id for each in _RESOURCES]),
    _times,
    st.sampled_from([None, (), ("name",), ("NAME", "id")]),
    st.sampled_from([None, "公积金提取", " 公积金 提取", "其他"]),
    st.sampled_from([None, 10, 11]),
    st.sampled_from([None, 5, 6]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, "unit", "internet", "abroad"]),
    st.sampled_from([None, "G0", "G1", "G9"]),
)


def _index(grants: list[Grant]) -> RegistryIndex:
    parts = (
        Organization(_UNITS, [], zone_policy()),
        Catalog(_RESOURCES),
        Consumers.of([], _CONSUMERS),
        GrantTable({each.id: each for each in grants}, _CONSUMERS),
    )
    return RegistryIndex(1, parts, sharing_policy())


def _question(flow: _Flow) -> FlowQuestion:
    consumer = next(each for each in _CONSUMERS if each.id == flow.consumer)
    account = Account("a", consumer, AccountState.ACTIVE if flow.active else AccountState.DISABLED)
    return FlowQuestion(
        account, _BY_ID[flow.resource], flow.at, flow.fields, flow.purpose, flow.records, flow.subjects, flow.masked,
        flow.zone, flow.claimed,
    )  # fmt: skip


_ORDER = ["none", "revoked", "expired", "region", "purpose_mismatch", "fields_exceeded", "volume_exceeded", "valid"]


def _oracle_of_a_grant(grant: Grant, flow: _Flow) -> str:  # noqa: PLR0911 (one exit a rule)
    active = True
    if grant.approved_ms is None or flow.at < grant.approved_ms:
        return "none"
    if grant.state in {GrantState.REVOKED, GrantState.SUSPENDED} and flow.at >= grant.state_since_ms:
        active = False
    if not active or any(flow.at in range(*pause) for pause in grant.pauses):
        return "revoked"
    if flow.at < grant.valid_from_ms:
        return "none"
    if flow.at >= grant.valid_to_ms:
        return "expired"
    allowed = grant.zones or {"unit", "internal", "government_extranet"}
    if flow.zone and flow.zone not in allowed:
        return "region"
    if flow.purpose and flow.purpose.replace(" ", "") != grant.purpose:
        return "purpose_mismatch"
    taken = {name.lower() for name in flow.fields or ()}
    if ("*" not in grant.fields and taken - grant.fields) or (grant.masked and flow.masked is False):
        return "fields_exceeded"
    if (grant.records_per_day and (flow.records or 0) > grant.records_per_day) or (
        grant.subjects_per_day and (flow.subjects or 0) > grant.subjects_per_day
    ):
        return "volume_exceeded"
    return "valid"


def _oracle(grants: list[Grant], flow: _Flow) -> str:
    unit = next(each.unit_id for each in _CONSUMERS if each.id == flow.consumer)
    if flow.consumer == "contractor" and flow.at >= 900:
        return "expired"
    if flow.resource == "listed" and unit not in {"housing", "branch", "police"}:
        return "not_in_dedicated_list"
    if flow.resource in {"closed", "derived-closed"} and unit != "police":
        return "not_in_dedicated_list"
    if flow.consumer != "contractor":
        if _BY_ID[flow.resource].provider_id == unit:
            return "valid"
        if flow.resource == "open":
            return "valid"
    holders = {flow.consumer}
    if flow.consumer == "app":
        holders.add("unit")
    candidates = [each for each in grants if each.consumer_id in holders and each.resource_id == flow.resource]
    return max((_oracle_of_a_grant(each, flow) for each in candidates), key=_ORDER.index, default="none")


@settings(max_examples=500)
@given(_grants(), _flows)
def test_the_judgment_is_the_oracles(grants: list[Grant], flow: _Flow) -> None:
    judgment = _index(grants).judge(_question(flow))
    assert judgment.status.value == _oracle(grants, flow)
    if judgment.findings:
        assert judgment.findings[0].status is judgment.status
        assert judgment.findings[0].reason == judgment.reason
    if judgment.reason == "granted":
        named = next(each for each in grants if each.id == judgment.grant_id)
        assert _oracle_of_a_grant(named, flow) == "valid"


def _grant(**changes: Any) -> Grant:  # noqa: ANN401 (any of its fields)
    plain = Grant(
        "G1", "app", "asked", "police", frozenset({"name"}), "查询", comparable("查询"), 0, 1000, GrantState.APPROVED,
        0, approved_ms=0,
    )  # fmt: skip
    return replace(plain, **changes)


_FLOW = _Flow("app", "asked", 500, ("name",), "查询", 1, 1, None, "unit", None)


def test_everything_that_a_grant_does_not_cover_is_told() -> None:
    flow = replace(_FLOW, fields=("name", "id", "id"), zone="internet", masked=False, records=50)
    judgment = _index([_grant(masked=True, records_per_day=10)]).judge(_question(flow))
    assert judgment.status is GrantStatus.REGION
    assert [(each.reason, each.details) for each in judgment.findings] == [
        ("zone", ("internet",)),
        ("fields", ("id",)),
        ("unmasked", ()),
        ("records", ()),
    ]


def test_the_claimed_grant_is_named_where_several_hold() -> None:
    index = _index([_grant(id="G1"), _grant(id="G2")])
    assert index.judge(_question(replace(_FLOW, claimed="G2"))).grant_id == "G2"
    assert index.judge(_question(replace(_FLOW, claimed="G9"))).grant_id == "G1"


def test_a_late_flow_is_judged_by_what_held_then() -> None:
    index = _index([_grant(state=GrantState.REVOKED, state_since_ms=600)])
    assert index.judge(_question(_FLOW)).status is GrantStatus.VALID
    assert index.judge(_question(replace(_FLOW, at=600))).status is GrantStatus.REVOKED


@pytest.mark.parametrize(
    ("account", "resource", "reason"), [(False, True, "unknown_consumer"), (True, False, "unknown_resource")]
)
def test_what_nobody_registered_has_no_grant(account: bool, resource: bool, reason: str) -> None:  # noqa: FBT001 (parameters of a test)
    whole = _question(_FLOW)
    asked = replace(whole, account=whole.account if account else None, resource=whole.resource if resource else None)
    judgment = _index([_grant()]).judge(asked)
    assert (judgment.status, judgment.reason) == (GrantStatus.NONE, reason)


def test_a_disabled_account_takes_nothing_not_even_its_own() -> None:
    judgment = _index([]).judge(_question(replace(_FLOW, consumer="police-app", active=False)))
    assert (judgment.status, judgment.reason) == (GrantStatus.REVOKED, "account_disabled")


def test_changed_grants_take_the_place_of_what_they_were() -> None:
    table = GrantTable({"G1": _grant(id="G1"), "G2": _grant(id="G2")}, _CONSUMERS)
    following = table.with_changes([_grant(id="G1", resource_id="listed"), _grant(id="G3")], _CONSUMERS)
    assert [each.id for each in following.of("app", "asked")] == ["G2", "G3"]
    assert [each.id for each in following.of("app", "listed")] == ["G1"]
    assert [each.id for each in table.of("app", "asked")] == ["G1", "G2"]
    assert len(following) == 3
