"""A site of its own on real servers, and what becomes of its logs where nothing happens to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events import now_ms
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.fengsui.stateful.site import SENT, Alerts, Site, lay_out, until
from tests.servers.kafka import KafkaBroker
from tests.servers.postgresql import PostgreSQLServer


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Alerts:
    """The alerts of a run on one machine to which nothing happens."""
    site = Site(lay_out(tmp_path_factory.mktemp("calm") / "site"), {})
    site.write_lines()
    site.start("collect")
    try:
        until(lambda: site.delivered() == SENT - 1, site)
        site.write_last_line()
        until(lambda: site.delivered() == SENT and _is_told(site), site)
        return site.alerts()
    finally:
        site.end()


def _is_told(site: Site) -> bool:
    return (
        {"sign-in", "threshold", "new-pair", "burst", "addresses"}
        >= {rule for rule, _, _ in site.alerts()}
        >= {
            "burst",
            "addresses",
        }
    )


@pytest.fixture
def site(tmp_path: Path, kafka_broker: KafkaBroker, postgresql_server: PostgreSQLServer) -> Iterator[Site]:
    with postgresql_server.fresh_database() as url:
        with closing(RecordsDatabase(url)) as records:
            upgrade(records)
        environment = {
            "FENGSUI_RECORDS_URL": url,
            "FENGSUI_KAFKA__SERVERS": json.dumps([kafka_broker.bootstrap]),
            "FENGSUI_KAFKA__PREFIX": f"t{now_ms()}",
            "FENGSUI_KAFKA__PARTITIONS": "4",
        }
        made = Site(lay_out(tmp_path / "site"), environment)
        try:
            yield made
        finally:
            made.end()
