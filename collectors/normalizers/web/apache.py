"""Apache HTTP Server: access and error logs.

nginx's default access line is Apache's combined line to the letter. Such a line is taken for Apache's, unless the
syslog tag or ``--format nginx`` says otherwise; both give the same ECS fields.
"""

from __future__ import annotations

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import carrier, message_of, program_of, whole_number
from collectors.normalizers.web.access_line import AccessLine, access_event, looks_like_access_line, parse_access_line
from collectors.normalizers.web.error_line import APACHE_ERROR, apache_error_event
from collectors.record import Record
from events import Event


class ApacheNormalizer:
    """Access lines (common, combined, with vhost, with further fields) and error lines, 2.2 and 2.4."""

    name = "apache"

    def recognizes(self, record: Record) -> bool:
        """Whether the line is an Apache error line or an access line."""
        message = message_of(record)
        if message.startswith("["):
            return APACHE_ERROR.fullmatch(message) is not None
        return looks_like_access_line(message) and not program_of(record).startswith("nginx")

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an Apache line.

        Raises:
            NormalizeError: the line is neither access nor error line, or has no time.
        """
        message = message_of(record)
        found = APACHE_ERROR.fullmatch(message)
        if found is not None:
            return carrier(record) | apache_error_event(found, context)
        line = parse_access_line(message)
        return carrier(record) | access_event(line, "apache.access") | _own_fields(line)


def _own_fields(line: AccessLine) -> Event:
    own: Event = {
        "vhost": line.vhost,
        "remote_host": line.host,
        "remote_logname": line.ident,
        "remote_user": line.user,
        "request": line.request,
        "status": whole_number(line.status),
        "bytes": whole_number(line.bytes),
        "referer": line.referrer,
        "user_agent": line.agent,
        "request_time": line.seconds,
        "x_forwarded_for": list(line.forwarded_for),
        "trailing": list(line.trailing),
        **line.named,
    }
    return {f"apache.access.{name}": value for name, value in own.items() if value not in (None, [])}
