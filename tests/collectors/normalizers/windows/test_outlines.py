"""What an outline tells beforehand is what normalization makes of every document that is alike."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.chain import normalize, outline
from collectors.normalizers.contract import SourceContext
from collectors.record import Record, RecordBatch

Document = dict[str, Any]

CONTEXT = SourceContext("s", "i", ZoneInfo("Asia/Shanghai"))
_times = st.sampled_from(
    [
        "2021-03-04 05:06:07.089", "2021-03-04T05:06:07.089Z", "2021-03-04T05:06:07.089+08:00", "2021-03-04 05:06:07",
        "2021-03-04T05:06:08Z", "20210304T050607.1", "2021-W09-4T05:06:07.123Z", "20210304T050607,123.4Z", "yesterday",
        "2021-03-04T05:06:07.٣Z", "0001-01-01T00:00:00.000Z", "2021-02-30 05:06:07.089", "", "٢021-03-04T05:06:07.000Z",
        "0001-01-01 00:00:00.000", "9999-12-31 23:59:59.999",
    ]
)  # fmt: skip
_texts = st.one_of(
    st.sampled_from(
        [
            "", "-", "0x1f", "4688", "9" * 5000, "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%4", r"C:\Windows\cmd.exe",
            "SHA1=AB,MD5=cd,IMPHASH=00", r"HKLM\System\Key\Name", r"CORP\alice", "TCP", "6", "true", "INFO", "SetValue",
            "type:  5 a.example;::ffff:192.0.2.1;", "0x8010000000000000", "-9214364837600034816", "Audit Failure",
        ]
    ),
    st.text(max_size=8),
)  # fmt: skip
_scalars = st.one_of(_texts, st.integers(-(2**63), 2**64 - 1), st.booleans(), st.none(), st.floats(allow_nan=False))
_values = st.one_of(_scalars, st.lists(st.one_of(_texts, st.integers(0, 9)), max_size=2), st.just([[["x"]]]))
_names = st.sampled_from(
    [
        "Image", "CommandLine", "User", "ProcessId", "ProcessID", "ParentImage", "Hashes", "SourceIp", "SourcePort",
        "IpAddress", "IpPort", "TargetObject", "Details", "TargetFilename", "QueryName", "QueryResults", "LogonType",
        "SubjectUserName", "TargetUserName", "NewProcessName", "Initiated", "Protocol", "AccountName", "EventType",
        "SeverityValue", "Severity", "Level", "Keywords", "Message", "Data", "Source", "tags", "host", "Task", "Domain",
        "ExecutionProcessID", "ThreadID", "Channel.x",
    ]
)  # fmt: skip
_heads = st.fixed_dictionaries(
    {
        "EventID": st.one_of(st.sampled_from([1, 3, 13, 22, 4624, 4688, "4688", 5156, 800]), st.integers(-1, 9)),
        "Channel": st.sampled_from(
            ["Microsoft-Windows-Sysmon/Operational", "Security", "Windows PowerShell", "System", "Made up", ""]
        ),
        "Hostname": st.sampled_from(["a.example", ""]),
    }
)
_dialects = st.sampled_from(
    [
        {"SourceName": "text", "EventTime": "time", "EventReceivedTime": "time", "@timestamp": "time"},
        {"SourceName": "text", "EventTime": "time", "SeverityValue": "scalar", "UtcTime": "time"},
        {"TimeCreated": "time", "UtcTime": "time"},
        {"TimeCreated": "time"},
        {"SystemTime": "time", "@timestamp": "time"},
        {"@timestamp": "time", "EventTime": "time"},
        {"SystemTime": "scalar", "@timestamp": "time"},
    ]
)


@st.composite
def _alike(draw: st.DrawFn) -> tuple[Document, list[Document]]:
    """A document, and others of its shape that agree with it in what settles an outline."""
    values = {"text": _texts, "time": _times, "scalar": _scalars}
    first = draw(_heads) | {name: draw(values[kind]) for name, kind in draw(_dialects).items()}
    first |= draw(st.dictionaries(_names, _values, max_size=8))
    alike = st.fixed_dictionaries({name: _of_type(name, value) for name, value in first.items()})
    return first, draw(st.lists(alike, min_size=1, max_size=4))


def _of_type(name: str, value: object) -> st.SearchStrategy[object]:
    if name in {"EventID", "Channel", "EventType"}:
        return st.just(value)
    kinds: dict[type, st.SearchStrategy[object]] = {
        str: _times if "Time" in name or name == "@timestamp" else _texts,
        bool: st.booleans(),
        int: st.integers(-(2**63), 2**64 - 1),
        float: st.floats(allow_nan=False),
        list: st.one_of(st.lists(_texts, max_size=2), st.just(["x", [[1]]]), st.just(value)),
    }
    return kinds.get(type(value), st.just(value))


@given(alike=_alike())
def test_an_outline_holds_for_every_document_that_is_alike(alike: tuple[Document, list[Document]]) -> None:
    first, others = alike
    known = outline(_record(first), CONTEXT)
    if known is None:
        return
    note("outlined")
    _, told = known
    assert not any(isinstance(first[name], list) for name in told.settled_by)
    for document in (first, *others):
        if not told.proof.holds(*(document[name] for name in told.proof.names)):
            continue
        done = normalize(RecordBatch("s", "i", [_record(document)], []), CONTEXT)
        assert done.dead_letters == [], document
        [made] = done.events
        assert set(made) <= set(told.fields())
        for field, value in told.constants.items():
            assert made[field] == value
        for field, origin in told.origins.items():
            value = document[origin.name]
            assert made.get(field) == (value if origin.convert is None else origin.convert(value)), field


def test_the_usual_documents_are_outlined_whole() -> None:
    """Nothing that rules commonly ask for may be left untold, or screening would be for nothing."""
    sysmon = {
        "EventTime": "2021-03-04 05:06:07", "Hostname": "a", "Keywords": -9223372036854775808, "EventType": "INFO",
        "SeverityValue": 2, "EventID": 10, "SourceName": "Microsoft-Windows-Sysmon", "Channel":
        "Microsoft-Windows-Sysmon/Operational", "Domain": "NT AUTHORITY", "AccountName": "SYSTEM", "Message": "m",
        "UtcTime": "2021-03-04 05:06:07.089", "SourceImage": "s.exe", "TargetImage": "t.exe", "GrantedAccess": "0x1",
        "EventReceivedTime": "2021-03-04 05:06:08", "@timestamp": "2021-03-04T05:06:08.000Z", "tags": ["x"],
    }  # fmt: skip
    known = outline(_record(sysmon), CONTEXT)
    assert known is not None
    told = known[1]
    asked = ("winlog.channel", "winlog.event_id", "winlog.provider_name", "message", "winlog.event_data.SourceImage")
    assert set(asked) <= set(told.origins)
    assert told.constants["event.dataset"] == "windows.sysmon_operational"
    assert not any(name.startswith("winlog.event_data.") for name in told.others)
    assert told.proof.holds("2021-03-04 05:06:07.089", ["x"])
    assert not told.proof.holds("2021-02-30 05:06:07.089", ["x"])


def _record(document: Document) -> Record:
    return Record(0, orjson.dumps(document), None, document, "ndjson")
