"""Zeek's columns in ECS, log by log, and how a row without a name shows which log it is of."""

from __future__ import annotations

from collectors.normalizers.document import number, present, text, texts
from collectors.normalizers.network_fields import ip_text
from collectors.normalizers.web_fields import request_target, response_status
from events import Event

COLUMNS: dict[str, dict[str, str]] = {
    "conn": {
        "service": "network__protocol",
        "orig_ip_bytes": "source__bytes",
        "resp_ip_bytes": "destination__bytes",
        "orig_pkts": "source__packets",
        "resp_pkts": "destination__packets",
    },
    "dns": {
        "query": "dns__question__name",
        "qtype_name": "dns__question__type",
        "qclass_name": "dns__question__class",
        "rcode_name": "dns__response_code",
    },
    "http": {
        "method": "http__request__method",
        "referrer": "http__request__referrer",
        "user_agent": "user_agent__original",
        "version": "http__version",
        "request_body_len": "http__request__body__bytes",
        "response_body_len": "http__response__body__bytes",
        "username": "url__username",
    },
    "ssl": {
        "version": "tls__version",
        "cipher": "tls__cipher",
        "server_name": "tls__client__server_name",
        "ja3": "tls__client__ja3",
        "ja3s": "tls__server__ja3s",
        "ja4": "tls__client__ja4",
        "subject": "tls__server__subject",
        "issuer": "tls__server__issuer",
        "next_protocol": "tls__next_protocol",
        "established": "tls__established",
        "resumed": "tls__resumed",
    },
    "files": {
        "filename": "file__name",
        "mime_type": "file__mime_type",
        "seen_bytes": "file__size",
        "md5": "file__hash__md5",
        "sha1": "file__hash__sha1",
        "sha256": "file__hash__sha256",
    },
    "x509": {"certificate.subject": "tls__server__subject", "certificate.issuer": "tls__server__issuer"},
    "notice": {"note": "rule__name", "msg": "message", "sub": "event__reason"},
    "weird": {"name": "rule__name", "addl": "event__reason"},
    "ssh": {"client": "user_agent__original"},
    "smb_files": {"action": "event__action", "name": "file__name", "path": "file__directory", "size": "file__size"},
    "smb_mapping": {"path": "file__path", "share_type": "event__code"},
    "dce_rpc": {"operation": "event__action"},
    "kerberos": {"client": "user__name", "service": "service__name", "error_msg": "error__message"},
    "ntlm": {"username": "user__name", "domainname": "user__domain", "hostname": "source__domain"},
    "rdp": {"cookie": "user__name"},
    "ftp": {"user": "user__name", "command": "event__action", "file_size": "file__size"},
    "smtp": {"subject": "email__subject", "user_agent": "user_agent__original"},
    "dhcp": {"host_name": "host__hostname", "mac": "source__mac"},
}
"""ECS field (``__`` for the dot) of each column, by log."""

LONGS = frozenset(
    {"source__bytes", "destination__bytes", "source__packets", "destination__packets", "file__size"}
    | {"http__request__body__bytes", "http__response__body__bytes"}
)

_TELLING = (
    ("conn", "conn_state"),
    ("dns", "qtype"),
    ("dns", "trans_id"),
    ("http", "trans_depth"),
    ("smb_files", "times.modified"),
    ("x509", "certificate.serial"),
    ("ssl", "cipher"),
    ("files", "seen_bytes"),
    ("notice", "note"),
    ("ssh", "auth_attempts"),
    ("ssh", "hassh"),
    ("smb_mapping", "share_type"),
    ("dce_rpc", "operation"),
    ("kerberos", "request_type"),
    ("ntlm", "domainname"),
    ("rdp", "keyboard_layout"),
    ("ftp", "reply_code"),
    ("smtp", "mailfrom"),
    ("dhcp", "assigned_addr"),
    ("weird", "peer"),
)
_CATEGORIES = {"http": "web", "files": "file", "smb_files": "file", "x509": "file", "kerberos": "authentication"}
_LONGEST_SECONDS = 1e9
_SUCCEEDED = {True: "success", False: "failure"}


def log_of_columns(row: Event) -> str | None:
    """The log a row is of, by a column that no other log has; None where no column tells."""
    if not {"uid", "fuid", "id.orig_h", "fuids", "certificate.serial", "note", "peer"} & row.keys():
        return None
    return next((log for log, column in _TELLING if column in row), None)


def protocol_fields(log: str, row: Event) -> Event:
    """The fields that are more than a column's copy: category, type, outcome, targets, answers."""
    category = _CATEGORIES.get(log, "network")
    kind = "access" if category == "file" else "connection" if log == "conn" else "protocol"
    event: Event = {"event.category": [category], "event.type": ["info" if category == "authentication" else kind]}
    if log == "conn":
        return event | _connection_sums(row)
    if log == "dns":
        answers = texts(row, "answers")
        resolved = [ip for answer in answers if (ip := ip_text(answer))]
        return event | present(network__protocol="dns", dns__id=text(row, "trans_id")) | _answers(answers, resolved)
    if log == "http":
        event |= request_target(text(row, "uri") or "", text(row, "host")) | response_status(row.get("status_code"))
        return event | {"network.protocol": "http"}
    if log in ("ssh", "kerberos", "ntlm"):
        succeeded = row.get("auth_success", row.get("success"))
        outcome = _SUCCEEDED[succeeded] if isinstance(succeeded, bool) else "unknown"
        return event | {"event.category": ["authentication"], "event.type": ["info"], "event.outcome": outcome}
    return event | present(network__protocol="tls" if log == "ssl" else None)


def _connection_sums(row: Event) -> Event:
    seconds = row.get("duration")
    orig, resp = number(row, "orig_ip_bytes", "orig_bytes"), number(row, "resp_ip_bytes", "resp_bytes")
    return present(
        event__duration=int(seconds * 1e9)
        if isinstance(seconds, int | float) and abs(seconds) < _LONGEST_SECONDS
        else None,
        source__bytes=orig,
        destination__bytes=resp,
        network__bytes=None if orig is None or resp is None else orig + resp,
    )


def _answers(answers: list[str], resolved: list[str]) -> Event:
    return present(dns__answers__data=[*answers], dns__resolved_ip=[*resolved])
