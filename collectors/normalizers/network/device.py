"""Syslog of switches and routers: Cisco IOS and ASA, Huawei VRP, H3C Comware.

They put facility, severity and mnemonic into the message: ``%SYS-5-CONFIG_I: …`` (Cisco), ``%%01SHELL/5/CMD(l)[7]:…``
(Huawei), ``%%10SHELL/6/SHELL_CMD: …`` (H3C). Some firewalls do so too, so this is asked after them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.linux.syslog import SEVERITIES, header_fields, header_timestamp
from collectors.normalizers.network_fields import endpoint
from collectors.normalizers.syslog_header import SyslogHeader, split_header
from collectors.record import Reason, Record
from events import Event

_LONGEST_SEARCHED = 2048
_CISCO = re.compile(
    r"%(?P<facility>[A-Z][A-Z0-9_]{0,31}(?:-[A-Z][A-Z0-9_]{0,31})?)"
    r"-(?P<severity>[0-7])-(?P<mnemonic>[A-Z0-9_]{1,64}): ?"
)
_VRP = re.compile(
    r"%%(?P<version>[0-9]{2})(?P<facility>[A-Z0-9_]{1,32})/(?P<severity>[0-7])/(?P<mnemonic>[A-Za-z0-9_]{1,64})"
    r"(?:\([a-z]\))?(?:\[[0-9]{1,10}\])?: ?"
)
_CISCO_FIREWALLS = frozenset(("ASA", "FTD", "PIX", "FWSM"))
_COMWARE_VERSION = "10"
_SAID = tuple(
    re.compile(pattern)
    for pattern in (
        r"User:(?P<user>\S+)\s+logged command:(?P<command>.*)",
        r"\[user: (?P<user>[^\]]*)\] \[Source: (?P<source>[^\]]+)\]",
        r"Ip=(?P<source>[^,)]*),[^(]*?User=(?P<user>[^,)]*)(?:,[^(]*?Command=\"(?P<command>[^\"]*)\")?",
        r"-IPAddr=(?P<source>[^-;]+)-User=(?P<user>[^-;]*)(?:; Command is (?P<command>.*))?",
    )
)


class DeviceNormalizer:
    """One message of a switch or router a line."""

    name = "network.device"

    def recognizes(self, record: Record) -> bool:
        """Whether a syslog header with a time is followed by the mark of one of these systems."""
        if record.text is None or "%" not in record.text:
            return False
        header, message = _split(record.text)
        return header is not None and header.stamp is not None and _mark(message) is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event, the mark's parts under the vendor's namespace.

        Raises:
            NormalizeError: the line has no header or no mark, or says nowhere when.
        """
        header, message = _split(record.text or "")
        mark = _mark(message)
        if header is None or mark is None:
            raise NormalizeError(
                Reason.INVALID, "no mark such as %SYS-5-CONFIG_I behind a syslog header; check --format"
            )
        vendor, product = _system(mark)
        said = message[mark.end() :]
        event = header_fields(header)
        event["@timestamp"] = header_timestamp(header, context)
        event["event.module"] = vendor
        event["event.dataset"] = f"{vendor}.{product}"
        event["event.code"] = mark["mnemonic"]
        event["event.provider"] = mark["facility"]
        event["log.level"] = SEVERITIES[int(mark["severity"])]
        event["message"] = message
        event["observer.name"] = header.hostname
        event["observer.product"] = product
        event["observer.vendor"] = vendor
        for part in ("facility", "severity", "mnemonic"):
            event[f"{vendor}.{product}.{part}"] = mark[part]
        event[f"{vendor}.{product}.message"] = said
        return event | _said(said)


def _split(line: str) -> tuple[SyslogHeader | None, str]:
    """The header and the message; the mark stands where others have the tag, and belongs to the message."""
    header, message = split_header(line)
    if header is None or header.appname is None or not header.appname.startswith("%"):
        return header, message
    number = f"[{header.procid}]" if header.procid else ""
    return replace(header, appname=None, procid=None), f"{header.appname}{number}: {message}"


def _mark(message: str) -> re.Match[str] | None:
    return _CISCO.match(message) or _VRP.match(message)


def _system(mark: re.Match[str]) -> tuple[str, str]:
    """Vendor and operating system by the mark's form."""
    if mark.re is _CISCO:
        return ("cisco", "asa" if mark["facility"] in _CISCO_FIREWALLS else "ios")
    return ("h3c", "comware") if mark["version"] == _COMWARE_VERSION else ("huawei", "vrp")


def _said(message: str) -> Event:
    """Who signed in or ran a command from where, as far as the message says."""
    for pattern in _SAID:
        found = pattern.search(message[:_LONGEST_SEARCHED])
        if found is not None:
            parts = found.groupdict()
            event = endpoint("source", parts.get("source"))
            event["user.name"] = parts.get("user") or None
            event["process.command_line"] = parts.get("command")
            return event
    return {}
