"""The error lines of Apache (before and since 2.4) and of nginx."""

from __future__ import annotations

import re
from datetime import datetime

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import present, whole_number
from collectors.normalizers.moments import month_number, no_time, timestamp_at
from collectors.normalizers.network_fields import endpoint, split_port
from collectors.normalizers.web_fields import request_line, request_target
from events import Event, Value

APACHE_ERROR = re.compile(
    r"""\[[A-Z][a-z]{2}\ (?P<month>[A-Z][a-z]{2})\ +(?P<day>[0-9]{1,2})\ (?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})
    (?:\.(?P<fraction>[0-9]{1,6})[0-9]*)?\ (?P<year>[0-9]{4})\]\s
    \[(?:(?P<module>[\w-]*):)?(?P<level>[a-z]+[0-9]?)\]\s
    (?:\[pid\ (?P<pid>[0-9]{1,18})(?::tid\ (?P<tid>[0-9]{1,18}))?\]\s)?
    (?:\[remote\ [^\]]*\]\s)?
    (?:(?P<status>\([0-9]+\)[^:\[]*:)\s)?
    (?:\[client\ (?P<client>[^\]]*)\]\s)?
    (?:(?P<code>AH[0-9]{5}):\s)?(?P<message>.*)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
NGINX_ERROR = re.compile(
    r"""(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})\ (?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})\s
    \[(?P<level>debug|info|notice|warn|error|crit|alert|emerg)\]\s
    (?P<pid>[0-9]{1,18})\#(?P<tid>[0-9]{1,18}):\s(?:\*(?P<connection>[0-9]{1,18})\s)?(?P<message>.*)""",
    re.VERBOSE | re.DOTALL,
)
_NGINX_DETAIL = re.compile(r', (client|server|request|upstream|host|referrer|subrequest): ("(?:[^"\\]|\\.)*"|[^,]+)')
_SERIOUS = frozenset({"error", "crit", "alert", "emerg"})


def apache_error_event(found: re.Match[str], context: SourceContext) -> Event:
    """The event of a line that ``APACHE_ERROR`` matched.

    Raises:
        NormalizeError: the stamp is no time.
    """
    try:
        month = month_number(found["month"])
    except KeyError as error:
        raise no_time("Apache error line") from error
    event = _error_event(found, month, context, "apache.error")
    if found["client"]:
        event |= endpoint("source", *split_port(found["client"]))
    original = found.groupdict()
    names = ("module", "level", "pid", "tid", "status", "client", "code", "message")
    event |= {f"apache.error.{name}": original[name] for name in names if original[name]}
    return event | present(log__logger=found["module"], event__code=found["code"])


def nginx_error_event(found: re.Match[str], context: SourceContext) -> Event:
    """The event of a line that ``NGINX_ERROR`` matched.

    Raises:
        NormalizeError: the stamp is no time.
    """
    event = _error_event(found, int(found["month"]), context, "nginx.error")
    details = {name: value.strip('"') for name, value in _NGINX_DETAIL.findall(found["message"])}
    event |= {f"nginx.error.{name}": value for name, value in details.items()}
    original = found.groupdict()
    names = ("level", "pid", "tid", "connection", "message")
    event |= {f"nginx.error.{name}": original[name] for name in names if original[name]}
    event |= endpoint("source", details.get("client"))
    if "request" in details:
        event |= request_line(details["request"])
    if "host" in details:
        event["url.domain"] = request_target("", details["host"])["url.domain"]
    return event | present(http__request__referrer=details.get("referrer"))


def _error_event(found: re.Match[str], month: int, context: SourceContext, dataset: str) -> Event:
    level = found["level"]
    kind: Value = ["error"] if level in _SERIOUS else ["info"]
    event: Event = {
        "@timestamp": _timestamp(found, month, context),
        "event.kind": "event",
        "event.category": ["web"],
        "event.type": kind,
        "event.dataset": dataset,
        "event.module": dataset.partition(".")[0],
        "log.level": level,
        "message": found["message"],
    }
    return event | present(process__pid=whole_number(found["pid"]), process__thread__id=whole_number(found["tid"]))


def _timestamp(found: re.Match[str], month: int, context: SourceContext) -> str:
    hour, minute, second = (int(part) for part in found["clock"].split(":"))
    fraction = (found.groupdict().get("fraction") or "").ljust(6, "0")
    try:
        moment = datetime(int(found["year"]), month, int(found["day"]), hour, minute, second, int(fraction))  # noqa: DTZ001 (the zone is the source's, applied by timestamp_at)
    except ValueError as error:
        raise no_time("error line") from error
    return timestamp_at(moment, context.zone, "error line")
