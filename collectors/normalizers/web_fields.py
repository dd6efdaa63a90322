"""ECS names of a web request: its target, its method, its result."""

from __future__ import annotations

import re

from collectors.normalizers.document import whole_number
from events import Event

# Method, target (which may hold spaces when a client does not escape them), protocol version if any (RFC 9112 §3).
_REQUEST_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,31}) +(\S.*?)(?: +HTTP/([0-9](?:\.[0-9])?))? *")
_FIRST_FAILURE = 400
_LONGEST_EXTENSION = 10
_STATUS_CODES = range(100, 1000)


def request_line(line: str) -> Event:
    """The fields of ``GET /path?query HTTP/1.1``; a line that is no request gives ``event.reason``."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        return {"event.reason": "malformed request"}
    event = request_target(found[2])
    event["http.request.method"] = found[1]
    if found[3]:
        event["http.version"] = found[3]
    return event


def request_target(target: str, host: str | None = None) -> Event:
    """The fields of a request's target in any of its forms (RFC 9112 §3.2), beside the host asked for."""
    event: Event = {"url.original": target}
    rest = target
    scheme, separator, after = target.partition("://")
    if separator and scheme.isalpha():
        authority, slash, path = after.partition("/")
        event["url.scheme"] = scheme.lower()
        rest, host = slash + path, authority or host
    path, _, query = rest.partition("?")
    query = query.partition("#")[0]
    if path:
        event["url.path"] = path
    if query:
        event["url.query"] = query
    _put_extension(event, path)
    if host:
        _put_host(event, host)
    return event


def response_status(status: object) -> Event:
    """The fields of a response's status; the request failed from 400 on."""
    code = whole_number(status)
    if code is None or code not in _STATUS_CODES:
        return {"event.outcome": "unknown"}
    outcome = "failure" if code >= _FIRST_FAILURE else "success"
    return {"http.response.status_code": code, "event.outcome": outcome}


def _put_extension(event: Event, path: str) -> None:
    _, dot, extension = path.rpartition("/")[2].rpartition(".")
    if dot and 0 < len(extension) <= _LONGEST_EXTENSION and extension.isalnum():
        event["url.extension"] = extension


def _put_host(event: Event, host: str) -> None:
    name, colon, port = host.rpartition("@")[2].rpartition(":")
    if colon and port.isdigit() and (":" not in name or name.endswith("]")):
        event["url.domain"] = name.strip("[]")
        number = whole_number(port)
        if number is not None:
            event["url.port"] = number
    else:
        event["url.domain"] = host.rpartition("@")[2].strip("[]")
