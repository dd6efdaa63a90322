"""The command ``fengsui-mail``: one message over SMTP (RFC 5321), with TLS unless the settings say otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
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
    handed_over = False
    try:
        with _connect(settings) as server:
            if settings.user and settings.read_password:
                server.login(settings.user, settings.read_password())
            handed_over = True
            refused = server.send_message(message)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        return Outcome(happened=False, reason=f"the mail server refused: {type(error).__name__}")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(happened=None if handed_over else False, reason=f"mail: {type(error).__name__}")
    return Outcome(happened=True, reason="accepted", result={"refused": sorted(refused)})


def _connect(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=settings.authorities)
    if settings.encryption == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.seconds, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
    if settings.encryption == "starttls":
        server.starttls(context=context)
    return server


def _is_address(text: str) -> bool:
    name, address = parseaddr(text)
    return not name and address == text and text.count("@") == 1 and text.isprintable() and " " not in text
