"""Reading a record: its message without the carrier's header, its document, and the values in it by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson

from collectors.normalizers.contract import NormalizeError
from collectors.normalizers.syslog_header import split_header
from collectors.record import Reason, Record
from events import Event, Value, flatten
from events.event import NestingError

_LARGEST_LONG = 2**63 - 1
_LONG_DIGITS = 20
_EMPTY: Mapping[str, object] = {}


# Each normalizer is asked in turn about one and the same record; a few entries spare it being taken apart every time.
_split = lru_cache(maxsize=4)(split_header)


def message_of(record: Record) -> str:
    """The text of a record without the syslog header it may have travelled with; empty for a record of no text."""
    return _split(record.text)[1] if record.text else ""


def document_of(record: Record) -> Mapping[str, object] | None:
    """The structure of a record: its own, or the JSON object its message holds (JSON carried by syslog)."""
    if record.document is not None:
        return record.document
    if not record.text or not record.text.rstrip().endswith("}"):
        return None
    return _parsed(_json_part(record.text))


def _json_part(text: str) -> str:
    """The JSON of a line: the message, or what follows a cookie such as ``@cee:`` before the first brace."""
    message = _split(text)[1].lstrip("\ufeff ")
    return message.removeprefix("@cee:").lstrip()


@lru_cache(maxsize=4)
def _parsed(message: str) -> Mapping[str, object] | None:
    if not message.startswith("{"):
        return None
    try:
        document = orjson.loads(message)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return document if isinstance(document, dict) else None


def carrier(record: Record) -> Event:
    """The fields of the syslog header that carried the record: who sent it and as what."""
    header = _split(record.text)[0] if record.text else None
    if header is None:
        return {}
    fields: Event = {
        "host.name": header.hostname,
        "log.syslog.hostname": header.hostname,
        "log.syslog.priority": header.priority,
        "log.syslog.appname": header.appname,
        "log.syslog.procid": header.procid,
    }
    return {name: value for name, value in fields.items() if value is not None}


def program_of(record: Record) -> str:
    """The program that the carrying syslog header names; empty where there is none."""
    header = _split(record.text)[0] if record.text else None
    return (header.appname or "") if header else ""


def namespaced(document: Mapping[str, object], prefix: str) -> Event:
    """The document's own fields, flat, under the source's namespace.

    Raises:
        NormalizeError: the document is nested too deeply.
    """
    try:
        return flatten(document, prefix)
    except NestingError as error:
        raise NormalizeError(Reason.TOO_DEEP, f"{prefix}*: nested more deeply than any log of this kind") from error


def text(document: Mapping[str, object], *names: str) -> str | None:
    """The first of the named values that says anything, as text; ``-`` and empty say nothing."""
    for name in names:
        value = document.get(name)
        if isinstance(value, str):
            if value and value != "-":
                return value
        elif isinstance(value, bool):
            return "true" if value else "false"
        elif isinstance(value, int | float):
            return str(value)
    return None


def number(document: Mapping[str, object], *names: str) -> int | None:
    """The first of the named values that is a whole number of 64 bits, written as number or as digits."""
    for name in names:
        whole = whole_number(document.get(name))
        if whole is not None:
            return whole
    return None


def whole_number(value: object) -> int | None:
    """A whole number of 64 bits, or None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < _LONG_DIGITS):
            return None
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and abs(value) <= _LARGEST_LONG else None


def texts(document: Mapping[str, object], *names: str) -> list[str]:
    """The first of the named values that says anything, as a list: a list's scalars, or text cut at commas."""
    for name in names:
        value = document.get(name)
        if isinstance(value, list):
            return [str(item) for item in value if isinstance(item, str | int | float)]
        if isinstance(value, str) and value.strip(" -"):
            return [part.strip() for part in value.split(",") if part.strip()]
    return []


def child(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The named inner document; an empty one where there is none."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else _EMPTY


def present(**fields: Value) -> Event:
    """The fields that say anything; a keyword's ``__`` stands for the dot of the field's name."""
    return {name.replace("__", "."): value for name, value in fields.items() if value not in (None, "", [])}
