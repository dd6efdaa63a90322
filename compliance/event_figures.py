"""Asks the event store all that checks want to know of one system: one request for each period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from classification.masking import mask
from compliance.evidence import EvidenceRow
from compliance.system import AssessedSystem
from policies.compliance.checks import (
    BurstsCheck,
    Check,
    CheckPolicy,
    ClockCheck,
    DailyCheck,
    FamiliesCheck,
    Figure,
    RecordsCheck,
    ShareCheck,
)
from store.event_store import EventStore, Window
from store.query import parse_query

_MS_PER_DAY = 86_400_000
_MASKED = {"user.name": "person_name", "source.ip": "ip_address", "destination.ip": "ip_address"}
_SAMPLED = ("@timestamp", "event.id", "event.dataset", "event.action", "event.outcome", *_MASKED)
_ACCOUNTS = 1_000
ACCOUNTS_FIGURE = Figure(
    zh="登录成功的账户",
    en="accounts that signed in",
    query="event.category:authentication AND event.outcome:success AND _exists_:user.name",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure with what it was asked under: ``detail`` is an aggregation within it."""

    figure: Figure
    within: str | None = None
    detail: Mapping[str, Any] | None = None

    @property
    def query(self) -> str:
        """What is asked of the system's events."""
        return self.figure.query if self.within is None else f"({self.within}) AND ({self.figure.query})"

    def aggregation(self) -> dict[str, Any]:
        """The same for the event store."""
        inner: dict[str, Any] = {
            "last": {"max": {"field": "@timestamp"}},
            "sample": {"top_hits": {"size": 1, "_source": list(_SAMPLED)}},
        }
        if self.detail is not None:
            inner["detail"] = self.detail
        return {"filter": {"query_string": {"query": self.query}}, "aggs": inner}


class EventFigures:
    """What was found, by check and slot; asked once when made."""

    def __init__(self, events: EventStore, system: AssessedSystem, policy: CheckPolicy, now: int) -> None:
        """Ask.

        Raises:
            StoreError: the event store can't answer.
        """
        self.now = now
        self._scope = system.events_query(policy.events)
        self._asked = {name: dict(_asked(check)) for name, check in policy.checks.items()}
        self._days = {name: check.days for name, check in policy.checks.items()}
        self._found: dict[str, Any] = {}
        for days in sorted(set(self._days.values())):
            wanted = {
                f"{name}|{slot}": asked.aggregation()
                for name, slots in self._asked.items()
                if self._days[name] == days
                for slot, asked in slots.items()
            }
            if wanted:
                answer = events.aggregate(parse_query(self._scope), Window(*self._period(days)), wanted)
                self._found |= answer

    def count(self, check: str, slot: str) -> int:
        """How many events."""
        return int(self._found[f"{check}|{slot}"]["doc_count"])

    def last_ms(self, check: str, slot: str) -> int | None:
        """The time of the last of them, None without any."""
        value = self._found[f"{check}|{slot}"]["last"]["value"]
        return None if value is None else int(value)

    def detail(self, check: str, slot: str) -> Mapping[str, Any]:
        """What the aggregation within found."""
        found: Mapping[str, Any] = self._found[f"{check}|{slot}"]["detail"]
        return found

    def row(self, check: str, slot: str) -> EvidenceRow:
        """The figure as evidence."""
        asked = self._asked[check][slot]
        return EvidenceRow(
            "events",
            (asked.figure.zh, asked.figure.en),
            f"({self._scope}) AND ({asked.query})",
            self.count(check, slot),
            self._period(self._days[check]),
            self._sample(check, slot),
        )

    def _period(self, days: int) -> tuple[int, int]:
        return self.now - days * _MS_PER_DAY, self.now

    def _sample(self, check: str, slot: str) -> dict[str, str]:
        hits = self._found[f"{check}|{slot}"]["sample"]["hits"]["hits"]
        return masked_sample(hits[0]["_source"]) if hits else {}


def masked_sample(source: Mapping[str, object]) -> dict[str, str]:
    """What of an event is kept as a sample."""
    found = {name: _text(source[name]) for name in _SAMPLED if name in source}
    return {name: mask(value, _MASKED[name]) if name in _MASKED else value for name, value in found.items()}


def _asked(check: Check) -> Iterator[tuple[str, Asked]]:
    """What a check asks, by slot."""
    if isinstance(check, FamiliesCheck):
        yield from ((name, Asked(figure)) for name, figure in check.families.items())
    elif isinstance(check, ShareCheck):
        yield from (("of", Asked(check.of)), ("held", Asked(check.held, check.of.query)))
    elif isinstance(check, RecordsCheck):
        if check.source == "named_accounts":
            terms = {"terms": {"field": "user.name", "size": _ACCOUNTS}}
            yield "of", Asked(ACCOUNTS_FIGURE, detail=terms)
    elif isinstance(check, DailyCheck):
        yield "of", Asked(check.of, detail=_histogram("1d"))
    elif isinstance(check, BurstsCheck):
        by_account = {
            "terms": {"field": "user.name", "size": _ACCOUNTS},
            "aggs": {"times": _histogram(f"{check.minutes}m")},
        }
        yield from (("of", Asked(check.of, detail=by_account)), ("lockout", Asked(check.lockout)))
    elif isinstance(check, ClockCheck):
        fields = ["@timestamp", "event.ingested", "fengsui.time.quality"]
        yield "of", Asked(check.of, detail={"top_hits": {"size": check.sample, "_source": fields}})
    else:
        for slot in ("given", "seen", "absent"):
            figure = getattr(check, slot, None)
            if figure is not None:
                yield slot, Asked(figure)


def _histogram(interval: str) -> dict[str, Any]:
    return {"date_histogram": {"field": "@timestamp", "fixed_interval": interval, "min_doc_count": 1}}


def _text(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)
