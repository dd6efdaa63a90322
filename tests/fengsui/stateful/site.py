"""A site of its own: a folder with settings, rules and logs, and the processes of the product that run on them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import select

from collectors.delivery import repository
from detection.alerts.models import Alert
from fengsui.event_store import open_store
from fengsui.settings import Settings
from store import ElasticsearchSettings, EventStore, StoreError, Window
from store.query import MatchAll
from store.records import RecordsDatabase
from tests.fengsui.stateful.rules import RULES
from tests.patience import PATIENCE_SECONDS

FILES, LINES, USERS = 6, 1_500, 5
SENT = FILES * LINES + 1
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
Alerts: TypeAlias = Counter[tuple[str, str, int]]
"""How often there is an alert of a rule, about an entity, with a count."""


def line(number: int, at: datetime, user: str) -> str:
    address = f"10.0.{number % 3}.{number % 7}"
    return (
        f"{at:%b %d %H:%M:%S} db-{number % 2} sshd[{number}]: "
        f"Accepted publickey for {user} from {address} port {number} ssh2: ED25519 k\n"
    )


def lines_of(file: int) -> Iterator[str]:
    """The lines of a file, of a minute."""
    at = [START + timedelta(seconds=60 * number / LINES) for number in range(LINES)]
    return (line(file + 10 * n, moment, f"u{n % USERS}") for n, moment in enumerate(at))


LAST = line(0, START + timedelta(minutes=10), "last")


@dataclass
class Site:
    """A folder with settings, and the processes that run on them."""

    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{command}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fengsui", *command.split()],
                cwd=self.folder,
                env={**os.environ, **self.environment, **environment},
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def write_lines(self) -> None:
        for file in range(FILES):
            draft = self.folder / f"{file}.draft"
            draft.write_text("".join(lines_of(file)), encoding="utf-8")
            draft.rename(self.folder / "in" / f"{file}.log")

    def write_last_line(self) -> None:
        """Ten minutes later somebody else signs in: what correlations wait for is over."""
        (self.folder / "in" / "last.log").write_text(LAST, encoding="utf-8")

    def records(self) -> RecordsDatabase:
        url = self.environment.get("FENGSUI_RECORDS_URL", f"sqlite:///{self.folder}/var/records.sqlite3")
        return RecordsDatabase(url)

    def delivered(self) -> int:
        with suppress(Exception), closing(self.records()) as records, records.read() as session:
            return sum(row.events for row in repository.source_statuses(session) if row.source == "auth")
        return 0

    def alerts(self) -> Alerts:
        with closing(self.records()) as records, records.read() as session:
            rows = session.execute(select(Alert.rule_id, Alert.entity, Alert.count))
            return Counter((rule, json.dumps(entity, sort_keys=True), count) for rule, entity, count in rows)

    def use_cluster(self, host: str) -> None:
        """Keep events in an Elasticsearch cluster, under a prefix of this site's own."""
        prefix = f"site-{secrets.token_hex(4)}"
        self.environment |= {"FENGSUI_STORE__HOSTS": json.dumps([host]), "FENGSUI_STORE__INDEX_PREFIX": prefix}
        assert self.start("store init").wait(PATIENCE_SECONDS) == 0, self.said()

    def stored(self) -> int:
        try:
            with closing(self._store()) as opened:
                return sum(day.events for day in opened.days())
        except StoreError:
            return 0  # it is not there yet

    def stored_lines(self) -> Counter[str]:
        """The lines that are in the event store, and how often each."""
        found: Counter[str] = Counter()
        cursor = None
        with closing(self._store()) as opened:
            while True:
                page = opened.search(MatchAll(), Window(), limit=5_000, cursor=cursor)
                assert page.incomplete is None
                found.update(str(event["event.original"]) for event in page.events)
                if (cursor := page.next_cursor) is None:
                    return found

    def _store(self) -> EventStore:
        hosts, prefix = (self.environment.get(f"FENGSUI_STORE__{name}") for name in ("HOSTS", "INDEX_PREFIX"))
        store = ElasticsearchSettings(hosts=json.loads(hosts), index_prefix=prefix or "") if hosts else None
        return open_store(Settings(data_dir=self.folder / "var", store=store))

    def said(self) -> str:
        return "\n".join(log.read_text(encoding="utf-8")[-1_500:] for log in sorted(self.folder.glob("*.log")))


def until(found: Callable[[], object], site: Site) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline, site.said()
        time.sleep(0.05)


def lay_out(folder: Path) -> Path:
    (folder / "rules").mkdir(parents=True)
    (folder / "in").mkdir()
    (folder / "rules" / "rules.yml").write_text(RULES, encoding="utf-8")
    (folder / "fengsui.toml").write_text(
        '[[sources]]\ntype = "file"\nname = "auth"\npaths = ["in/*.log"]\nfollow = true\ntimezone = "UTC"\n'
        'poll_seconds = 0.2\nbatch_records = 200\n[detection]\nrules = ["rules"]\n'
        "[delivery]\ngroup_records = 500\nlinger_seconds = 0.1\n",
        encoding="utf-8",
    )
    return folder
