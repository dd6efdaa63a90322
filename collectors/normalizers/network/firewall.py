"""Firewall logs written as key=value: Fortinet, Huawei USG, Topsec, SonicWall, netfilter and their like.

Recognized by a source and a destination address (or Fortinet's ``devid`` and ``logid``) among at least five pairs;
the device's own keys stay under ``firewall.``.
"""

from __future__ import annotations

import re

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.document import carrier, message_of, number, present, text
from collectors.normalizers.moments import carrier_timestamp, timestamp_of
from collectors.normalizers.network.action import action_fields
from collectors.normalizers.network_fields import TRANSPORTS, endpoint, ip_text, network_type
from collectors.record import Reason, Record
from events import Event

_PAIR = re.compile(r'([A-Za-z_][\w.-]{0,63})=(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))', re.ASCII)
# Separated by commas, a value may hold spaces.
_COMMA_PAIR = re.compile(r'([A-Za-z_][\w.-]{0,63})=(?:"((?:[^"\\]|\\.)*)"|([^",\n]*))', re.ASCII)
_COMMAS = re.compile(r"=[^=,]*, ?[A-Za-z_][\w.-]*=", re.ASCII)
_FEWEST_PAIRS = 5
_SOURCE = ("srcip", "src_ip", "source-ip", "src", "SRC", "srcaddr", "sip", "SrcIPAddr")
_SOURCE_PORT = ("srcport", "src_port", "source-port", "sport", "SPT", "SrcPort")
_DESTINATION = ("dstip", "dst_ip", "destination-ip", "dst", "DST", "dstaddr", "dip", "DstIPAddr")
_DESTINATION_PORT = ("dstport", "dst_port", "destination-port", "dport", "DPT", "DstPort")
_TIME = ("time", "receive_time", "start_time", "datetime", "timestamp")
_PROTOCOL = ("proto", "protocol", "PROTO", "Protocol")
_HUAWEI = re.compile(r"%%[0-9]{2}(?P<module>[A-Z0-9_]+)/[0-9]/(?P<brief>[A-Z0-9_]+)")
_NANOSECOND_DIGITS = 13
_SLASHED_DATE = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")


class FirewallNormalizer:
    """One verdict or event of a firewall a line."""

    name = "firewall"

    def recognizes(self, record: Record) -> bool:
        """Whether the message is key=value pairs about a connection, or Fortinet's."""
        message = message_of(record)
        if message.count("=") < _FEWEST_PAIRS or message.startswith(("CEF:", "{", "type=")):
            return False
        pairs = _pairs(message)
        ends = ip_text(_address(pairs, _SOURCE) or "") and ip_text(_address(pairs, _DESTINATION) or "")
        return len(pairs) >= _FEWEST_PAIRS and (bool(ends) or ("devid" in pairs and "logid" in pairs))

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a firewall line.

        Raises:
            NormalizeError: the line holds no pairs, or says nowhere when.
        """
        message = message_of(record)
        pairs = _pairs(message)
        if not pairs:
            raise NormalizeError(Reason.INVALID, "firewall log: no key=value pairs")
        event: Event = {
            "@timestamp": _timestamp(pairs, record, context),
            "event.kind": "event",
            "event.dataset": "firewall.log",
            "event.module": "firewall",
        }
        event |= carrier(record) | _vendor(pairs, message) | _connection(pairs)
        huawei = _HUAWEI.search(message)
        action = text(pairs, "action", "act") or (huawei["brief"].removeprefix("POLICY") if huawei else None)
        event |= action_fields(action, None, is_connection="source.ip" in event)
        return event | {f"firewall.{name}": value for name, value in pairs.items()}


def _pairs(message: str) -> dict[str, str]:
    found = (_COMMA_PAIR if _COMMAS.search(message) else _PAIR).findall(message)
    return {name: quoted or bare.rstrip(".") for name, quoted, bare in found}


def _address(pairs: dict[str, str], names: tuple[str, ...]) -> str | None:
    """An address; SonicWall writes ``address:port:interface``."""
    value = text(pairs, *names)
    return value.partition(":")[0] if value and "." in value else value


def _connection(pairs: dict[str, str]) -> Event:
    event = endpoint("source", _address(pairs, _SOURCE), text(pairs, *_SOURCE_PORT))
    event |= endpoint("destination", _address(pairs, _DESTINATION), text(pairs, *_DESTINATION_PORT))
    protocol = number(pairs, *_PROTOCOL)
    sent, received = number(pairs, "sentbyte", "sent", "sndbytes"), number(pairs, "rcvdbyte", "rcvd", "rcvbytes")
    address = event.get("source.ip")
    return event | present(
        network__transport=TRANSPORTS.get(protocol)
        if protocol is not None
        else (text(pairs, *_PROTOCOL) or "").lower(),
        network__type=network_type(address if isinstance(address, str) else None),
        network__application=text(pairs, "app", "application-name"),
        network__protocol=(text(pairs, "service") or "").lower(),
        source__bytes=sent,
        destination__bytes=received,
        network__bytes=None if sent is None or received is None else sent + received,
        source__packets=number(pairs, "sentpkt"),
        destination__packets=number(pairs, "rcvdpkt"),
        user__name=text(pairs, "user", "srcuser", "user-name"),
        rule__name=text(pairs, "policyname", "rule-name", "rule", "policy"),
        rule__id=text(pairs, "policyid"),
        url__domain=text(pairs, "hostname"),
        message=text(pairs, "msg", "logdesc"),
        log__level=text(pairs, "level", "pri"),
    )


def _vendor(pairs: dict[str, str], message: str) -> Event:
    vendor = "Fortinet" if "devid" in pairs and "logid" in pairs else "Huawei" if _HUAWEI.search(message) else None
    name = text(pairs, "devname", "fw", "SysName")
    return present(
        observer__vendor=vendor, observer__type="firewall", observer__name=name, event__code=text(pairs, "logid")
    )


def _timestamp(pairs: dict[str, str], record: Record, context: SourceContext) -> str:
    zone = text(pairs, "tz") or ""
    since_1970 = text(pairs, "eventtime")
    if since_1970 and len(since_1970) >= _NANOSECOND_DIGITS:
        return timestamp_of(since_1970, None, "eventtime")
    stamp = f"{pairs['date']} {pairs['time']}{zone}" if "date" in pairs and "time" in pairs else text(pairs, *_TIME)
    if stamp:
        padded = _SLASHED_DATE.sub(lambda day: f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}", stamp)
        return timestamp_of(padded, context.zone, "time")
    return carrier_timestamp(record, context, "firewall log")
