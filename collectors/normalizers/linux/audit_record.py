"""The text of a record of the Linux audit system: ``type=… msg=audit(time:serial): name=value …``.

Values that a user could have chosen are written in quotes, or in hexadecimal where they hold what quotes can't; which
fields these are is fixed. Behind the group separator (0x1d) stand the interpretations, their names in upper case.

Reference: Linux Audit documentation, "Audit Event Parsing Library Specifications", log format and field encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.normalizers.syslog_header import split_header

_RECORD = re.compile(
    r"""
    (?:\S{1,32}:[ ]|\[[^\]]{1,32}\][ ]){0,3}                # audispd:, audit:, [ 1234.567890]
    (?:node=(?P<node>\S{1,255})[ ])?
    type=(?P<type>[A-Z0-9_\[\]]{1,64})[ ](?:msg=)?
    audit\((?P<seconds>[0-9]{1,12})(?:\.(?P<milliseconds>[0-9]{1,3}))?:(?P<serial>[0-9]{1,20})\)[ ]?:[ ]*
    """,
    re.VERBOSE,
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*)=(?P<value>\"[^\"]*\"|'[^']*'|\{[^}]*\}|[^\s,]*)")
_ARGUMENT = re.compile(r"a[0-9]+(?:\[[0-9]+\])?")
_HEXADECIMAL = re.compile(r"(?:[0-9A-F]{2})+")
_ENCODED = frozenset(
    (
        "acct", "cmd", "comm", "cwd", "data", "dir", "exe", "file", "grp", "hostname", "key", "name", "new-disk",
        "new_group", "ocomm", "old-disk", "path", "proctitle", "root_dir", "subj_exe", "sw", "unit", "vm", "watch",
    )
)  # fmt: skip
_INTERPRETED = "\x1d"
_RULE_KEY_SEPARATOR = "\x01"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One record: its fields by name, in order, decoded.

    Attributes:
        node: the host it was written on, where the record or the syslog header says.
        time_ms: milliseconds since 1970 UTC.
        serial: number of the event that this record is a part of.
        fields: values by their original names, interpretations in upper case among them.
    """

    node: str | None
    type: str
    time_ms: int
    serial: str
    fields: dict[str, str]


def parse_audit_record(line: str) -> AuditRecord | None:
    """The record of a line, with or without syslog header before it; None for a line that is none."""
    if "audit(" not in line:
        return None
    found, node = _RECORD.match(line), None
    if found is None:
        header, line = split_header(line)
        found = _RECORD.match(line) if header is not None else None
        node = header.hostname if header is not None else None
    if found is None:
        return None
    raw, _, interpreted = line[found.end() :].partition(_INTERPRETED)
    fields = dict(_fields(raw, found["type"]))
    fields |= {name: _unquoted(value) for name, value in _pairs(interpreted)}
    time_ms = int(found["seconds"]) * 1000 + int((found["milliseconds"] or "0").ljust(3, "0"))
    return AuditRecord(found["node"] or node, found["type"], time_ms, found["serial"], fields)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    return ((found["name"], found["value"]) for found in _FIELD.finditer(text))


def _fields(text: str, record_type: str) -> Iterator[tuple[str, str]]:
    """The fields decoded; what a program reports (``msg='op=… acct=…'``) stands beside the kernel's own fields."""
    for name, value in _pairs(text):
        if name == "msg" and value.startswith("'"):
            yield from _fields(value[1:-1], record_type)
        else:
            yield name, _decoded(name, value, record_type)


def _decoded(name: str, value: str, record_type: str) -> str:
    if value[:1] in {'"', "'"}:
        return _unquoted(value)
    written_by_user = name in _ENCODED or (record_type == "EXECVE" and _ARGUMENT.fullmatch(name))
    if not written_by_user or not _HEXADECIMAL.fullmatch(value):
        return value
    text = bytes.fromhex(value).decode("utf-8", "backslashreplace")
    return text.replace(_RULE_KEY_SEPARATOR, " ").replace("\0", " ").rstrip()


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
