"""The command ``fengsui-mail``: one message over SMTP (RFC 5321), with TLS unless the settings say otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Literal

from playbooks.actions.contract import Outcome, Planned, Way, text_parameter
from playbooks.errors import ActionError

KIND = "fengsui-mail"
_MOST_RECIPIENTS = 50
_LONGEST_TEXT = 65_536


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves; ``read_password`` reads the password where it is kept, when it is needed."""

    host: str
    port: int = 465
    sender: str = "fengsui@localhost"
    encryption: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    read_password: Callable[[], str] | None = None
    authorities: str | None = None
    seconds: float = 20.0


def plan_mail(parameters: Mapping[str, Any]) -> Planned:
    """The message that a command sends.

    Raises:
        ActionError: an address is none, or a text is missing or too long.
    """
    recipients = [each.strip() for each in text_parameter(parameters, "to").split(",")]
    wrong = next((each for each in recipients if not _is_address(each)), None)
    if wrong is not None or len(recipients) > _MOST_RECIPIENTS:
        raise ActionError(f"parameters.to: at most {_MOST_RECIPIENTS} addresses, each like name@host")
    subject, text = text_parameter(parameters, "subject"), text_parameter(parameters, "text")
    if len(text) > _LONGEST_TEXT or any(character in "\r\n" for character in subject):
        raise ActionError("parameters.subject: one line; parameters.text: at most 65536 characters")
    return Planned(KIND, Way.CALL, {"to": recipients, "subject": subject, "text": text})


def send_mail(settings: MailSettings | None, payload: Mapping[str, Any], operation_id: str) -> Outcome:
    """Hand the message to the server; what fails before the message is handed over has not happened."""
    if settings is None:
        return Outcome(happened=False, reason="no mail server is set; name one in the settings, [playbooks.mail]")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = payload["subject"], settings.sender, ", ".join(payload["to"])
    message["Message-ID"] = f"<{operation_id}@fengsui>"
    message.set_content(payload["text"])
    try:
        server = _connect(settings)
    except smtplib.SMTPResponseException as error:
        return Outcome(happened=False, reason=f"the mail server refused: {_refusal(error)}")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(happened=False, reason=f"no connection to the mail server: {type(error).__name__}")
    try:
        return _hand_over(server, message)
    finally:
        with suppress(OSError, smtplib.SMTPException):  # what was accepted stays so, however the server takes leave
            server.quit()
        server.close()


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        refused = server.send_message(message)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        return Outcome(happened=False, reason=f"the mail server refused: {_refusal(error)}")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(happened=None, reason=f"the mail server did not say: {type(error).__name__}")
    return Outcome(happened=True, reason="accepted", result={"refused": sorted(refused)})


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> str:
    """The server's reply code; of several recipients' the first."""
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    return ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))


def _connect(settings: MailSettings) -> smtplib.SMTP:
    """A connection on which messages can be handed over: encrypted and signed in where the settings say so."""
    context = ssl.create_default_context(cafile=settings.authorities)
    if settings.encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.seconds, context=context)
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
    try:
        if settings.encryption == "starttls":
            server.starttls(context=context)
        if settings.user and settings.read_password:
            server.login(settings.user, settings.read_password())
    except BaseException:
        server.close()
        raise
    return server


def _is_address(text: str) -> bool:
    name, address = parseaddr(text)
    return not name and address == text and text.count("@") == 1 and text.isprintable() and " " not in text
