"""Syslog over UDP, TCP and TLS: messages are cut out of the stream, spooled as received, and read by delivery.

What a message says (RFC 5424, RFC 3164) is the normalizers' business.
"""

from collectors.sources.syslog.source import SyslogSource

__all__ = ["SyslogSource"]
