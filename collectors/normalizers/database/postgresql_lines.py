"""PostgreSQL's csvlog and text lines, read into the names that its jsonlog uses (PostgreSQL manual, 20.8)."""

from __future__ import annotations

import csv
import re

_STAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r" ?(?:[A-Z]{1,5}|[+-][0-9]{2}(?::?[0-9]{2})?)"
)
_SEVERITIES = "DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY"
_CSV_HEAD = re.compile(rf'{_STAMP},(?:"[^"]*")?,(?:"[^"]*")?,[0-9]{{1,10}},(?:"[^"]*")?,[0-9a-f]+\.[0-9a-f]+,')
_TEXT = re.compile(
    rf"(?P<stamp>{_STAMP})(?P<prefix>[^\n]{{0,400}}?)\b(?P<severity>{_SEVERITIES}):  (?P<message>.*)", re.DOTALL
)
_NAMES = (
    *("timestamp", "user", "dbname", "pid", "connection_from", "session_id", "line_num", "ps", "session_start"),
    *("vxid", "txid", "error_severity", "state_code", "message", "detail", "hint", "internal_query"),
    *("internal_position", "context", "statement", "cursor_position", "location", "application_name"),
    *("backend_type", "leader_pid", "query_id"),
)
_FEWEST_COLUMNS = 23
_PID = re.compile(r"\[([0-9]{1,10})(?:-[0-9]+)?\]")
_USER_AT_DATABASE = re.compile(r"(?<![\w=.-])([\w.$-]{1,63})@([\w.$-]{1,63})")
_CLIENT = re.compile(r"([0-9A-Fa-f.:]{3,45}|[\w.-]{1,255}|\[local\])\(([0-9]{1,5})\)")
_ASSIGNED = re.compile(r"\b(user|db|database|app|client|host)=([^,\s]*)")
_ASSIGNED_NAMES = {
    "db": "dbname",
    "database": "dbname",
    "app": "application_name",
    "client": "remote_host",
    "host": "remote_host",
}


def is_csv_row(message: str) -> bool:
    """Whether a message starts as a csvlog row does."""
    return _CSV_HEAD.match(message) is not None


def is_text_line(message: str) -> bool:
    """Whether a message is a text line: a time with zone, a prefix, a severity followed by two spaces."""
    return _TEXT.fullmatch(message) is not None


def csv_row(message: str) -> dict[str, object] | None:
    """A csvlog row by the names of jsonlog; None where the message is none."""
    if not is_csv_row(message):
        return None
    try:
        cells = next(csv.reader([message], strict=True))
    except (csv.Error, StopIteration):
        return None
    if len(cells) < _FEWEST_COLUMNS:
        return None
    row: dict[str, object] = {name: cell for name, cell in zip(_NAMES, cells, strict=False) if cell}
    host, _, port = str(row.get("connection_from", "")).rpartition(":")
    if host:
        row |= {"remote_host": host.strip("[]"), "remote_port": port}
    return row


def text_row(message: str) -> dict[str, object] | None:
    """A text line by the names of jsonlog, its prefix searched for user, database, client and process."""
    found = _TEXT.fullmatch(message)
    if found is None:
        return None
    row: dict[str, object] = {"timestamp": found["stamp"], "error_severity": found["severity"]}
    row["message"] = found["message"]
    prefix = found["prefix"]
    for name, value in _ASSIGNED.findall(prefix):
        row[_ASSIGNED_NAMES.get(name, name)] = value
    if pid := _PID.search(prefix):
        row["pid"] = int(pid[1])
    if owner := _USER_AT_DATABASE.search(prefix):
        row |= {"user": owner[1], "dbname": owner[2]}
    if client := _CLIENT.search(prefix):
        row |= {"remote_host": client[1].strip("[]:"), "remote_port": client[2]}
    return row
