"""The access line that Apache (Common and Combined Log Format, mod_log_config) and nginx write alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.normalizers.contract import NormalizeError
from collectors.normalizers.document import present, whole_number
from collectors.normalizers.moments import common_log_moment, no_time, timestamp_at
from collectors.normalizers.network_fields import endpoint, ip_text
from collectors.normalizers.web_fields import request_line, response_status
from collectors.record import Reason
from events import Event

_QUOTED = r'[^"\\]*(?:\\.[^"\\]*)*'
_HEAD = r"""
    (?:(?P<vhost>[^\s:"\[]+:[0-9]{1,5})\ )?(?P<host>[^\s"\[]+)\ (?P<ident>[^\s"\[]+)\ (?P<user>[^\[\n]{0,256}?)\ ?
    \[(?P<time>[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}\ [+-][0-9]{4})\]\ """
_STATUS = r'"\ (?P<status>[0-9]{3}|-)\ (?P<bytes>[0-9]{1,19}|-)'
# Both servers escape quotes inside a value; the second form reads what other writers leave unescaped.
_ESCAPED = re.compile(rf'{_HEAD}"(?P<request>{_QUOTED}){_STATUS}(?P<rest>(?:\ .*)?)', re.VERBOSE | re.DOTALL)
_UNESCAPED = re.compile(rf'{_HEAD}"(?P<request>.*?){_STATUS}(?P<rest>(?:\ .*)?)', re.VERBOSE | re.DOTALL)
_TRAILER = re.compile(rf'(?:(?P<key>[A-Za-z_][\w.-]*)[=:])?(?:"(?P<quoted>{_QUOTED})"|(?P<bare>[^\s"]+))', re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}\.[0-9]{1,6}")
_STAMP_AT = re.compile(r"\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:")
_CONTROL = re.compile(r"\\x([0-9A-Fa-f]{2})|\\([\"\\])")


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One access line taken apart; ``-`` has become None, escapes inside quotes are resolved in request and agent."""

    vhost: str | None
    host: str
    ident: str | None
    user: str | None
    time: str
    request: str
    status: str
    bytes: str
    referrer: str | None
    agent: str | None
    forwarded_for: list[str]
    seconds: str | None
    trailing: list[str]
    named: dict[str, str]


def looks_like_access_line(message: str) -> bool:
    """Whether a message is an access line, judged by its stamp and its status."""
    return _STAMP_AT.search(message, 0, 600) is not None and _match(message) is not None


def parse_access_line(message: str) -> AccessLine:
    """Take an access line apart.

    Raises:
        NormalizeError: the message is no access line.
    """
    found = _match(message)
    if found is None:
        raise NormalizeError(Reason.INVALID, "access line: not in common or combined log format")
    quoted, bare, named = _trailers(found["rest"])
    return AccessLine(
        vhost=found["vhost"],
        host=found["host"],
        ident=_said(found["ident"]),
        user=_said(found["user"]),
        time=found["time"],
        request=_unescape(found["request"]),
        status=found["status"],
        bytes=found["bytes"],
        referrer=_said(quoted[0]) if quoted else None,
        agent=_said(quoted[1]) if len(quoted) > 1 else None,
        forwarded_for=_forwarded(quoted[2:]),
        seconds=next((value for value in bare if _SECONDS.fullmatch(value)), None),
        trailing=quoted[2:] + bare,
        named=named,
    )


def access_event(line: AccessLine, dataset: str) -> Event:
    """The ECS fields of an access line.

    Raises:
        NormalizeError: the stamp is no time.
    """
    try:
        moment = common_log_moment(line.time)
    except (ValueError, KeyError, IndexError) as error:
        raise no_time("access line") from error
    event: Event = {
        "@timestamp": timestamp_at(moment, None, "access line"),
        "event.kind": "event",
        "event.category": ["web"],
        "event.type": ["access"],
        "event.dataset": dataset,
        "event.module": dataset.partition(".")[0],
    }
    event |= endpoint("source", line.host)
    event |= request_line(line.request)
    event |= response_status(line.status)
    event |= present(
        http__response__body__bytes=whole_number(line.bytes),
        http__request__referrer=line.referrer,
        user_agent__original=line.agent,
        user__name=line.user,
        network__forwarded_ip=[ip for address in line.forwarded_for if (ip := ip_text(address))],
    )
    if line.vhost:
        event.setdefault("url.domain", line.vhost.partition(":")[0])
    return event


def _match(message: str) -> re.Match[str] | None:
    return _ESCAPED.fullmatch(message) or _UNESCAPED.fullmatch(message)


def _trailers(rest: str) -> tuple[list[str], list[str], dict[str, str]]:
    quoted: list[str] = []
    bare: list[str] = []
    named: dict[str, str] = {}
    for found in _TRAILER.finditer(rest):
        if found["key"]:
            named[found["key"]] = _unescape(found["quoted"] or found["bare"] or "")
        elif found["quoted"] is not None:
            quoted.append(_unescape(found["quoted"]))
        else:
            bare.append(found["bare"])
    return quoted, bare, named


def _forwarded(quoted: list[str]) -> list[str]:
    """The addresses of the first trailing value that is nothing but addresses (X-Forwarded-For)."""
    for value in quoted:
        addresses = [part.strip() for part in value.split(",")]
        if all(ip_text(address) for address in addresses):
            return addresses
    return []


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _CONTROL.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], value)


def _said(value: str | None) -> str | None:
    value = _unescape(value) if value else None
    return None if value in (None, "", "-") else value
