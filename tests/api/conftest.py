"""The application on a real port, with real SQLite files and an event store, filled with a small night's work."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from api.app import create_app
from api.caller import CallerMiddleware
from api.dependencies import ApiDependencies, ApiSettings
from api.identity.accounts import NewAccount, create_user
from api.identity.openid import OpenIdProvider
from audit import Actor
from audit.authorship import ChangedBy
from classification.source_limits import SourceLimits
from detection import load_rules
from events import now_ms
from incidents import AttachmentFiles
from registry import UnitLevel, UnitScope
from registry.entries import UnitEntry
from registry.registers import UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.event_store import EventStore
from store.records import Base, RecordsDatabase
from tests.api.night import RULE_FILE, RULES, add_alerts, add_collection
from tests.memory import memory
from tests.patience import PATIENCE_SECONDS

PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")

_BUILT_ROUTES: list[BaseRoute] = []
"""The routes of the first application: FastAPI builds them at first requests, which takes longer than most tests."""


@dataclass(slots=True)
class Site:
    """A running application with what stands behind it."""

    url: str
    records: RecordsDatabase
    events: EventStore
    alert_ids: list[str]
    application: FastAPI | None = None

    def client(self) -> httpx.Client:
        """A caller without credentials."""
        return httpx.Client(base_url=self.url, timeout=60)


SignedIn = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled records database and event store, to be copied by each test."""
    folder = tmp_path_factory.mktemp("site")
    records, events = RecordsDatabase(f"sqlite:///{folder}/records.db"), EmbeddedEventStore(folder / "events")
    Base.metadata.create_all(records.engine)
    _add_accounts(records)
    alert_ids = add_alerts(records, events)
    add_collection(records)
    (folder / "alert_ids").write_text("\n".join(alert_ids), encoding="ascii")
    events.close()
    records.close()
    return folder


@pytest.fixture(scope="session")
def with_units() -> Callable[[Path, Path], Path]:
    """Copies a filled folder and adds two units of a city, and ``second``, ``officer``, ``housing`` and ``police``."""
    return _with_units


@pytest.fixture
def site_folder(filled: Path) -> Iterator[Path]:
    """A copy of the filled folder."""
    with TemporaryDirectory(dir=memory()) as folder:
        yield shutil.copytree(filled, Path(folder) / "site")


@pytest.fixture
def site(tmp_path: Path, filled: Path, site_folder: Path) -> Iterator[Site]:
    """A running application; accounts are ``analyst``, ``auditor``, ``admin`` and ``nobody`` (no role)."""
    records = RecordsDatabase(f"sqlite:///{site_folder}/records.db")
    events = EmbeddedEventStore(site_folder / "events")
    (tmp_path / "rules.yml").write_text(RULE_FILE, encoding="utf-8")
    loaded = load_rules([tmp_path / "rules.yml"]).rules
    running = Site("", records, events, (filled / "alert_ids").read_text("ascii").split())
    application = create_app(
        ApiDependencies(
            records=records,
            events=events,
            secret_key=b"k" * 32,
            rules=lambda: RULES,
            loaded_rules=lambda: loaded,
            secrets_key=b"s" * 32,
            scan_limits=SourceLimits((tmp_path / "data",)),
            attachments=AttachmentFiles(tmp_path / "attachments"),
            settings=ApiSettings(secure_cookies=False, stream_poll_seconds=0.1, stream_seconds=20),
        )
    )
    _BUILT_ROUTES.extend([] if _BUILT_ROUTES else application.router.routes)
    application.router.routes[:] = _BUILT_ROUTES
    running.application = application
    yield from _serve(application, running)
    events.close()
    records.close()


@pytest.fixture
def provided(site: Site) -> Callable[[OpenIdProvider], None]:
    """Lets the application accept a provider's tokens; to be called before the first request."""

    def accept(provider: OpenIdProvider) -> None:
        assert site.application is not None
        [middleware] = [each for each in site.application.user_middleware if each.cls is CallerMiddleware]
        middleware.kwargs["provider"] = provider

    return accept


@pytest.fixture
def sign_in(site: Site) -> Iterator[SignedIn]:
    """Makes clients that are signed in as an account, with the CSRF token in place."""
    opened: list[httpx.Client] = []

    def make(name: str = "analyst", password: str = PASSWORD) -> httpx.Client:
        client = site.client()
        opened.append(client)
        answer = client.post("/api/v1/sessions", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    yield make
    for client in opened:
        client.close()


def _serve(application: FastAPI, running: Site) -> Iterator[Site]:
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio lets answers go at once where it sees TCP
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    running.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield running
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
    listener.close()


def _add_accounts(records: RecordsDatabase) -> None:
    with records.begin() as session:
        for name, roles in (
            ("analyst", ["analyst"]),
            ("auditor", ["auditor"]),
            ("admin", ["system_administrator", "analyst"]),
            ("nobody", []),
        ):
            create_user(session, NewAccount(name, PASSWORD, roles), SETUP)


def _with_units(filled: Path, folder: Path) -> Path:
    shutil.copytree(filled, folder)
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    with records.begin() as session:
        for unit, name, parent in (("lh", "澜海市", None), ("lh-gjj", "公积金中心", "lh"), ("lh-gaj", "公安局", "lh")):
            put(
                session,
                UNITS,
                UnitEntry(id=unit, name=name, level=UnitLevel.CITY, parent_id=parent, contacts=[]),
                editor,
            )
        for name, roles, units in (
            ("second", ["analyst"], []),
            ("officer", ["data_administrator"], []),
            ("housing", ["unit_user"], ["lh-gjj"]),
            ("police", ["unit_user"], ["lh-gaj"]),
        ):
            create_user(session, NewAccount(name, PASSWORD, roles, units=units), SETUP)
    records.close()
    return folder
