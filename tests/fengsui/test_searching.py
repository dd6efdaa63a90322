"""Input may be cut anywhere and searched by any number of processes: what is found is the same, in the same order."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.decoders import DecodeOptions
from detection import Matcher, load_rules
from fengsui.errors import FengsuiError
from fengsui.hunt import Hunt
from fengsui.offline import FileBatch, ReadOptions
from fengsui.portions import Portion, portions
from fengsui.searching import processes_for, searched
from fengsui.sifting import Sieve

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

Line = dict[str, Any]

RULES = """
title: Failed log-on
id: 00000000-0000-4000-8000-000000000001
name: failed
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
---
title: Command shell
id: 00000000-0000-4000-8000-000000000002
logsource: {product: windows, service: security}
detection: {s: {Image|endswith: cmd.exe}, condition: s}
---
title: Guessing
id: 00000000-0000-4000-8000-000000000003
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 5m, condition: {gte: 20}}
---
title: Often
id: 00000000-0000-4000-8000-000000000004
logsource: {product: windows, service: security}
detection: {s: {Image|endswith: 1.exe}, condition: s}
fengsui: {threshold: {field: winlog.event_data.User, count: 4, within: 1h}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two files of events, some broken, the first in an order of its own."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, count in (("a.ndjson", 900), ("b.ndjson", 300)):
        lines = [orjson.dumps(_event(number)) if number % 97 else b"{broken" for number in range(1, count)]
        (folder / name).write_bytes(b"\n".join(lines))
    return folder


def _event(number: int) -> dict[str, object]:
    minute, second = divmod(number * 7919 % 3600, 60)
    return {
        "EventID": 4625 if number % 5 == 0 else 4688, "Channel": "Security", "Hostname": "h", "RecordNumber": number,
        "@timestamp": f"2021-03-04T05:{minute:02}:{second:02}.000Z", "User": f"u{number % 3}",
        "Image": "cmd.exe" if number % 11 == 0 else f"{number}.exe",
    }  # fmt: skip


def _lasting(line: Line) -> Line:
    """A line without the moment at which it was made."""
    return line | {"event": {name: value for name, value in line["event"].items() if name != "event.ingested"}}


def _found(rules: Path, parts: list[Portion], processes: int) -> tuple[list[Line], int, Counter[str], list[Line]]:
    rule_set = load_rules([rules])
    assert rule_set.unsupported == []
    matcher = Matcher(rule_set)
    hunt = Hunt(rule_set, matcher)
    lines, events, letters = [], 0, Counter[str]()
    with searched(hunt, Sieve(matcher, ReadOptions()), parts, processes) as found:
        for findings in found:
            lines.append(findings.lines)
            events += findings.events
            letters += findings.dead_letters
            lines += [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in hunt.take(findings)]
    episodes = list(hunt.last_lines())
    return [_lasting(orjson.loads(line)) for line in b"".join(lines).splitlines()], events, letters, episodes


def test_any_cut_and_any_number_of_processes_find_the_same(rules: Path, logs: Path) -> None:
    whole = _found(rules, [Portion(logs / "a.ndjson"), Portion(logs / "b.ndjson")], 1)
    lines, events, letters, episodes = whole
    assert (events, letters) == (1186, {"undecodable": 12})
    assert sum(line["rule"]["title"] == "Command shell" for line in lines) == 108
    assert sum(line["rule"]["title"] == "Often" for line in lines) > 20
    assert len(episodes) >= 3
    for size in (5_000, 20_000, 10**6):
        parts = list(portions([logs], DecodeOptions(), size))
        alone = _found(rules, parts, 1)
        assert _found(rules, parts, 2) == _found(rules, parts, 3) == alone
        assert (sorted(alone[0], key=str), *alone[1:]) == (sorted(lines, key=str), *whole[1:])


@given(
    lines=st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=30), size=st.integers(1, 90)
)
def test_portions_are_the_whole_file_cut_at_line_ends(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int
) -> None:
    log = tmp_path_factory.mktemp("cut") / "log"
    content = b"\n".join([b'{"time": "2021-03-04T05:06:07Z"}', *lines])
    log.write_bytes(content)
    parts = list(portions([log], DecodeOptions(), size))
    edges = [(part.start, len(content) if part.end is None else part.end) for part in parts]
    assert b"".join(content[start:end] for start, end in edges) == content
    assert all(start == 0 or content[start - 1 : start] == b"\n" for start, _ in edges)


def test_what_is_no_plain_ndjson_is_not_cut(tmp_path: Path) -> None:
    (tmp_path / "text.log").write_text("Nov 18 09:12:01 a sshd[8]: x\n" * 50, encoding="utf-8")
    assert list(portions([tmp_path], DecodeOptions(), 100)) == [Portion(tmp_path / "text.log")]


def test_there_are_no_more_processes_than_portions() -> None:
    parts = [Portion(Path("a")), Portion(Path("b"))]
    assert processes_for(parts, 8) == (2 if "fork" in multiprocessing.get_all_start_methods() else 1)
    assert processes_for(parts[:1], None) == processes_for([], 4) == processes_for(parts, 1) == 1


class _Dying(Sieve):
    def sift(self, portion: Portion) -> Iterator[FileBatch]:
        os._exit(portion.start)


def test_a_worker_that_is_ended_is_told(rules: Path, logs: Path) -> None:
    rule_set = load_rules([rules])
    matcher = Matcher(rule_set)
    hunt, sieve = Hunt(rule_set, matcher), _Dying(matcher, ReadOptions())
    parts = [Portion(logs / "a.ndjson", 9, 10)] * 3
    with pytest.raises(FengsuiError, match="--workers"), searched(hunt, sieve, parts, 2) as found:
        list(found)


def test_the_command_line_takes_a_number_of_workers(fengsui: Fengsui, rules: Path, logs: Path) -> None:
    alone = fengsui("detect", logs, "--rules", rules, "--workers", "1")
    together = fengsui("detect", logs, "--rules", rules, "--workers", "2")
    assert alone.status == together.status == 1, alone.err
    assert [*map(_lasting, alone.lines)] == [*map(_lasting, together.lines)] != []
    assert fengsui("detect", logs, "--workers", "0").status == 2
