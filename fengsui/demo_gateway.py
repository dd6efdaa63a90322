"""The sample city's data gateway: where playbooks have accounts blocked, registered as the webhook ``block``."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from fengsui.processes.foundation import secrets_key
from fengsui.settings import Settings
from playbooks import AddressGuard
from playbooks.webhooks.endpoints import NewEndpoint, WebhookSecrets, register_endpoint
from playbooks.webhooks.repository import endpoint_named
from registry import UnitScope
from registry.registers import Editor
from store.records import RecordsDatabase

NAME = "block"
HOST = "127.0.0.1"
CALLS_FILE = "demo-gateway.ndjson"
_SECRET_FILE = "demo-gateway.secret"  # noqa: S105 (the name of a file)
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class DemoGateway:
    """Where the gateway listens on this machine, and the folder that holds its secret and the calls it got."""

    folder: Path
    port: int

    @property
    def secret(self) -> str:
        """What calls are signed with."""
        return (self.folder / _SECRET_FILE).read_text(encoding="ascii").strip()

    @property
    def calls(self) -> Path:
        """Every call that came, with what was made of it, as NDJSON."""
        return self.folder / CALLS_FILE


def register_demo_gateway(records: RecordsDatabase, settings: Settings) -> DemoGateway:
    """Register the gateway under a free port, unless a webhook of its name is registered already."""
    with records.begin() as session:
        known = endpoint_named(session, NAME)
        if known is not None:
            return DemoGateway(settings.data_dir, urlsplit(known.url).port or 0)
        gateway = DemoGateway(settings.data_dir, _free_port())
        new = NewEndpoint(NAME, f"http://{HOST}:{gateway.port}/{NAME}")
        editor = Editor(ChangedBy(Actor("system", "demo", "demo"), now_ms()), UnitScope.everything())
        guard = AddressGuard(ports=frozenset({gateway.port}))
        _, secret = register_endpoint(session, new, editor, WebhookSecrets(secrets_key(settings)), guard)
        # Within the transaction: no webhook is registered whose secret its receiver can't read.
        _keep(settings.data_dir / _SECRET_FILE, secret)
    return gateway


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _keep(path: Path, secret: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
