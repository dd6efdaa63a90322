"""Where an event happened and whose it is, by what stands in it and in the registry."""

from __future__ import annotations

import pytest

from events import Event
from registry import RegistryIndex, sharing_policy, zone_policy
from registry.index import Attribution, Consumer, System, Unit
from registry.index.catalog import Catalog
from registry.index.grants import GrantTable
from registry.index.organization import Organization
from registry.index.snapshot import Consumers
from registry.vocabulary import ConsumerKind, UnitLevel


def _system(system_id: str, operator: str, *addresses: str, names: tuple[str, ...] = ()) -> System:
    return System(
        system_id, system_id, operator, "owner", "watcher", 3, 3, 3, is_critical=False, zone="unit",
        addresses=addresses, log_names=names,
    )  # fmt: skip


@pytest.fixture(scope="module")
def attribution() -> Attribution:
    units = [Unit(name, name, UnitLevel.CITY, None, f"/{name}/") for name in ("one", "two", "owner", "watcher")]
    systems = [
        _system("portal", "one", "10.1.0.0/16", "2001:db8:1::/48", names=("web01", "nginx", "1000000000000001")),
        _system("cases", "two", "10.1.9.0/24", names=("db01",)),
    ]
    parts = (
        Organization(units, systems, zone_policy()),
        Catalog(()),
        Consumers({"con": Consumer("con", "con", ConsumerKind.APPLICATION, "two")}, {}),
        GrantTable({}, ()),
    )
    return Attribution(RegistryIndex(1, parts, sharing_policy()))


@pytest.mark.parametrize(
    ("event", "system"),
    [
        ({"event.dataset": "linux.auth", "host.name": "WEB01.lanhu.example", "source.ip": "10.1.9.3"}, "portal"),
        ({"event.dataset": "linux.auth", "host.name": "unknown", "source.ip": "10.1.9.3"}, None),
        ({"event.dataset": "windows.sysmon", "host.ip": ["fe80::1", "10.1.9.3"]}, "cases"),
        ({"event.dataset": "suricata.eve", "source.ip": "10.1.0.1", "destination.ip": "10.1.9.3"}, "cases"),
        ({"event.dataset": "suricata.eve", "source.ip": "10.1.0.1", "destination.ip": "192.0.2.1"}, "portal"),
        ({"event.dataset": "firewall.log", "destination.ip": "2001:db8:1::5"}, "portal"),
        ({"event.dataset": "nginx.access", "source.ip": "10.1.9.3", "fengsui.source.name": "nginx"}, "portal"),
        ({"event.dataset": "aliyun.actiontrail", "cloud.account.id": "1000000000000001"}, "portal"),
        ({"event.dataset": "mysql.audit", "destination.ip": "10.1.9.3", "host.name": "web01"}, "cases"),
        ({"event.dataset": "mysql.audit", "destination.ip": "no address", "host.name": "db01"}, "cases"),
        ({"host.name": 7}, None),
        ({}, None),
    ],
)
def test_an_event_is_of_the_system_that_it_names_first(
    attribution: Attribution, event: Event, system: str | None
) -> None:
    found = dict(event)
    attribution.attribute([found])
    operator = {"portal": "one", "cases": "two", None: None}[system]
    assert [found.get(f"fengsui.{name}") for name in ("system.id", "system.operator", "unit.id")] == [
        system,
        operator,
        operator,
    ]


def test_what_a_flow_says_of_its_resource_stays(attribution: Attribution) -> None:
    flow: Event = {"fengsui.unit.id": "provider", "fengsui.system.id": "cases", "destination.ip": "10.1.0.1"}
    several: Event = {"fengsui.unit.id": ["a", "b"], "fengsui.system.id": ["x", "y"], "destination.ip": "10.1.0.1"}
    attribution.attribute([flow, several])
    assert (flow["fengsui.system.id"], flow["fengsui.unit.id"]) == ("cases", "provider")
    assert flow["fengsui.system.operator"] == "two"
    assert several["fengsui.system.id"] == ["x", "y"]
    assert "fengsui.system.operator" not in several


@pytest.mark.parametrize(
    ("named", "parties"),
    [
        ({"fengsui.consumer.id": "con", "host.name": "web01"}, ("two", "portal")),
        ({"fengsui.consumer.id": "unregistered"}, (None, None)),
        ({"host.name": "db01"}, ("two", "cases")),
        ({"source.ip": "10.1.9.3", "event.dataset": "firewall.log"}, ("two", "cases")),
        ({"source.ip": "10.1.9.3"}, (None, None)),
    ],
)
def test_what_is_named_tells_whose_it_is(
    attribution: Attribution, named: Event, parties: tuple[str | None, str | None]
) -> None:
    assert attribution.parties(named) == parties
