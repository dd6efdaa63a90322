"""``up``: everything on one machine, in one process tree."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from api.identity import ensure_first_administrator
from classification.scans import DataSourceRegister
from classification.source_limits import SourceLimits
from fengsui.allocator import preloading
from fengsui.demo import TABLES, check_samples, load_demo_registry, load_demo_review, load_demo_scan
from fengsui.demo_accounts import make_demo_accounts
from fengsui.demo_gateway import HOST, DemoGateway, register_demo_gateway
from fengsui.errors import FengsuiError
from fengsui.processes.foundation import open_records, prepare_data_dir, secrets_key, signing_key
from fengsui.processes.greeting import Greeting
from fengsui.processes.supervisor import Child, Supervisor
from fengsui.settings import Settings


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made in the records.

    Attributes:
        password: of the first account, where there was none yet.
        accounts: the file with the accounts of the demo's people, where they were made.
        gateway: the demo's.
    """

    password: str | None
    accounts: Path | None = None
    gateway: DemoGateway | None = None


def run_up(settings: Settings, port: int, *, demo: bool) -> int:
    """Prepare the data folder, run the processes, say where to look; returns the exit status.

    Raises:
        FengsuiError: the port is taken, the data folder can't be used, or there is no sample city.
    """
    if demo:
        check_samples()
    _check_port(settings.api.host, port)
    prepare_data_dir(settings)
    signing_key(settings)
    made = _made(settings, demo=demo)
    supervisor = Supervisor(_children(settings, port, made))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.request_stop())
    scheme = "https" if settings.api.tls else "http"
    with closing(Greeting(f"{scheme}://{settings.api.host}:{port}/", _notes(made))) as greeting:
        supervisor.start()
        return supervisor.run(greeting.look)


def _made(settings: Settings, *, demo: bool) -> _Made:
    """The first account where there is none yet; for the demo, what the sample city is registered with."""
    with closing(open_records(settings)) as records:
        with records.begin() as session:
            password = ensure_first_administrator(session)
        if not demo:
            return _Made(password)
        load_demo_registry(records)
        load_demo_review(records)
        load_demo_scan(records, DataSourceRegister(secrets_key(settings), SourceLimits((TABLES,))))
        accounts = make_demo_accounts(records, settings.data_dir)
        return _Made(password, accounts, register_demo_gateway(records, settings))


def _children(settings: Settings, port: int, made: _Made) -> list[Child]:
    environment = {"FENGSUI_DATA_DIR": str(settings.data_dir.resolve()), "FENGSUI_API__PORT": str(port), **preloading()}
    collect = ["collect", "--supervised"]
    if made.gateway is not None:
        environment |= _demo_environment(settings, made.gateway)
        collect.append("--demo")
    names = ["detection-worker"] if settings.kafka else []
    names += ["serve", "work"]
    names += ["demo-gateway"] if made.gateway else []
    return [
        Child("collect", collect, environment),
        *(Child(name, [name, "--supervised"], environment) for name in names),
    ]


def _demo_environment(settings: Settings, gateway: DemoGateway) -> dict[str, str]:
    """What the demo allows beyond the settings: scanning its own lists, calling its gateway on this machine."""
    folders = [str(each) for each in (*settings.classification.folders, TABLES)]
    networks = [*map(str, settings.playbooks.networks), f"{HOST}/32"]
    return {
        "FENGSUI_CLASSIFICATION__FOLDERS": json.dumps(folders),
        "FENGSUI_PLAYBOOKS__NETWORKS": json.dumps(networks),
        "FENGSUI_PLAYBOOKS__PORTS": json.dumps([*settings.playbooks.ports, gateway.port]),
    }


def _check_port(host: str, port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise FengsuiError(f"{host}:{port}: {error.strerror}; choose another port with --port") from error


def _notes(made: _Made) -> list[str]:
    notes = []
    if made.password is not None:
        notes.append(f"user 用户  admin\n  password 口令  {made.password}\n  (shown this once 仅显示一次)")
    if made.accounts is not None:
        notes.append(f"accounts of the people of the sample city 演示账号  {made.accounts}")
    return notes
