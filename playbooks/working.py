"""Puts the worker of playbooks together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playbooks.actions.addresses import AddressGuard
from playbooks.actions.calling import Caller
from playbooks.actions.contract import Ports
from playbooks.actions.mail import MailSettings
from playbooks.credentials import Credentials
from playbooks.policy import run_policy
from playbooks.reminders import FindPeople, ReminderSender, nobody
from playbooks.runs.calls import Runner, no_mail
from playbooks.runs.one_worker import OneWorker
from playbooks.runs.rounds import Rounds, workflows_url
from playbooks.runs.worker import PlaybookWorker
from playbooks.triggers import AutomaticStarts
from playbooks.webhooks.deliveries import Deliverer
from playbooks.webhooks.endpoints import WebhookSecrets
from store.records import RecordsDatabase


@dataclass(frozen=True, slots=True)
class WorkSurroundings:
    """What a worker needs beside the records."""

    data_dir: Path
    secrets_key: bytes = field(repr=False)
    guard: AddressGuard = field(default_factory=AddressGuard)
    ports: Ports = field(default_factory=Ports)
    mail: Callable[[], MailSettings | None] = no_mail
    people: FindPeople = nobody


def build_worker(records: RecordsDatabase, around: WorkSurroundings) -> PlaybookWorker:
    """The worker of an installation; it works as soon as no other one does."""
    caller = Caller(around.guard)
    url = workflows_url(str(records.url.render_as_string(hide_password=False)), around.data_dir)
    runner = Runner(records, caller, Credentials(around.secrets_key), around.ports, around.mail)
    rounds = Rounds(runner, url, run_policy().work.rounds_at_once)
    deliverer = Deliverer(records, caller, WebhookSecrets(around.secrets_key))
    senders = [deliverer.turn] * run_policy().webhooks.at_once + [
        ReminderSender(records, around.mail, around.people).turn
    ]
    return PlaybookWorker(
        records,
        rounds,
        senders,
        OneWorker(records, around.data_dir),
        AutomaticStarts(records).turn,
    )
