"""Entries of the systemd journal as ``journalctl -o json`` exports them.

Reference: systemd.journal-fields(7), Journal Export Formats.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.linux.messages import program_of
from collectors.normalizers.linux.syslog import SEVERITIES, message_fields
from collectors.record import Reason, Record
from events import Event, format_timestamp

_NAMESPACE = "journald."
_TIMES = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_TEXTS: Mapping[str, str] = {
    "_HOSTNAME": "host.name",
    "_MACHINE_ID": "host.id",
    "_EXE": "process.executable",
    "_CMDLINE": "process.command_line",
    "_SYSTEMD_UNIT": "service.name",
    "_UID": "user.id",
    "SYSLOG_IDENTIFIER": "log.syslog.appname",
}
_LONGEST_NUMBER = 19


class JournaldNormalizer:
    """Entries of the systemd journal."""

    name = "linux.journald"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has the journal's own time and cursor or boot."""
        document = record.document
        return (
            document is not None
            and "__REALTIME_TIMESTAMP" in document
            and ("__CURSOR" in document or "_BOOT_ID" in document or "MESSAGE" in document)
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:  # noqa: ARG002 (the journal's time is UTC)
        """The event, the entry's fields under ``journald.`` with their original names."""
        document = record.document or {}
        entry = {name: _text(value) for name, value in document.items()}
        event: Event = {f"{_NAMESPACE}{name}": text for name, text in entry.items() if name != "MESSAGE"}
        event |= {target: entry[name] for name, target in _TEXTS.items() if name in entry}
        event["@timestamp"] = _timestamp(entry)
        program = entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM")
        procid = entry.get("_PID") or entry.get("SYSLOG_PID")
        facility = _number(entry.get("SYSLOG_FACILITY"))
        said = message_fields(program, procid, entry.get("MESSAGE") or "", facility)
        event |= said
        event["process.name"] = entry.get("_COMM") or (program_of(program) if program else None)
        severity = _number(entry.get("PRIORITY"))
        if severity is not None and severity < len(SEVERITIES):
            event["log.syslog.severity.code"] = severity
            event["log.syslog.severity.name"] = event["log.level"] = SEVERITIES[severity]
        return event


def _text(value: object) -> str | None:
    """A field as text; the export writes bytes that are no text as a list of numbers."""
    if isinstance(value, list):
        if all(isinstance(item, int) and 0 <= item <= 255 for item in value):  # noqa: PLR2004 (a byte)
            return bytes(value).decode("utf-8", "backslashreplace")
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def _timestamp(entry: Mapping[str, str | None]) -> str:
    for name in _TIMES:
        microseconds = _number(entry.get(name))
        if microseconds is not None:
            return format_timestamp(microseconds // 1000)
    raise NormalizeError(Reason.NO_TIME, "__REALTIME_TIMESTAMP: no number of microseconds; export with -o json")
