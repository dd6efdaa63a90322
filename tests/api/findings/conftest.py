"""A catalog with findings that await review, and people of several units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.identity.models import User
from audit import Actor
from audit.authorship import ChangedBy
from classification.columns import ColumnFinding, Evidence
from classification.review import FieldFinding, Finding, ResourceScan, by_itself, suggest
from events import now_ms
from registry import ResourceKind, UnitLevel, UnitScope
from registry.entries import ResourceEntry, UnitEntry
from registry.registers import RESOURCES, UNITS, Editor, put
from tests.api.findings.asking import CANARIES

if TYPE_CHECKING:
    from conftest import Site


def _seen(field: str, category: str, *samples: str) -> FieldFinding:
    reasons = (Evidence("checksum", 0.95, "the check digit holds for 50 of 100"),)
    return FieldFinding(field, ColumnFinding(category, 0.97, 0.5, (0.4, 0.6), 50, 100, reasons), samples)


@pytest.fixture
def city(site: Site) -> Site:
    """Two offices with a table each, scanned; lin and wang are data administrators, zhao is of the second office."""
    editor = Editor(ChangedBy(Actor("system", "test", "test"), now_ms()), UnitScope.everything())
    with site.records.begin() as session:
        for unit_id, parent in (("lanhu", None), ("gjj", "lanhu"), ("wjw", "lanhu")):
            level = UnitLevel.CITY if parent is None else UnitLevel.COUNTY
            put(session, UNITS, UnitEntry(id=unit_id, name=f"单位{unit_id}", level=level, parent_id=parent), editor)
        for resource_id, provider in (("person", "gjj"), ("visits", "wjw")):
            entry = ResourceEntry(
                id=resource_id, name=f"={resource_id}", kind=ResourceKind.TABLE, provider_id=provider, table=resource_id
            )
            put(session, RESOURCES, entry, editor)
        found = [
            _seen("sfzh", "resident_id", CANARIES[0]),
            _seen("xm", "person_name", CANARIES[3]),
            _seen("dh", "mobile_phone", CANARIES[1]),
        ]
        scan = ResourceScan("person", "人口表", "s1", "1", ["sfzh", "xm", "dh", "bz"], found, subjects=150_000)
        suggest(session, scan, by_itself(now_ms()))
        card = ResourceScan("visits", "就诊表", "s1", "1", ["card"], [_seen("card", "bank_card", CANARIES[2])])
        suggest(session, card, by_itself(now_ms()))
        for name, roles, units in (
            ("lin", ["data_administrator"], []),
            ("wang", ["data_administrator"], []),
            ("zhao", ["unit_data_officer"], ["wjw"]),
        ):
            session.add(_account(session.scalars(select(User)).first(), name, roles, units))
    return site


def _account(like: User | None, name: str, roles: list[str], units: list[str]) -> User:
    """An account with another's password; to make its digest anew takes long."""
    assert like is not None
    return User(
        id=f"id-{name}",
        name=name,
        display_name=name,
        password_hash=like.password_hash,
        roles=roles,
        units=units,
        created_ms=0,
        failed_sign_ins=0,
        disabled=False,
    )


@pytest.fixture
def ids(city: Site) -> dict[str, str]:
    """The findings' ids, by field."""
    with city.records.read() as session:
        return {row.field: row.id for row in session.scalars(select(Finding))}
