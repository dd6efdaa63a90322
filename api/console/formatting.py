"""How values look on a page: times in the installation's zone, numbers with separators, bytes as text and hex."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from markupsafe import Markup

from api.console.event_view import event_view
from detection.coverage import load_coverage_policy
from events import Scalar, Value, format_timestamp, timestamp_ms, values_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEX_WIDTH = 16
_BETWEEN = " / "
_HAN = re.compile("[\u4e00-\u9fff]")
_TECHNIQUE_PREFIX = "attack."
_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1000, 60_000, 3_600_000, 86_400_000


def time_element(moment_ms: int | None, zone: tzinfo, *, precise: bool = False) -> Markup:
    """A moment in ``zone``, with UTC in its tooltip; a dash for none."""
    if moment_ms is None:
        return Markup('<span class="faint">—</span>')
    local = (_EPOCH + timedelta(milliseconds=moment_ms)).astimezone(zone)
    text = f"{local:%Y-%m-%d %H:%M:%S}" + (f".{local.microsecond // 1000:03d}" if precise else "")
    utc = format_timestamp(moment_ms)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(utc, utc.rstrip("Z").replace("T", " "), text)


def day_element(moment_ms: int | None, zone: tzinfo, *, last: bool = False) -> Markup:
    """A moment that is a day's beginning in ``zone`` as that day, or as the ``last`` day before it; else the moment."""
    if moment_ms is None:
        return time_element(None, zone)
    local = (_EPOCH + timedelta(milliseconds=moment_ms)).astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
        return time_element(moment_ms, zone)
    day = local.date() - timedelta(days=1) if last else local.date()
    return Markup('<time datetime="{}">{}</time>').format(day, day)


def half(text: str, language: str) -> str:
    """The reader's half of each part that rules and playbooks write as ``中文 / English``; other parts as they are."""
    return ": ".join(_half(part, language) for part in text.split(": "))


def half_of_lines(text: str, language: str) -> str:
    """The reader's lines of a text that rules write in Chinese first, then in English; others as they are."""
    lines = text.strip().splitlines()
    chinese = [bool(_HAN.search(line)) for line in lines]
    written_twice = any(chinese) and chinese == sorted(chinese, reverse=True) and not chinese[-1]
    if not written_twice:
        return half(text, language)
    return "\n".join(line for line, is_chinese in zip(lines, chinese, strict=True) if is_chinese is (language == "zh"))


def zone_name(zone: tzinfo, moment_ms: int) -> str:
    """A zone's name with its distance from UTC at a moment, as in ``Asia/Shanghai (UTC+08:00)``."""
    local = (_EPOCH + timedelta(milliseconds=moment_ms)).astimezone(zone)
    return f"{zone} (UTC{local.isoformat()[-6:]})"


def _half(part: str, language: str) -> str:
    halves = part.split(_BETWEEN)
    written_twice = len(halves) == 2 and _HAN.search(halves[0]) and not _HAN.search(halves[1])  # noqa: PLR2004 (halves)
    return halves[0 if language == "zh" else 1] if written_twice else part


def event_time_ms(event: Mapping[str, Value]) -> int | None:
    """The time of an event in milliseconds."""
    stamp = event.get("@timestamp")
    return timestamp_ms(stamp) if isinstance(stamp, str) else None


def number(value: int) -> str:
    """A number with separators between thousands."""
    return f"{value:,}"


def duration(milliseconds: int | None) -> str:
    """A length of time in its largest fitting unit."""
    if milliseconds is None:
        return "—"
    for unit, name in ((_DAY_MS, "d"), (_HOUR_MS, "h"), (_MINUTE_MS, "min"), (_SECOND_MS, "s")):
        if milliseconds >= unit:
            return f"{milliseconds / unit:.1f} {name}"
    return f"{milliseconds} ms"


def value_text(value: Value) -> str:
    """A field's value or values on one line, written as a query would name them."""
    return ", ".join(_scalar_text(each) for each in values_of(value))


def event_line(event: Mapping[str, Value]) -> str:
    """What an event says, on one line: its message, else its telling fields, else the record as received."""
    if message := event.get("message"):
        return value_text(message)
    parts = [value_text(event[name]) for name in event_view().line if event.get(name) not in (None, "", [])]
    return " · ".join(parts) or value_text(event.get("event.original"))


def _scalar_text(value: Scalar) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def attack_name(tag: str, language: str = "en") -> str:
    """``attack.t1059.001`` as ``T1059.001``, a tactic as its name in a language; other tags unchanged."""
    if not tag.startswith(_TECHNIQUE_PREFIX):
        return tag
    name = tag.removeprefix(_TECHNIQUE_PREFIX)
    if tactic := load_coverage_policy().tactics.get(name):
        return tactic.zh if language == "zh" else tactic.en
    return name.upper() if name[:1] in "tgs" and name[1:2].isdigit() else name.replace("-", " ").replace("_", " ")


def text_preview(raw: bytes) -> str:
    """Bytes as text: UTF-8, else GB18030, else UTF-8 with marks in place of what is none."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def hex_dump(raw: bytes) -> str:
    """Bytes as offset, hexadecimal and printable ASCII, sixteen a line."""
    lines = []
    for offset in range(0, len(raw), _HEX_WIDTH):
        part = raw[offset : offset + _HEX_WIDTH]
        printable = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)  # noqa: PLR2004 (ASCII's bounds)
        lines.append(f"{offset:08x}  {part.hex(' '):<{_HEX_WIDTH * 3}} {printable}")
    return "\n".join(lines)


def url(path: str, **parameters: object) -> str:
    """A path with its parameters; empty ones are left out, lists repeat."""
    kept = {name.rstrip("_"): value for name, value in parameters.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path
