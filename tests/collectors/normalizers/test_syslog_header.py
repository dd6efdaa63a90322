from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collectors.normalizers.syslog_header import SyslogHeader, split_header
from events import format_timestamp

CHINA = timezone(timedelta(hours=8))
REFERENCE_MS = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)


def time_of(header: SyslogHeader, zone: tzinfo = UTC, reference_ms: int = REFERENCE_MS) -> str:
    return format_timestamp(header.time_ms(zone, reference_ms))


def test_rfc_5424_with_structured_data() -> None:
    line = (
        "<165>1 2003-10-11T22:14:15.003Z host.example evntslog 812 ID47 "
        '[exampleSDID@32473 iut="3" path="C:\\\\a \\"b\\" \\]"][other@1 k="1" k="2"] \ufeffAn application event'
    )
    header, message = split_header(line)
    assert header == SyslogHeader(
        priority=165,
        version=1,
        stamp="2003-10-11T22:14:15.003Z",
        hostname="host.example",
        appname="evntslog",
        procid="812",
        msgid="ID47",
        structured_data={
            "exampleSDID@32473.iut": ["3"],
            "exampleSDID@32473.path": ['C:\\a "b" ]'],
            "other@1.k": ["1", "2"],
        },
    )
    assert message == "An application event"
    assert time_of(header) == "2003-10-11T22:14:15.003Z"


def test_rfc_5424_with_nothing_but_its_frame() -> None:
    header, message = split_header("<34>1 - - - - - -")
    assert (header, message) == (SyslogHeader(priority=34, version=1), "")
    assert header.time_ms(UTC, REFERENCE_MS) is None


@pytest.mark.parametrize(
    ("line", "host", "app", "procid", "message"),
    [
        ("Dec  3 06:55:46 gate sshd[24200]: Connection closed", "gate", "sshd", "24200", "Connection closed"),
        ("<38>Dec 3 06:55:46 gate su: 'su root' failed", "gate", "su", None, "'su root' failed"),
        ("Jun 14 15:16:01 old sshd(pam_unix)[9]: check pass", "old", "sshd(pam_unix)", "9", "check pass"),
        ("Jun 14 15:16:01 old last message repeated 2 times", "old", None, None, "last message repeated 2 times"),
        ("<189>Dec 10 2023 06:55:46 SW1 %%01SHELL/5/CMD(l)[7]:ran", "SW1", None, None, "%%01SHELL/5/CMD(l)[7]:ran"),
        ("<189>44: *Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: Configured", None, "%SYS-5-CONFIG_I", None, "Configured"),
        ("2026-02-01T10:00:00.123456+08:00 web01 sudo: al : TTY=x", "web01", "sudo", None, "al : TTY=x"),
        ("<134>2026-02-01 10:00:00 fw1 session closed", "fw1", None, None, "session closed"),
        ("Jun 14 15:16:01 10.0.0.1 CEF:0|A|B|1|2|3|4|k=v", "10.0.0.1", None, None, "CEF:0|A|B|1|2|3|4|k=v"),
        ("<13>no time at all", None, None, None, "no time at all"),
    ],
)  # fmt: skip
def test_headers_of_the_field(line: str, host: str | None, app: str | None, procid: str | None, message: str) -> None:
    header, rest = split_header(line)
    assert (header.hostname, header.appname, header.procid, rest) == (host, app, procid, message)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello world",
        "<999>1 2003-10-11T22:14:15Z h a - - - m",
        "2026-02-01T10:00:00Z INFO module: an application's own line",
        "2026-02-01 10:00:00 host app: an application's own line",
        '{"time":"Dec  3 06:55:46"}',
    ],
)
def test_what_is_no_header_stays_whole(line: str) -> None:
    assert split_header(line) == (None, line)


@pytest.mark.parametrize(
    ("stamp", "zone", "expected"),
    [
        ("Feb 27 10:00:00", UTC, "2026-02-27T10:00:00.000Z"),
        ("Feb 27 10:00:00", CHINA, "2026-02-27T02:00:00.000Z"),
        ("Mar  2 11:00:00", UTC, "2026-03-02T11:00:00.000Z"),  # a clock ahead by less than a day
        ("Mar  3 10:00:00", UTC, "2025-03-03T10:00:00.000Z"),
        ("Dec 31 23:59:59.250", UTC, "2025-12-31T23:59:59.250Z"),
        ("Feb 29 01:02:03", UTC, "2024-02-29T01:02:03.000Z"),  # the latest leap year
        ("Dec 10 2023 06:55:46", CHINA, "2023-12-09T22:55:46.000Z"),
        ("Dec 10 2023 06:55:46+08:00", UTC, "2023-12-09T22:55:46.000Z"),
        ("Dec 10 06:55:46 2023", UTC, "2023-12-10T06:55:46.000Z"),
        ("Dec 10 06:55:46 UTC", CHINA, "2025-12-10T06:55:46.000Z"),
    ],
)
def test_times_with_and_without_year_and_zone(stamp: str, zone: tzinfo, expected: object) -> None:
    header, message = split_header(f"{stamp} host app: text")
    assert (header.hostname, message) == ("host", "text")
    assert time_of(header, zone) == expected


@pytest.mark.parametrize("stamp", ["Feb 30 00:00:00", "Jan  1 25:00:00", "Jan 99 00:00:00"])
def test_a_date_of_no_year_is_no_time(stamp: str) -> None:
    header, _ = split_header(f"{stamp} host app: text")
    with pytest.raises(ValueError, match="year"):
        header.time_ms(UTC, REFERENCE_MS)


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
values = st.text(max_size=30)


@given(
    st.integers(0, 191),
    st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31)),  # noqa: DTZ001 (written as UTC below)
    st.tuples(words, words, words),
    st.dictionaries(words, values, max_size=3),
    st.text(max_size=60),
)
def test_rfc_5424_round_trip(
    priority: int, moment: datetime, named: tuple[str, str, str], parameters: dict[str, str], message: str
) -> None:
    assume(not message.startswith(("\ufeff", "[")))
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]") for name, value in parameters.items()
    }
    data = "[id@1" + "".join(f' {name}="{value}"' for name, value in escaped.items()) + "]"
    host, app, msgid = named
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
    header, rest = split_header(f"<{priority}>1 {stamp} {host} {app} 42 {msgid} {data} {message}")
    assert (header.priority, header.hostname, header.appname, header.procid) == (priority, host, app, "42")
    assert (header.msgid, rest) == (msgid, message)
    assert header.structured_data == {f"id@1.{name}": [value] for name, value in parameters.items()}
    assert time_of(header, CHINA) == f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


@given(st.datetimes(datetime(2025, 3, 3), datetime(2026, 3, 1)))  # noqa: DTZ001 (UTC is meant)
def test_a_stamp_without_year_of_the_last_year_finds_its_year(moment: datetime) -> None:
    header, _ = split_header(f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S} host app: text")
    assert time_of(header) == f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


@given(st.text(max_size=300))
def test_any_text_splits_without_loss_or_error(text: str) -> None:
    header, message = split_header(text)
    assert text.replace("\ufeff", "").endswith(message.replace("\ufeff", ""))
    assert header is not None or message == text
