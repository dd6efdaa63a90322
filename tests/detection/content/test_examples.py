"""Each rule's examples, from the raw record through the real decoders, normalizers and matcher."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from collectors.decoders import decode_path
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, RecordBatch
from detection import Matcher, RuleSet, load_rules
from detection.correlation import Correlator, for_whole_input, load_correlation_policy
from events import Event, timestamp_ms

_HERE = Path(__file__).resolve().parent
_CONTENT = _HERE.parents[2] / "detection" / "content"
_EXAMPLES = yaml.safe_load((_HERE / "examples.yml").read_text(encoding="utf-8"))
_CASES = [
    pytest.param(rule, kind, example, id=f"{rule}-{kind}-{number}")
    for rule, kinds in _EXAMPLES.items()
    for kind, examples in kinds.items()
    for number, example in enumerate(examples)
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([_CONTENT])


@pytest.fixture(scope="module")
def matcher(rules: RuleSet) -> Matcher:
    return Matcher(rules)


def test_every_rule_has_examples_of_both_kinds() -> None:
    stems = {path.stem for path in _CONTENT.rglob("*.yml") if path.parent.name != "data_flow"}  # test_data_flow.py

    assert set(_EXAMPLES) == stems
    assert all(kinds["positive"] and kinds["negative"] for kinds in _EXAMPLES.values())


@pytest.mark.parametrize(("rule", "kind", "example"), _CASES)
def test_rule_finds_what_it_must_and_nothing_that_looks_alike(  # noqa: PLR0917 (a case's columns)
    rule: str, kind: str, example: object, tmp_path: Path, rules: RuleSet, matcher: Matcher
) -> None:
    events = list(_events(example, tmp_path))
    correlator = Correlator(rules, for_whole_input(load_correlation_policy()))

    matches = matcher.match(events)
    correlator.observe(matches)
    found = {match.rule.path.stem for match in [*matches, *correlator.finish()]}

    assert events
    assert (rule in found) is (kind == "positive"), events


def _events(example: object, folder: Path) -> Iterator[Event]:
    path = folder / "example.log"
    path.write_text("\n".join(_records(example)) + "\n", encoding="utf-8")
    for stream in decode_path(path):
        records = [item for item in stream if not isinstance(item, DeadLetter)]
        context = SourceContext(
            "example", stream.identity, ZoneInfo("Asia/Shanghai"), timestamp_ms("2026-11-19T00:00:00Z")
        )
        yield from normalize(RecordBatch("example", stream.identity, records, []), context).events


def _records(example: object) -> list[str]:
    """The records of an example; ``times`` repeats one at each of the times that ``{time}`` takes in it."""
    if isinstance(example, list):
        return [record for part in example for record in _records(part)]
    if isinstance(example, dict) and "record" in example:
        return [example["record"].replace("{time}", time) for time in example["times"].split()]
    return [_raw(example)]


def _raw(example: object) -> str:
    if isinstance(example, str):
        return example
    assert isinstance(example, dict)
    return json.dumps(_winlogbeat(example["windows"]) if "windows" in example else example)


def _winlogbeat(given: dict[str, object]) -> dict[str, object]:
    provider = {1102: "Microsoft-Windows-Eventlog"}.get(int(str(given["id"])), "Microsoft-Windows-Security-Auditing")
    return {
        "@timestamp": "2026-11-18T02:28:15.000Z",
        "agent": {"type": "winlogbeat", "version": "8.15.3"},
        "event": {"code": str(given["id"]), "kind": "event"},
        "host": {"name": "WIN-FILE01.lanhu.example"},
        "winlog": {
            "channel": given["channel"],
            "event_id": str(given["id"]),
            "provider_name": provider,
            "computer_name": "WIN-FILE01.lanhu.example",
            "event_data": given["data"],
        },
    }
