"""Both engines over the same rules and events, and every pair on which they disagree."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from detection import Matcher, load_rules
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from tests.detection import naive
from tests.detection.differential.explaining import DIFFERENCES, Difference, settled
from tests.detection.differential.generating import KEYWORDS, Detection, Event, Pool
from tests.detection.differential.mutating import near_misses
from tests.detection.differential.sqlite_engine import SqliteEngine, fields_of, queries_of

POLICY = RoutingPolicy(
    sources=[Source(product="test", fields="plain", routes=[Route(where={"event.dataset": ["test.log"]})])],
    profiles={"plain": FieldProfile(keywords=[KEYWORDS])},
)
_RULES = 60
_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair on which the engines differ; ``ours`` is what this project's matcher says."""

    detection: Detection
    event: Event
    ours: bool


@dataclass(slots=True)
class Figures:
    """What a comparison came to: pairs, how many of them match, and each disagreement, explained or not."""

    pairs: int = 0
    matches: int = 0
    refused: int = 0
    naive_pairs: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[Disagreement] = field(default_factory=list)

    def add(self, detections: Sequence[Detection], events: Sequence[Event]) -> None:
        """Compare the engines on every pair of these."""
        converted = [each for each in detections if queries_of(each) is not None]
        self.refused += len(detections) - len(converted)
        self.pairs += len(converted) * len(events)
        ours, theirs = matched(converted, events), matched_by_sqlite(converted, events)
        self.matches += len(ours)
        for number, detection in enumerate(converted):
            disputed = sorted(position for rule, position in ours ^ theirs if rule == number)
            pairs = [Disagreement(detection, events[each], (number, each) in ours) for each in disputed]
            self._explain(pairs)

    def add_naive(self, detections: Sequence[Detection], events: Sequence[Event]) -> None:
        """Compare with the naive evaluator, which knows no differences: every disagreement is one too many."""
        self.naive_pairs += len(detections) * len(events)
        ours = matched(detections, events)
        for number, position in sorted(ours ^ matched_by_naive(detections, events)):
            self.unexplained.append(Disagreement(detections[number], events[position], (number, position) in ours))

    def _explain(self, disputed: list[Disagreement]) -> None:
        """Count the disagreements of one detection under the difference whose settlement ends them."""
        for name, differences in (*((each.name, [each]) for each in DIFFERENCES), ("several of these", DIFFERENCES)):
            if not disputed:
                return
            left = _still_disputed(differences, disputed)
            if len(left) < len(disputed):
                self.explained[name] += len(disputed) - len(left)
            disputed = left
        self.unexplained += disputed


def _still_disputed(differences: list[Difference], disputed: list[Disagreement]) -> list[Disagreement]:
    pairs = [settled(differences, each.detection, each.event) for each in disputed]
    detections, events = [pairs[0][0]], [event for _, event in pairs]
    differing = matched(detections, events) ^ matched_by_sqlite(detections, events)
    return [each for position, each in enumerate(disputed) if (0, position) in differing]


def matched_by_naive(detections: Sequence[Detection], events: Sequence[Event]) -> set[tuple[int, int]]:
    """The (rule, event) positions that the naive evaluator finds."""
    return {
        (number, position)
        for number, detection in enumerate(detections)
        for position, event in enumerate(events)
        if naive.matches(detection, event, (KEYWORDS,))
    }


def matched_by_sqlite(detections: Sequence[Detection], events: Sequence[Event]) -> set[tuple[int, int]]:
    """The (rule, event) positions that the backend's queries find; the backend refuses none of the detections."""
    engine = SqliteEngine(events, fields_of(events, detections))
    found = {
        (number, position)
        for number, each in enumerate(detections)
        for position in engine.matches(queries_of(each) or [])
    }
    engine.close()
    return found


def matched(detections: Sequence[Detection], events: Sequence[Event]) -> set[tuple[int, int]]:
    """The (rule, event) positions that this project's matcher finds."""
    documents = [
        {"title": "Test", "id": str(number), "logsource": {"product": "test"}, "detection": detection}
        for number, detection in enumerate(detections)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yml"
        path.write_text(yaml.dump_all(documents, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
        rules = load_rules([path], policy=POLICY)
    assert rules.unsupported == []
    routed = [{**event, "event.dataset": "test.log", "event.id": position} for position, event in enumerate(events)]
    return {(int(match.rule.id), match.event["event.id"]) for match in Matcher(rules, POLICY).match(routed)}  # type: ignore[misc]  # (the ids are those given above)


def random_rounds(seed: int) -> Iterator[tuple[list[Detection], list[Event]]]:
    """Rules and events for as many rounds as are wanted, the same for the same seed."""
    chance = random.Random(seed)
    while True:
        pool = Pool(chance)
        yield [pool.detection() for _ in range(_RULES)], [pool.event() for _ in range(_EVENTS)]


def public_rounds(
    folders: Sequence[Path], seed: int, rules: int = 40, near: int = 6
) -> Iterator[tuple[list[Detection], list[Event]]]:
    """The rules of the folders in random order, by the round, with events that nearly match one of them.

    Rules with placeholders are left out: they mean nothing without a site's own values.
    """
    chance = random.Random(seed)
    waiting = _detections(folders)
    chance.shuffle(waiting)
    while waiting:
        chosen, waiting = _of_one_spelling(waiting, rules)
        yield chosen, [event for each in chosen for event in near_misses(each, chance, near)]


def _detections(folders: Sequence[Path]) -> list[Detection]:
    paths = sorted(path for folder in folders for path in folder.rglob("*.yml"))
    texts = [text for path in paths if "|expand" not in (text := path.read_text(encoding="utf-8"))]
    detections = [yaml.load(text, Loader=yaml.CSafeLoader)["detection"] for text in texts]
    return [each for each in detections if _spells_once(fields_of([], [each]))]


def _spells_once(names: Sequence[str]) -> bool:
    return len({name.lower() for name in names}) == len(names)


def _of_one_spelling(waiting: list[Detection], most: int) -> tuple[list[Detection], list[Detection]]:
    """Some detections whose fields differ in more than case, as the columns of a table must; and the rest."""
    spelled: dict[str, str] = {}
    chosen: list[Detection] = []
    rest: list[Detection] = []
    for detection in waiting:
        names = fields_of([], [detection])
        alike = all(spelled.get(name.lower(), name) == name for name in names)
        if alike and len(chosen) < most:
            spelled |= {name.lower(): name for name in names}
            chosen.append(detection)
        else:
            rest.append(detection)
    return chosen, rest
