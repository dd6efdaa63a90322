from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.decoders import DecodeOptions, decode_path
from collectors.normalizers.catalog import NORMALIZERS, SPECIFIC, format_names
from collectors.normalizers.chain import UnknownFormatError, normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, NormalizedBatch, Reason, Record, RecordBatch
from collectors.walk import log_files
from events import Event, event_id, timestamp_ms

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

SSHD = "Feb 27 10:00:00 web01 sshd[77]: Accepted publickey for alice from 192.0.2.7 port 40022 ssh2"
SYSMON = {
    "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "SourceName": "Microsoft-Windows-Sysmon",
    "Hostname": "pc1",
    "@timestamp": "2026-02-01T00:00:00.000Z",
    "Image": "C:\\a.exe",
}


def test_stamps_identity_original_source_and_ingest_time(run: Run) -> None:
    (event,) = run(SSHD).events
    assert event["event.id"] == event_id("an-identity", 0, SSHD.encode())
    assert event["event.original"] == SSHD
    assert event["fengsui.source.name"] == "a-source"
    assert event["event.kind"] == "event"
    assert timestamp_ms(event["event.ingested"]) > timestamp_ms(event["@timestamp"])


def test_a_replay_gives_the_same_ids_and_another_source_other_ones(run: Run) -> None:
    first, again, elsewhere = run(SSHD), run(SSHD), run(SSHD, identity="another")
    assert first.events[0]["event.id"] == again.events[0]["event.id"] != elsewhere.events[0]["event.id"]


def test_original_of_a_document_is_its_text_with_broken_bytes_visible() -> None:
    record = Record(
        0, b'{"timestamp":"2026-01-01T00:00:00Z","a":"\xff"}', document={"timestamp": "2026-01-01T00:00:00Z"}
    )
    result = normalize(RecordBatch("s", "i", [record], []), SourceContext("s", "i"))
    assert result.events[0]["event.original"] == '{"timestamp":"2026-01-01T00:00:00Z","a":"\\xff"}'


def test_no_event_holds_none(run: Run) -> None:
    events = run(SSHD, SYSMON, {"time": "2026-01-01T00:00:00Z", "empty": None}).events
    assert len(events) == 3
    assert all(None not in event.values() for event in events)


def test_each_record_of_a_mixed_batch_gets_its_own_normalizer(run: Run) -> None:
    audit = 'type=CWD msg=audit(1770000000.123:9): cwd="/root"'
    result = run(SSHD, SYSMON, audit, SSHD, {"time": 1770000000, "a": 1}, "2026-02-01 10:00:00 INFO hello")
    assert [event["event.dataset"] for event in result.events] == [
        "linux.auth", "windows.sysmon_operational", "linux.auditd", "linux.auth", "generic.json", "generic.text",
    ]  # fmt: skip


def test_what_stood_before_a_record_does_not_change_its_event(run: Run) -> None:
    neighbors = (SSHD, SYSMON, 'type=CWD msg=audit(1770000000.123:9): cwd="/"', {"time": 1770000000})
    for before in neighbors:
        for record in neighbors:
            alone, after = run(record).events[0], run(before, record).events[1]
            assert {**alone, "event.id": "", "event.ingested": ""} == {**after, "event.id": "", "event.ingested": ""}


def test_a_bad_record_leaves_its_neighbors_unharmed(run: Run) -> None:
    broken = {**SYSMON, "EventID": {"nested": []}}
    result = run(SSHD, broken, "no time here", {"a": 1}, SYSMON)
    assert [event["event.dataset"] for event in result.events] == ["linux.auth", "windows.sysmon_operational"]
    assert [(letter.position, letter.reason) for letter in result.dead_letters] == [
        (1, Reason.INVALID), (2, Reason.NO_TIME), (3, Reason.NO_TIME),
    ]  # fmt: skip


def test_a_dead_letter_says_nothing_of_the_record_but_keeps_it(run: Run) -> None:
    result = run("secret-4711 without a time")
    (letter,) = result.dead_letters
    assert "4711" not in letter.detail
    assert letter.raw == b"secret-4711 without a time"
    assert letter.length == len(letter.raw)


def test_a_dead_letter_keeps_the_start_of_a_huge_record(run: Run) -> None:
    (letter,) = run("x" * (DEAD_LETTER_BYTES + 5)).dead_letters
    assert (len(letter.raw), letter.length) == (DEAD_LETTER_BYTES, DEAD_LETTER_BYTES + 5)


def test_nesting_beyond_any_log_is_too_deep() -> None:
    document: dict[str, object] = {"time": "2026-01-01T00:00:00Z"}
    deep: dict[str, object] = document
    for _ in range(10_000):
        deep["a"] = deep = {}
    deep["leaf"] = 1
    record = Record(0, b"{}", document=document)
    result = normalize(RecordBatch("s", "i", [record], []), SourceContext("s", "i"))
    assert [letter.reason for letter in result.dead_letters] == [Reason.TOO_DEEP]


def test_dead_letters_of_the_decoder_are_passed_on() -> None:
    letter = DeadLetter(3, Reason.TRUNCATED, "cut", b"x")
    result = normalize(RecordBatch("s", "i", [], [letter]), SourceContext("s", "i"))
    assert result.dead_letters == [letter]


def test_a_named_format_is_used_without_recognition(run: Run) -> None:
    result = run("2026-02-01 10:00:00 web01 sshd: x", SYSMON, log_format="generic.text")
    assert [event["event.dataset"] for event in result.events] == ["generic.text"]
    assert [letter.position for letter in result.dead_letters] == [1]


def test_an_unknown_format_is_refused_with_the_known_ones(run: Run) -> None:
    with pytest.raises(UnknownFormatError, match=r"no-such.*generic\.json"):
        run(SSHD, log_format="no-such")


def test_names_of_formats_are_unique() -> None:
    assert len(format_names()) == len(NORMALIZERS)


@pytest.mark.parametrize(
    ("time", "quality"),
    [
        ("1970-01-01T00:00:00Z", "implausible"),
        ("1999-12-31T23:59:59.999Z", "implausible"),
        ("2000-01-01T00:00:00.000Z", None),
        ("2026-01-01T00:00:00Z", None),
        ("2099-01-01T00:00:00Z", "implausible"),
    ],
)
def test_a_wrong_clock_is_marked_and_its_event_kept(event_of: One, time: str, quality: str | None) -> None:
    assert event_of({"timestamp": time}).get("fengsui.time.quality") == quality


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["EventID", "Channel", "SourceName", "Hostname", "Computer", "EventTime", "SeverityValue", "@timestamp", "winlog",
     "Event", "System", "Provider", "EventData", "UserData", "TimeCreated", "TimeGenerated", "event_id", "log_name",
     "source_name", "__REALTIME_TIMESTAMP", "_BOOT_ID", "MESSAGE", "time", "timestamp", "ecs", "event", "UtcTime",
     "Keywords", "winlog.event_id", "EventReceivedTime", "ProcessID", "user_data", "Data", "#attributes", "#text"]
)  # fmt: skip
documents = st.dictionaries(names, json_values | st.dictionaries(names, json_values, max_size=6), max_size=10)
lines = st.one_of(
    st.text(max_size=200),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["<13>", "<34>1 ", "<34>1 2026-01-01T00:00:00Z h a p m ", "Jan  1 00:00:00 ", "Feb 29 23:59:60 h ",
             "2026-01-01T00:00:00Z h sshd[1]: ", "type=EXECVE msg=audit(1.1:1): ", "node=a type=SYSCALL msg=audit(",
             "sudo: ", "[", "Jan  1 00:00:00 h sshd[1]: Failed password for ", "99999999999999999999 "]
        ),
        st.text(max_size=60),
        st.sampled_from(["", " from 1.2.3.4 port 1 ssh2", '): a0=00 a1="x"', "]", '\x1dUID="root"', '[a b="c"]']),
    ),
)  # fmt: skip


@given(st.lists(documents | lines, max_size=8))
def test_no_record_is_ever_lost_whatever_it_is(items: list[Any]) -> None:
    records = [
        Record(position, item.encode(errors="replace"), text=item)
        if isinstance(item, str)
        else Record(position, repr(item).encode(errors="replace"), document=item)
        for position, item in enumerate(items)
    ]
    result = normalize(RecordBatch("s", "i", records, []), SourceContext("s", "i"))
    assert len(result.events) + len(result.dead_letters) == len(items)
    assert all(isinstance(event["@timestamp"], str) and len(event["@timestamp"]) == 24 for event in result.events)
    assert all(Reason.UNRECOGNIZED is not letter.reason for letter in result.dead_letters)
    for event in result.events:
        for value in event.values():
            assert isinstance(value, str | int | float | list)


@given(documents, st.sampled_from([normalizer.name for normalizer in NORMALIZERS]))
def test_a_named_format_never_raises_on_a_foreign_record(document: dict[str, Any], name: str) -> None:
    result = normalize(RecordBatch("s", "i", [Record(0, b"{}", document=document)], []), SourceContext("s", "i"), name)
    assert len(result.events) + len(result.dead_letters) == 1


def test_no_record_of_the_samples_is_claimed_by_two_specific_normalizers(project: Path) -> None:
    claimed = Counter(
        tuple(normalizer.name for normalizer in SPECIFIC if normalizer.recognizes(record))
        for path in log_files([project / "samples"])
        for stream in decode_path(path, DecodeOptions())
        for record in islice(stream, 100)
        if isinstance(record, Record)
    )
    assert [names for names in claimed if len(names) > 1] == []
    assert len(claimed) > 5
