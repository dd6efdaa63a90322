"""The engine agrees with two independent implementations on random correlations and streams.

One is pysigma-backend-sqlite. The other is the naive evaluator, which also tells what the first can't: the metric of
``temporal_ordered`` under any comparison, and of conditions with ``not``.

The backend's SQL runs in SQLite over the same events. The streams of a correlation stand in one table, so far apart in
time that no window reaches from one to the next. ``FENGSUI_CORRELATIONS=4000`` compares 100,000 pairs with each.
Where the two differ by design, the generator keeps off and the comment says what the specification (Sigma correlation
rules 2.1) has on it:

- ``temporal_ordered`` with ``lt``, ``lte``, ``eq``, ``neq``: "it specified the count of different event types (Sigma
  rules matching)", and "requires in addition that the events appear in the order provided". We count the rules that
  match in order; the backend counts all that match and asks that no two present ones be out of order. With the
  thresholds that mean "at least", which alone the specification shows, both find the same; the number told with it
  differs where a window holds a rule more that is out of order, and is held against the naive evaluator instead.
- ranges: "To define a range, you can use the conjunction 'AND' in the mapping." pySigma refuses them before the backend
  sees them; the naive evaluator covers them. Likewise lists of fields in ``value_count``.
- numbers: the specification sets no precision; the backend takes them as binary floating point, we as written, so the
  generator keeps to numbers that are exact in both.
- the number 1 and the text "1": Sigma compares a field's value with a rule's as text, so both are one value in
  ``value_count``; SQLite keeps the two apart.
- the metric of an extended condition: it compares no number; the backend reports how many rules matched at all, we how
  many of the alternative that holds.
- the events behind an occurrence of ``temporal_ordered``: all of its window, where the backend takes the first in order
  of each rule. It shows only where a correlation over it groups by another field; "all events defined by the rules
  referred by the rule field must occur in the time frame" singles none out.
- an alias of a correlation that does not group by it, where one over it groups by a field of that name: aliases are
  "field name aliases that are applied to correlated Sigma rules", for the correlation that defines them; so we take
  the events' own field for the one above, where the backend finds none.
- letters beyond ASCII: Sigma compares "case-insensitive"; SQLite folds ASCII only. The generator keeps to ASCII.
- windows of ``not`` that reach beyond the last event: the backend leaves them out unless it is told how far was
  observed, which the test does; at the end of input we take the observation as complete.
- chains: an occurrence's own fields are those it groups by. The backend numbers the occurrences of a correlation, we
  name them by group and time; a correlation that has an occurrence counted twice by an ``or`` does not exist in either.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
import yaml
from sigma.collection import SigmaCollection

from detection import RuleSet
from events import Event, format_timestamp

sqlite_backend = pytest.importorskip("sigma.backends.sqlite", reason="pysigma-backend-sqlite is not installed")
_START_MS = 1_790_000_000_000
"""As the events of ``bench`` have it."""
_STREAMS = 25
"""A correlation."""
_CORRELATIONS = int(os.environ.get("FENGSUI_CORRELATIONS", "80"))
_APART = 1_000
"""Seconds between the beginnings of two streams."""
_HORIZON = 4e9
_EXTENDED: dict[str, list[tuple[str, str]]] = {
    "a and not b": [("a", "b")],
    "a and b and not d": [("ab", "d")],
    "a and (b or d)": [("ab", ""), ("ad", "")],
    "a or b and not d": [("a", ""), ("b", "d")],
    "not (not a or b)": [("a", "b")],
    "a or d": [("a", ""), ("d", "")],
}
"""Conditions with the alternatives they come to: rules that must match, rules that must not."""
_COMPARISONS = ["gt", "gte", "lt", "lte", "eq", "neq"]


def _section(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(
        ["event_count", "value_count", "value_sum", "value_avg", "value_percentile", "value_median"]
        + ["temporal", "temporal_ordered"] * 2
    )
    rules = chance.sample("abd", chance.randint(1, 3))
    section: dict[str, Any] = {"type": kind, "rules": rules, "timespan": f"{chance.randint(1, 12)}s"}
    section["group-by"] = chance.choice([["user"], ["user", "host"], ["host"]])
    if kind.startswith("temporal") and chance.random() < 0.5:
        section["condition"] = chance.choice(list(_EXTENDED))
        section["rules"] = [name for name in "abd" if name in _names(section["condition"])]
        return section
    if kind == "temporal_ordered":
        section["condition"] = {chance.choice(["gt", "gte"]): chance.randint(1, 3)}
    elif kind != "temporal" or chance.random() < 0.7:
        section["condition"] = {chance.choice(_COMPARISONS): chance.randint(0, 4)}
    if kind.startswith("value"):
        section["condition"]["field"] = "v"
    if kind == "value_percentile":
        section["condition"]["percentile"] = chance.choice([0, 25, 50, 75, 100])
    if chance.random() < 0.3:
        section["aliases"] = {"user": {chance.choice(rules): "other"}}
    return section


def _names(condition: str) -> set[str]:
    return set(condition.replace("(", " ").replace(")", " ").split()) - {"and", "or", "not"}


def _chained(chance: random.Random) -> list[dict[str, Any]]:
    """A correlation, or one over another."""
    documents = [{"title": "c", "name": "c", "id": _uuid(9), "correlation": _section(chance)}]
    below = documents[0]["correlation"]
    if chance.random() < 0.35:
        over: dict[str, Any] = {
            "timespan": f"{chance.randint(1, 12)}s",
            "group-by": chance.choice([["user"], ["host"]]),
        }
        if below["type"] == "temporal_ordered":
            over["group-by"] = below["group-by"]
        over["type"] = chance.choice(["event_count", "temporal", "temporal_ordered"])
        over["rules"] = ["c"] if over["type"] == "event_count" else chance.sample(["c", "b"], 2)
        if over["type"] == "event_count":
            over["condition"] = {"gte": chance.randint(1, 4)}
        if "user" not in below["group-by"]:
            below.pop("aliases", None)
        documents.append({"title": "over", "name": "over", "id": _uuid(8), "correlation": over})
    return documents


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "title": name,
            "name": name,
            "id": _uuid(number),
            "logsource": {"product": "test"},
            "detection": {"s": {f"is_{name}": 1}, "condition": "s"},
        }
        for number, name in enumerate("abd")
    ]


def _streams(chance: random.Random, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The events of all streams, each some seconds after its stream's beginning."""
    return [
        _event(chance, texts) | {"id": f"e{number}-{at}", "seconds": number * _APART + chance.randint(0, 30)}
        for number in range(_STREAMS)
        for at in range(chance.randint(1, 14))
    ]


def _event(chance: random.Random, texts: Sequence[str]) -> dict[str, Any]:
    event: dict[str, Any] = {f"is_{name}": 1 for name in chance.sample("abd", chance.choice([1, 1, 1, 2]))}
    for name, values in {"user": ["u", "U", "v"], "host": ["h", "g"], "other": ["u", "v"]}.items():
        if chance.random() < 0.9:
            event[name] = chance.choice(values)
    if chance.random() < 0.85:
        event["v"] = chance.choice([-2, 0, 1, 2, 3, 0.5, *texts])
    return event


_COLUMNS = ["is_a", "is_b", "is_d", "user", "host", "other", "v"]


def _oracle(plan: dict[str, Any], stream: list[dict[str, Any]]) -> list[tuple[float, tuple[str, ...], float]]:
    """(end in seconds, group, metric) by the backend's own plan."""
    from sigma.backends.sqlite.runtime import execute_plan  # noqa: PLC0415 (only where it is installed)

    with sqlite3.connect(":memory:") as connection:
        columns = ", ".join(f"`{name}`" for name in _COLUMNS)
        connection.execute(f"CREATE TABLE logs (id TEXT, timestamp TEXT, {columns})")
        connection.executemany(
            f"INSERT INTO logs VALUES ({','.join('?' * (len(_COLUMNS) + 2))})",  # noqa: S608 (column names of our own)
            [(each["id"], _timestamp(each["seconds"]), *map(each.get, _COLUMNS)) for each in stream],
        )
        rows, _ = execute_plan(connection, plan, include_events=False)
    connection.close()
    return sorted(
        (
            row["window_end"] - _START_MS / 1000,
            tuple(str(value) for value in row["group_keys"].values()),
            float(row["metric_value"]),
        )
        for row in rows
    )


def _plan(documents: list[dict[str, Any]]) -> dict[str, Any]:
    backend = sqlite_backend.sqliteBackend()
    backend.event_id_field, backend.observation_end = "id", _HORIZON
    text = "\n---\n".join(yaml.safe_dump(each, sort_keys=False) for each in [*_rules(), *documents])
    converted = json.loads(backend.convert(SigmaCollection.from_yaml(text), "zircolite"))
    return dict(next(each["correlation_plan"] for each in converted if each["title"] == documents[-1]["title"]))


def _timestamp(seconds: int) -> str:
    return format_timestamp(_START_MS + seconds * 1000).rstrip("Z")


@pytest.mark.parametrize("seed", range(_CORRELATIONS))
def test_agrees_on_random_correlations_and_streams(seed: int, load: Any, bench: Any) -> None:  # noqa: ANN401 (fixtures)
    chance = random.Random(seed)
    documents = _chained(chance)
    rules: RuleSet = load(*_rules(), *documents)
    texts = ["x", "X"] if documents[0]["correlation"]["type"] == "value_count" else ["1", "2.5", "x"]
    streams = _streams(chance, texts)
    events = [_arriving(bench, each) for each in chance.sample(streams, len(streams))]

    found = [match for match in bench.matches(rules, events) if match[0] == documents[-1]["name"]]

    ours = sorted((end, key, float(metric)) for _, end, key, metric, _ in found)
    theirs = _oracle(_plan(documents), streams)
    if _tells_another_metric(documents[-1]["correlation"]):
        ours, theirs = [each[:2] for each in ours], [each[:2] for each in theirs]
    assert ours == theirs, (documents, _where(ours, theirs, streams))


def _tells_another_metric(section: dict[str, Any]) -> bool:
    """Whether only what is found is the same, not the number told with it; see above."""
    return section["type"] == "temporal_ordered" or isinstance(section.get("condition"), str)


def _where(ours: list[Any], theirs: list[Any], streams: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the first stream on which the two differ."""
    differing = {tuple(each) for each in ours} ^ {tuple(each) for each in theirs}
    number = min((int(each[0] // _APART) for each in differing), default=0)
    return [event for event in streams if event["seconds"] // _APART == number]


@pytest.mark.parametrize("seed", range(_CORRELATIONS))
def test_agrees_with_the_naive_evaluator_on_what_is_measured(
    seed: int,
    load: Any,  # noqa: ANN401 (fixture)
    bench: Any,  # noqa: ANN401 (fixture)
    naive_correlation: ModuleType,
) -> None:
    chance = random.Random(seed)
    section = _section(chance)
    if section["type"] == "temporal_ordered" and isinstance(section["condition"], dict):
        section["condition"] = {chance.choice(_COMPARISONS): chance.randint(0, 3)}
    rules: RuleSet = load(*_rules(), {"title": "c", "name": "c", "id": _uuid(9), "correlation": section})
    streams = _streams(chance, ["x", "X"])

    found = bench.matches(rules, [_arriving(bench, each) for each in chance.sample(streams, len(streams))])

    ours = sorted((end, key, metric) for name, end, key, metric, _ in found if name == "c")
    assert ours == _naive(naive_correlation, section, streams), (section, streams)


def _arriving(bench: Any, event: dict[str, Any]) -> Event:  # noqa: ANN401 (fixture)
    fields = {"event.id": event["id"]} | {name: event[name] for name in _COLUMNS if name in event}
    return dict(bench.event(event["seconds"], "", **fields))


def _naive(naive: ModuleType, section: dict[str, Any], streams: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the naive evaluator finds in each stream by itself."""
    seen: dict[int, list[Any]] = defaultdict(list)
    for event in streams:
        for rule in "abd":
            if f"is_{rule}" in event:
                one = naive.Seen(event["seconds"], event["id"], rule, tuple(event.items()))
                seen[event["seconds"] // _APART].append(one)
    alternatives = _EXTENDED[section["condition"]] if isinstance(section.get("condition"), str) else []
    given = {**section, "alternatives": [(list(present), list(absent)) for present, absent in alternatives]}
    return sorted(each for stream in seen.values() for each in naive.evaluate(given, stream))
