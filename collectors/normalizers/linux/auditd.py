"""Records of the Linux audit system, one event a record, as the audit daemon writes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.linux.audit_record import AuditRecord, parse_audit_record
from collectors.normalizers.network_fields import endpoint
from collectors.record import Reason, Record
from events import Event, Scalar, format_timestamp

_DATA = "auditd.data."
_ABSENT = frozenset(("", "?", "(null)", "(none)"))
_OUTCOMES = {"yes": "success", "success": "success", "1": "success", "no": "failure", "failed": "failure"} | {
    "fail": "failure",
    "0": "failure",
}
_TEXTS: Mapping[str, str] = {
    "comm": "process.name",
    "exe": "process.executable",
    "cwd": "process.working_directory",
    "proctitle": "process.title",
    "cmd": "process.command_line",
    "uid": "user.id",
    "UID": "user.name",
    "euid": "user.effective.id",
    "EUID": "user.effective.name",
    "acct": "user.name",
    "unit": "service.name",
    "name": "file.path",
}
_NUMBERS: Mapping[str, str] = {"pid": "process.pid", "ppid": "process.parent.pid"}
_LONGEST_NUMBER = 18


class RecordType(BaseModel):
    """What ECS calls the records of one type."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()


class AuditdNormalizer:
    """Records of the Linux audit system."""

    name = "linux.auditd"

    def recognizes(self, record: Record) -> bool:
        """Whether the line is a record, alone or behind a syslog header."""
        return record.text is not None and parse_audit_record(record.text) is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:  # noqa: ARG002 (the record's time is UTC)
        """The event, the record's fields under ``auditd.data.`` with their original names."""
        audit = parse_audit_record(record.text or "")
        if audit is None:
            raise NormalizeError(Reason.INVALID, "no audit record; send the daemon's own lines (type=… msg=audit(…))")
        event: Event = {f"{_DATA}{name}": value for name, value in audit.fields.items()}
        event[f"{_DATA}type"] = audit.type
        event["@timestamp"] = format_timestamp(audit.time_ms)
        event["event.module"] = "linux"
        event["event.dataset"] = "linux.auditd"
        event["auditd.sequence"] = audit.serial
        event["host.name"] = audit.node
        event["message"] = (record.text or "").replace("\x1d", " ")
        _put_type(event, audit.type)
        _put_ecs(event, audit)
        return event


@cache
def record_types() -> Mapping[str, RecordType]:
    """The table shipped beside this module."""
    text = files(__package__).joinpath("auditd.yml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, RecordType]).validate_python(yaml.safe_load(text))


def _put_type(event: Event, record_type: str) -> None:
    known = record_types().get(record_type)
    event["event.action"] = known.action if known else record_type.lower()
    if known and known.category:
        event["event.category"] = list(known.category)
    if known and known.type:
        event["event.type"] = list(known.type)


def _put_ecs(event: Event, audit: AuditRecord) -> None:
    said = {name: value for name, value in audit.fields.items() if value not in _ABSENT}
    event |= {target: said[name] for name, target in _TEXTS.items() if name in said}
    for name, target in _NUMBERS.items():
        if name in said and said[name].isdecimal() and len(said[name]) <= _LONGEST_NUMBER:
            event[target] = int(said[name])
    outcome = _OUTCOMES.get(said.get("success", said.get("res", "")))
    if outcome:
        event["event.outcome"] = outcome
    event |= endpoint("source", said.get("addr"))
    if "exe" in said:
        event.setdefault("process.name", said["exe"].rsplit("/", 1)[-1])
    if audit.type == "EXECVE":
        arguments = _arguments(audit.fields)
        event["process.args"] = arguments
        event["process.command_line"] = " ".join(str(argument) for argument in arguments)


def _arguments(fields: Mapping[str, str]) -> list[Scalar]:
    numbered = {name: value for name, value in fields.items() if name[:1] == "a" and name[1:].isdecimal()}
    return [numbered[name] for name in sorted(numbered, key=lambda name: int(name[1:]))]
