"""Mail to a real SMTP server: encrypted by TLS and STARTTLS under an authority of one's own, refused, silent, gone."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from sqlalchemy import select

from audit import AuditRecord
from events import now_ms
from incidents.models import ReminderMessage
from incidents.reminders.messages import PEOPLE, new_message, people_of
from playbooks.actions.mail import MailSettings, send_mail
from playbooks.reminders import ReminderSender
from playbooks.runs.repository import operations_of
from playbooks.webhooks.endpoints import NewEndpoint, WebhookSecrets, register_endpoint
from playbooks.webhooks.models import WebhookDelivery
from tests.patience import PATIENCE_SECONDS
from tests.playbooks.conftest import KEY, Installation, editor, own_step, playbook, step
from tests.servers.certificates import write_certificates

PAYLOAD = {"to": ["lead@unit.example", "second@unit.example"], "subject": "整改通知 / Notice", "text": "请登录处理。\n"}


@dataclass
class Mailbox:
    """A server's handler: keeps what it accepts; ``answer`` is its reply to the message, ``delay`` its slowness."""

    port: int = 0
    answer: str = "250 accepted"
    refused: frozenset[str] = frozenset()
    delay: float = 0.0
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 (the server's own name and arguments)
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 (as above)
        await asyncio.sleep(self.delay)
        if self.answer.startswith("250"):
            self.taken.append(message_from_bytes(bytes(envelope.content or b""), EmailMessage, policy=default))
        return self.answer


Serve = Callable[..., Mailbox]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    write_certificates(folder)
    return folder


@pytest.fixture
def serve(certificates: Path) -> Iterator[Serve]:
    """Starts mail servers on ports of their own."""
    started: list[Controller] = []

    def start(mailbox: Mailbox, encryption: str = "none", **options: Any) -> Mailbox:  # noqa: ANN401 (the server's)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates / "node.crt", certificates / "node.key")
        if encryption == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        controller = Controller(
            mailbox, hostname="127.0.0.1", port=0, ssl_context=context if encryption == "tls" else None, **options
        )
        controller.port = _free_port()
        controller.start()
        started.append(controller)
        mailbox.port = controller.port
        return mailbox

    yield start
    for controller in started:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


def _settings(mailbox: Mailbox, certificates: Path, **more: Any) -> MailSettings:  # noqa: ANN401 (any setting)
    trusted = {"authorities": str(certificates / "ca.crt"), "seconds": PATIENCE_SECONDS}
    return MailSettings("127.0.0.1", mailbox.port, **{**trusted, **more})


@pytest.mark.parametrize("encryption", ["tls", "starttls", "none"])
def test_a_message_arrives_whole(serve: Serve, certificates: Path, encryption: Any) -> None:  # noqa: ANN401 (a literal)
    mailbox = serve(Mailbox(), encryption)
    outcome = send_mail(_settings(mailbox, certificates, encryption=encryption), PAYLOAD, "op_1")
    assert (outcome.happened, outcome.result) == (True, {"refused": []})
    [message] = mailbox.taken
    assert (message["Subject"], message["To"]) == ("整改通知 / Notice", "lead@unit.example, second@unit.example")
    assert message["Message-ID"] == "<op_1@fengsui>"
    assert message.get_content().strip() == "请登录处理。"


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_a_server_that_the_authority_did_not_vouch_for_gets_nothing(
    serve: Serve,
    certificates: Path,
    encryption: Any,  # noqa: ANN401 (a literal)
) -> None:
    mailbox = serve(Mailbox(), encryption)
    outcome = send_mail(_settings(mailbox, certificates, encryption=encryption, authorities=None), PAYLOAD, "op_1")
    assert (outcome.happened, "SSLCertVerificationError" in outcome.reason, mailbox.taken) == (False, True, [])


def test_a_server_without_encryption_gets_nothing_where_it_is_demanded(serve: Serve, certificates: Path) -> None:
    mailbox = serve(Mailbox())
    outcome = send_mail(_settings(mailbox, certificates, encryption="starttls"), PAYLOAD, "op_1")
    assert (outcome.happened, mailbox.taken) == (False, [])


def test_sign_in_with_a_wrong_password_sends_nothing(serve: Serve, certificates: Path) -> None:
    def judge(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401 (the server's own)
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"right", handled=False)

    mailbox = serve(Mailbox(), "starttls", authenticator=judge, auth_required=True)
    for password, happened, reason in (("wrong", False, "the mail server refused: 535"), ("right", True, "accepted")):
        settings = _settings(
            mailbox, certificates, encryption="starttls", user="fengsui", read_password=lambda given=password: given
        )
        outcome = send_mail(settings, PAYLOAD, "op_1")
        assert (outcome.happened, outcome.reason) == (happened, reason)
    assert len(mailbox.taken) == 1


def test_refusals_have_not_happened_and_silence_is_unknown(serve: Serve, certificates: Path) -> None:
    full = serve(Mailbox(answer="552 mailbox full"))
    outcome = send_mail(_settings(full, certificates, encryption="none"), PAYLOAD, "op_1")
    assert (outcome.happened, outcome.reason) == (False, "the mail server refused: 552")
    nobody = serve(Mailbox(refused=frozenset(PAYLOAD["to"])))
    outcome = send_mail(_settings(nobody, certificates, encryption="none"), PAYLOAD, "op_1")
    assert (outcome.happened, outcome.reason) == (False, "the mail server refused: 550")
    one = serve(Mailbox(refused=frozenset({"second@unit.example"})))
    outcome = send_mail(_settings(one, certificates, encryption="none"), PAYLOAD, "op_1")
    assert (outcome.happened, outcome.result) == (True, {"refused": ["second@unit.example"]})
    slow = serve(Mailbox(delay=PATIENCE_SECONDS))
    outcome = send_mail(_settings(slow, certificates, encryption="none", seconds=2), PAYLOAD, "op_1")
    assert (outcome.happened, "did not say" in outcome.reason) == (None, True)
    gone = send_mail(_settings(Mailbox(port=_free_port()), certificates, encryption="none"), PAYLOAD, "op_1")
    assert (gone.happened, "no connection" in gone.reason) == (False, True)


def test_a_playbook_sends_mail_under_its_operation(
    installation: Installation, serve: Serve, certificates: Path
) -> None:
    mailbox = serve(Mailbox(), "tls")
    installation.mail = _settings(mailbox, certificates, encryption="tls")
    parameters = {"to": "lead@unit.example", "subject": "__what__:value", "text": "见附 __what__:value"}
    document = playbook(
        1,
        {step("action", 2): own_step("fengsui-mail", step("end", 9), parameters)},
        playbook_variables={"__what__": {"type": "string", "external": True}},
    )
    with installation.working():
        run = installation.ended(installation.start(document, __what__="第 7 号"))
    assert run.state == "succeeded"
    with installation.records.read() as session:
        [operation] = operations_of(session, run.id)
    [message] = mailbox.taken
    assert (message["Subject"], message["Message-ID"]) == ("第 7 号", f"<{operation.id}@fengsui>")


def _kept(installation: Installation, channel: str, address: str, number: int) -> None:
    name = {"zh": "整改反馈", "en": "Answer the notice"}
    data = {"subject": "notice", "number": number, "title": "脱敏", "stage": "late", "due": "2026-01-12T00:00:00.000Z"}
    with installation.records.begin() as session:
        session.add(
            ReminderMessage(
                id=f"rem_{number}",
                at=number,
                subject="notice",
                subject_id="n1",
                channel=channel,
                address=address,
                data={**data, "name": name},
                state="pending",
                attempts=0,
                due_ms=number,
            )
        )


def _messages(installation: Installation) -> list[tuple[str, int]]:
    with installation.records.read() as session:
        rows = session.scalars(select(ReminderMessage).order_by(ReminderMessage.at))
        return [(row.state, row.attempts) for row in rows]


def test_reminders_are_mailed_once_and_tried_again_only_where_they_were_refused(
    installation: Installation, serve: Serve, certificates: Path
) -> None:
    mailbox = serve(Mailbox(answer="451 try later"))
    _kept(installation, "mail", "li@housing.example", 1)
    patience = [PATIENCE_SECONDS]
    sender = ReminderSender(
        installation.records, lambda: _settings(mailbox, certificates, encryption="none", seconds=patience[-1])
    )
    assert (sender.turn(), sender.turn()) == (True, False)
    assert _messages(installation) == [("pending", 1)]
    with installation.records.begin() as session:
        row = session.get_one(ReminderMessage, "rem_1")
        assert 55_000 < (row.due_ms or 0) - now_ms() <= 60_000
        row.due_ms = now_ms()
    mailbox.answer = "250 accepted"
    assert (sender.turn(), sender.turn()) == (True, False)
    assert _messages(installation) == [("sent", 2)]
    [message] = mailbox.taken
    assert message["Message-ID"] == "<rem_1@fengsui>"
    assert "整改反馈已超时" in message["Subject"]
    assert "Answer the notice has run out, due 2026-01-12" in message.get_content()
    mailbox.delay = PATIENCE_SECONDS
    patience.append(2)
    _kept(installation, "mail", "li@housing.example", 2)
    assert (sender.turn(), sender.turn()) == (True, False)
    assert _messages(installation)[1] == ("unknown", 1)


def test_a_reminder_that_a_dead_process_was_sending_is_not_sent_again(installation: Installation) -> None:
    _kept(installation, "mail", "li@housing.example", 1)
    with installation.records.begin() as session:
        row = session.get_one(ReminderMessage, "rem_1")
        row.state, row.process, row.attempts = "started", "dead", 1
    sender = ReminderSender(installation.records, lambda: None)
    assert (sender.turn(), sender.turn()) == (True, False)
    assert _messages(installation) == [("unknown", 1)]
    with installation.records.read() as session:
        audited = session.scalars(select(AuditRecord).where(AuditRecord.object_kind == "notice")).all()
    assert [each.action for each in audited] == ["notice:reminder-unknown"]
    assert "li@" not in str(audited[0].after)


def test_a_reminder_for_a_webhook_goes_through_its_deliveries(installation: Installation) -> None:
    with installation.records.begin() as session:
        new = NewEndpoint("duty", "http://duty.example/")
        register_endpoint(session, new, editor(), WebhookSecrets(KEY), installation.guard_for_tests())
    _kept(installation, "webhook", "duty", 1)
    _kept(installation, "webhook", "nowhere", 2)
    sender = ReminderSender(installation.records, lambda: None)
    while sender.turn():
        pass
    assert _messages(installation) == [("sent", 1), ("pending", 1)]
    with installation.records.read() as session:
        [delivery] = session.scalars(select(WebhookDelivery)).all()
    assert (delivery.id, delivery.type, '"stage":"late"' in delivery.body) == ("rem_1", "clock.reminder", True)


def test_a_reminder_for_a_role_goes_once_to_each_of_its_people(
    installation: Installation, serve: Serve, certificates: Path
) -> None:
    mailbox, asked = serve(Mailbox()), list[tuple[str, str]]()
    data: dict[str, Any] = {"subject": "notice", "id": "n1", "number": 7, "title": "x", "clock": "notice_answer"}
    data |= {"name": {"zh": "整改反馈", "en": "Answer"}, "stage": "late", "escalation": 0}
    data["due"] = "2026-01-12T00:00:00.000Z"
    with installation.records.begin() as session:
        session.add(new_message(data, PEOPLE, people_of("unit_user", "housing"), 1))
        session.add(new_message(data, PEOPLE, people_of("analyst", ""), 2))
        session.add(new_message(data, "mail", "li@housing.example", 3))

    def people(_session: object, role: str, unit_id: str) -> list[str]:
        asked.append((role, unit_id))
        return ["li@housing.example", "wu@housing.example"] if role == "unit_user" else []

    settings = _settings(mailbox, certificates, encryption="none")
    sender = ReminderSender(installation.records, lambda: settings, people)
    while sender.turn():
        pass
    assert sorted(asked) == [("analyst", ""), ("unit_user", "housing")]
    assert sorted(message["To"] for message in mailbox.taken) == ["li@housing.example", "wu@housing.example"]
    assert _messages(installation) == [("sent", 1), ("sent", 1)]
