"""Lines of syslog: RFC 5424, RFC 3164 and rsyslog's files, from Linux hosts and from anything else that speaks it."""

from __future__ import annotations

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.linux.messages import interpret, is_authentication, program_of
from collectors.normalizers.syslog_header import SyslogHeader, split_header
from collectors.normalizers.text_time import find_time_ms
from collectors.record import Reason, Record
from events import Event, format_timestamp

_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "security", "console", "solaris-cron",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
"""Names of the severities of RFC 5424 §6.2.1 by their number."""


class SyslogNormalizer:
    """Syslog lines; what known programs say about sign-ins, privileges and accounts is put into ECS names."""

    name = "linux.syslog"

    def recognizes(self, record: Record) -> bool:
        """Whether the line starts with a syslog header that says the time, or was received with any header at all."""
        if record.text is None:
            return False
        header, _ = split_header(record.text)
        return header is not None and (header.stamp is not None or record.peer is not None)

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event, its header under ``log.syslog.``."""
        header, message = split_header(record.text or "")
        if header is None:
            raise NormalizeError(Reason.INVALID, "no syslog header; name the source's format or send RFC 5424")
        event = header_fields(header)
        if header.stamp is None and record.peer is not None:
            event |= _received(message, context)
        else:
            event["@timestamp"] = header_timestamp(header, context)
        event |= message_fields(header.appname, header.procid, message, event.get("log.syslog.facility.code"))
        return event


def header_fields(header: SyslogHeader) -> Event:
    """The ECS fields of a header, without its time."""
    event: Event = {
        "log.syslog.hostname": header.hostname,
        "log.syslog.appname": header.appname,
        "log.syslog.procid": header.procid,
        "log.syslog.msgid": header.msgid,
        "host.name": header.hostname,
    }
    if header.version is not None:
        event["log.syslog.version"] = str(header.version)
    if header.priority is not None:
        facility, severity = divmod(header.priority, 8)
        event["log.syslog.priority"] = header.priority
        event["log.syslog.facility.code"] = facility
        event["log.syslog.facility.name"] = _FACILITIES[facility]
        event["log.syslog.severity.code"] = severity
        event["log.syslog.severity.name"] = event["log.level"] = SEVERITIES[severity]
    for name, values in header.structured_data.items():
        event[f"log.syslog.structured_data.{name}"] = values[0] if len(values) == 1 else list(values)
    return event


def message_fields(appname: str | None, procid: str | None, message: str, facility: object) -> Event:
    """The dataset, the process and what its message says."""
    program = program_of(appname) if appname else ""
    fields = interpret(program, message)
    code = facility if isinstance(facility, int) else None
    signs_in = is_authentication(program, code) or any(name.startswith("pam.") for name in fields)
    fields["event.module"] = "linux"
    fields["event.dataset"] = "linux.auth" if signs_in else "linux.syslog"
    fields["message"] = message
    if program:
        fields["process.name"] = program
    if procid is not None and procid.isdecimal():
        fields["process.pid"] = int(procid)
    return fields


def _received(message: str, context: SourceContext) -> Event:
    """The time of a received message whose header has none: the one it starts with, else its receipt.

    RFC 3164 §4.3.2 has the receiver put in its own time.
    """
    moment = find_time_ms(message, context.zone)
    if moment is not None:
        return {"@timestamp": format_timestamp(moment)}
    return {"@timestamp": format_timestamp(context.reference()), "fengsui.time.quality": "received"}


def header_timestamp(header: SyslogHeader, context: SourceContext) -> str:
    """The header's time in the event's own form.

    Raises:
        NormalizeError: the header has no time, or one that is no date.
    """
    try:
        moment = header.time_ms(context.zone, context.reference())
    except (ValueError, OverflowError) as error:
        raise NormalizeError(Reason.NO_TIME, "the header's time is no date; check the device's clock") from error
    if moment is None:
        raise NormalizeError(Reason.NO_TIME, "the header has no time; let the device send one")
    return format_timestamp(moment)
