"""Records that are seen through before they become events change nothing of what is found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Matcher, load_rules
from detection.match import default_cache, memory, screens
from fengsui.offline import FileBatch, ReadOptions, read_files
from fengsui.portions import Portion
from fengsui.sifting import Sieve

OPTIONS = ReadOptions()
SYSMON = "Microsoft-Windows-Sysmon/Operational"
_RULES: list[dict[str, Any]] = [
    {"s": {"Image|endswith": r"\cmd.exe"}},
    {"s": {"CommandLine|contains": ["whoami", "ｗ"]}, "f": {"User": None}},
    {"s": {"CommandLine|re": "^a.*z$"}},
    {"s": {"CommandLine": ""}},
    {"s": {"SourceIp|cidr": "10.0.0.0/8"}},
    {"s": {"SourcePort|gte": 1024}},
    {"s": {"ProcessId": 4}},
    {"s": {"Image|fieldref": "ParentImage"}},
    {"s": {"EventID": 3, "Initiated|exists": False}},
    {"s": {"EventType": "SetValue"}},
    {"s": {"LogonType": 3, "IpPort": 0}},
    {"s": {"Level": 2}},
    {"s": {"Provider_Name": "Made"}},
    {"k": ["Mimikatz", 'say "x"', "st"]},
]
_texts = st.sampled_from(
    [
        "", "-", r"C:\W\cmd.exe", r"C:\W\CMD.EXE", "whoami", "WHOAMI /all", "abcz", "10.1.2.3", "::ffff:10.1.2.3", "80",
        "4096", "4", "SetValue", "INFO", "Made", "mimiKatz", "miſt", 'say "X"', "plain", "x" * 3000, "口令",
    ]
)  # fmt: skip
_values = st.one_of(_texts, st.integers(0, 5), st.booleans(), st.none(), st.lists(_texts, max_size=2), st.floats(0, 5))
_names = st.sampled_from(
    [
        "Image", "ParentImage", "CommandLine", "User", "SourceIp", "SourcePort", "ProcessId", "ProcessID", "EventType",
        "LogonType", "IpPort", "IpAddress", "Level", "Message", "AccountName", "Initiated", "SeverityValue", "Source",
        "NewProcessName", "TargetUserName", "SubjectUserName", "Data", "tags",
    ]
)  # fmt: skip
_shapes = st.dictionaries(_names, _values, max_size=6)
_heads = st.fixed_dictionaries(
    {
        "EventID": st.sampled_from([1, 3, 13, 4624, 4688, "4688"]),
        "Channel": st.sampled_from([SYSMON, "Security", "System", "security"]),
        "Hostname": st.just("h"),
        "SourceName": _texts,
        "@timestamp": st.sampled_from(["2021-03-04T05:06:07.089Z", "2021-03-04 05:06:07", "soon"]),
    }
)
_records = st.builds(lambda head, shape, nxlog: head | shape | nxlog, _heads, _shapes, st.sampled_from(
    [{}, {"EventTime": "2021-03-04 05:06:07", "EventReceivedTime": "2021-03-04 05:06:08"}]
))  # fmt: skip
_lines = st.one_of(
    _records.map(orjson.dumps),
    st.sampled_from([b"", b"# comment", b"{broken", b"[]", b"7", b'{"a": {"b": 1}, "time": "2021-03-04T05:06:07Z"}']),
)


@pytest.fixture(scope="module")
def small_matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    folder = tmp_path_factory.mktemp("rules")
    for number, detection in enumerate(_RULES):
        rule = {
            "title": f"Rule {number}",
            "id": f"00000000-0000-4000-8000-{number:012}",
            "logsource": {"product": "windows"} if number % 2 else {"product": "windows", "service": "sysmon"},
            "detection": {**detection, "condition": " and ".join(f"not {x}" if x == "f" else x for x in detection)},
        }
        (folder / f"{number}.yml").write_text(yaml.safe_dump(rule), encoding="utf-8")
    rules = load_rules([folder])
    assert len(rules.rules) == len(_RULES), rules.unsupported
    return Matcher(rules, databases=default_cache())


@pytest.fixture(scope="module")
def sieve(small_matcher: Matcher) -> Sieve:
    return Sieve(small_matcher, OPTIONS)


@settings(max_examples=50)
@given(lines=st.lists(_lines, min_size=1, max_size=12), repeats=st.integers(1, 3))
def test_a_sieve_changes_nothing(
    small_matcher: Matcher, sieve: Sieve, tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], repeats: int
) -> None:
    log = tmp_path_factory.mktemp("log") / "log.ndjson"
    log.write_bytes(b'{"@timestamp": "2021-03-04T05:06:07Z", "a": 1}\n' + b"\r\n".join(lines * repeats))
    assert _summed(small_matcher, sieve.sift(Portion(log))) == _read(small_matcher, [log])


def test_what_is_remembered_is_bounded_and_given_anew(
    small_matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of hit sets are given anew when memory is trimmed; no screen may go on with the old ones."""
    monkeypatch.setattr(memory, "_REMEMBERED_SETS", 3)
    monkeypatch.setattr(screens, "_REMEMBERED_SCREENS", 3)
    monkeypatch.setattr(screens, "_REMEMBERED_VERDICTS", 3)
    monkeypatch.setattr(screens, "_BATCHES_BETWEEN_LOOKS", 1)
    log = tmp_path / "log.ndjson"
    source = random.Random(7)
    log.write_bytes(b"".join(orjson.dumps(_sysmon(source), option=orjson.OPT_APPEND_NEWLINE) for _ in range(40_000)))
    found = _read(small_matcher, [log])
    assert found[1]
    sieve = Sieve(small_matcher, OPTIONS)
    assert _summed(small_matcher, sieve.sift(Portion(log))) == found
    assert sum(len(kinds.known) for kinds in sieve._is_quiet.__self__._kinds.values()) <= 3 + 7


@pytest.mark.shared_data
def test_recorded_attacks_are_found_alike(shared_data: Path, tmp_path: Path) -> None:
    matcher = Matcher(load_rules([shared_data / "sigma" / "rules" / "windows"]), databases=default_cache())
    logs = [tmp_path / f"{archive.stem}.ndjson" for archive in sorted((shared_data / "otrf").rglob("*.zip"))[::6]]
    for archive, log in zip(sorted((shared_data / "otrf").rglob("*.zip"))[::6], logs, strict=True):
        with ZipFile(archive) as content:
            log.write_bytes(b"\n".join(content.read(name)[:4_000_000] for name in content.namelist()))
    sieve = Sieve(matcher, OPTIONS)
    batches = [batch for log in logs for batch in sieve.sift(Portion(log))]
    assert sum(batch.quiet for batch in batches) > 0.9 * sum(batch.size for batch in batches)
    assert _summed(matcher, batches) == _read(matcher, logs)


_Found = tuple[int, list[tuple[str, str]], Counter[str]]


def _read(matcher: Matcher, logs: Sequence[Path]) -> _Found:
    return _summed(matcher, read_files(logs, OPTIONS))


def _summed(matcher: Matcher, batches: Iterable[FileBatch]) -> _Found:
    """How many events, the matches in order, and the dead letters."""
    size, matches, letters = 0, [], Counter[str]()
    for batch in batches:
        size += batch.size
        matches += [(match.rule.id, str(match.event["event.id"])) for match in matcher.match(batch.events)]
        letters.update(f"{letter.position} {letter.reason}" for letter in batch.dead_letters)
    return size, matches, letters


def _sysmon(source: random.Random) -> dict[str, Any]:
    return {
        "EventID": source.choice([1, 3, 13]), "Channel": SYSMON, "Hostname": "h", "SourceName": "Sysmon",
        "@timestamp": "2021-03-04T05:06:07.089Z", "Image": source.choice([r"C:\W\cmd.exe", "a", "b", "c"]),
        "SourcePort": source.randrange(2000), "CommandLine": source.choice(["whoami", "abcz", "", "x"]),
    } | ({"ProcessId": 4} if source.random() < 0.1 else {})  # fmt: skip
