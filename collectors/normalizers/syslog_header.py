"""Syslog headers: RFC 5424, RFC 3164 and what devices make of it, and RFC 3339 stamps as rsyslog writes files.

References:
    RFC 5424 §6 (header, structured data), RFC 3164 §4.1 (priority, time, host, tag).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache

from collectors.normalizers.syslog_time import TRADITIONAL_STAMP, syslog_time_ms

_HIGHEST_PRIORITY = 191
_NIL = "-"
_LOG_LEVELS = frozenset(
    ("TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERR", "ERROR", "CRIT", "CRITICAL", "FATAL", "SEVERE")
)

_STRUCTURED = re.compile(
    r"<(?P<priority>[0-9]{1,3})>(?P<version>[1-9][0-9]?)[ ]"
    r"(?P<stamp>\S{1,64})[ ](?P<host>\S{1,255})[ ](?P<app>\S{1,128})[ ](?P<procid>\S{1,128})[ ](?P<msgid>\S{1,128})"
    r"(?:[ ]|$)"
)
_TRADITIONAL = re.compile(
    rf"""
    (?:<(?P<priority>[0-9]{{1,3}})>[ ]?)?
    (?:(?:(?P<relay>[A-Za-z0-9_][A-Za-z0-9_.:%-]{{0,254}})[ ])?  # the sender, as receivers note it before
        [0-9]{{1,10}}:[ ]                               # a sequence number, as Cisco devices send it
        (?:(?P<origin>[A-Za-z0-9_][A-Za-z0-9_.%-]{{0,254}}):[ ])?)?  # and the name they may put behind it
    [*.]?                                               # a clock that is not synchronized, likewise
    (?P<stamp>{TRADITIONAL_STAMP}
      | [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?P<separator>[T ])[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}
        (?:[.,][0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?
    )(?::?[ ]+|:?$)
    """,
    re.VERBOSE,
)
_PRIORITY_ONLY = re.compile(r"<(?P<priority>[0-9]{1,3})>")
_HOST = re.compile(r"(?P<host>[A-Za-z0-9_][A-Za-z0-9_.:%-]{0,254})(?: +(?:: )?|$)")
_TAG = re.compile(r"(?P<app>[^\s:\[\]{\"]{1,128})(?:\[(?P<procid>[^\]\s]{1,128})\])?:(?: +|$)")
_ELEMENT = re.compile(r"\[(?P<id>[^\s=\]\"]{1,128})(?P<parameters>(?: +[^\s=\]\"]{1,128}=\"(?:[^\"\\\]]|\\.)*\")*) *\]")
_PARAMETER = re.compile(r"(?P<name>[^\s=\]\"]{1,128})=\"(?P<value>(?:[^\"\\\]]|\\.)*)\"")
_ESCAPED = re.compile(r"\\([\"\\\]])")


@dataclass(frozen=True, slots=True)
class SyslogHeader:
    """What stands before the message; None where the header does not say.

    Attributes:
        priority: facility times eight plus severity.
        version: 1 for RFC 5424.
        stamp: the time as written; ``time_ms`` reads it.
        structured_data: parameters by ``<element id>.<name>``, more than one value of a name as a list.
    """

    priority: int | None = None
    version: int | None = None
    stamp: str | None = None
    hostname: str | None = None
    appname: str | None = None
    procid: str | None = None
    msgid: str | None = None
    structured_data: Mapping[str, list[str]] = field(default_factory=dict)

    def time_ms(self, zone: tzinfo | None, reference_ms: int) -> int | None:
        """The header's time in milliseconds since 1970 UTC, None where it has none.

        Raises:
            ValueError: the stamp is no time.
            OverflowError: the time lies outside the years 1 to 9999.
        """
        return None if self.stamp is None else syslog_time_ms(self.stamp, zone, reference_ms)


# Each normalizer is asked in turn about one and the same line; a few entries spare it being split every time.
@lru_cache(maxsize=4)
def split_header(text: str) -> tuple[SyslogHeader | None, str]:
    """Split a line into its syslog header and its message; the header is None, the message the line, without one."""
    if text[:1] == "<":
        found = _STRUCTURED.match(text)
        if found is not None and int(found["priority"]) <= _HIGHEST_PRIORITY:
            return _structured(found, text[found.end() :])
    found = _TRADITIONAL.match(text)
    if found is not None and int(found["priority"] or 0) <= _HIGHEST_PRIORITY:
        return _traditional(found, text)
    found = _PRIORITY_ONLY.match(text)
    if found is not None and int(found["priority"]) <= _HIGHEST_PRIORITY:
        return SyslogHeader(int(found["priority"])), text[found.end() :]
    return None, text


def _structured(found: re.Match[str], rest: str) -> tuple[SyslogHeader, str]:
    data, message = _structured_data(rest)
    header = SyslogHeader(
        priority=int(found["priority"]),
        version=int(found["version"]),
        stamp=_present(found["stamp"]),
        hostname=_present(found["host"]),
        appname=_present(found["app"]),
        procid=_present(found["procid"]),
        msgid=_present(found["msgid"]),
        structured_data=data,
    )
    return header, message


def _present(value: str) -> str | None:
    return None if value == _NIL else value


def _structured_data(rest: str) -> tuple[dict[str, list[str]], str]:
    """The parameters and what follows them; broken structured data stays part of the message."""
    data: dict[str, list[str]] = {}
    end = 1 if rest.startswith(_NIL) else 0
    while element := _ELEMENT.match(rest, end):
        for parameter in _PARAMETER.finditer(element["parameters"]):
            value = _ESCAPED.sub(r"\1", parameter["value"])
            data.setdefault(f"{element['id']}.{parameter['name']}", []).append(value)
        end = element.end()
    return data, rest[end:].removeprefix(" ").removeprefix("\ufeff")


def _traditional(found: re.Match[str], text: str) -> tuple[SyslogHeader | None, str]:
    """A header whose time is followed by host and tag, either of which may be missing."""
    priority = int(found["priority"]) if found["priority"] else None
    start, host = found.end(), None
    colon_ends_stamp = text[found.end("stamp") : found.end("stamp") + 1] == ":"
    candidate = None if colon_ends_stamp else _HOST.match(text, start)
    if candidate is not None and candidate["host"] not in _LOG_LEVELS and not candidate["host"].endswith(":"):
        start, host = candidate.end(), candidate["host"]
    tag = _TAG.match(text, start)
    # Without priority an ISO time proves nothing: many logs start with one. Host and tag behind it do.
    if found["separator"] and priority is None and (found["separator"] == " " or host is None or tag is None):
        return None, text
    app, procid = (tag["app"], tag["procid"]) if tag else (None, None)
    header = SyslogHeader(priority, None, found["stamp"], host or found["origin"] or found["relay"], app, procid)
    return header, text[tag.end() :] if tag else text[start:]
