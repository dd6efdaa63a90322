"""What is gathered while a document is read: indicators, what is none and why, and the limits on both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

from detection.intelligence.errors import IntelligenceError, NoIndicatorError
from detection.intelligence.policy import IntelligencePolicy
from detection.intelligence.values import IndicatorType, normalized, recognize

LONGEST_TEXT = 255
_LONGEST_DESCRIPTION = 2_000
_TLP = ("clear", "green", "amber", "amber+strict", "red")
_IP_VERSION_4 = 4


@dataclass(frozen=True, slots=True)
class NewIndicator:
    """An indicator as it was read; None where its source gives nothing. Times in milliseconds since 1970 UTC."""

    type: IndicatorType
    value: str
    source: str
    confidence: int
    reference: str | None = None
    valid_from_ms: int | None = None
    valid_until_ms: int | None = None
    tlp: str | None = None
    labels: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a document that gives no indicator: where it stands (an id, a line) and why."""

    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds; ``unlisted`` counts the problems beyond those listed."""

    indicators: list[NewIndicator]
    problems: list[Problem]
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """What a document says of some values at once; an empty source means the importer's."""

    reference: str = ""
    source: str = ""
    confidence: int | None = None
    valid_from_ms: int | None = None
    valid_until_ms: int | None = None
    tlp: str | None = None
    labels: tuple[str, ...] = ()
    description: str = ""


@dataclass(slots=True)
class Gathering:
    """Gathers within the policy's limits; the same value of one source counts once, as last said."""

    policy: IntelligencePolicy
    source: str
    _found: dict[tuple[str, IndicatorType, str], NewIndicator] = field(default_factory=dict)
    _problems: list[Problem] = field(default_factory=list)
    _unlisted: int = 0
    _before: int = 0
    _told: int = 0
    _started: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a source without name; the time that reading takes begins."""
        self._started = time.thread_time()
        self.source = _text(self.source)
        if not self.source:
            raise IntelligenceError("the source of the indicators has no name; say whose they are")

    def check_size(self, size: int) -> None:
        """Refuse a document of more bytes than the limit.

        Raises:
            IntelligenceError: it is.
        """
        if size > self.policy.limits.bytes:
            raise IntelligenceError(
                f"{size} bytes are more than the {self.policy.limits.bytes} of one import; split the file"
            )

    def add(self, text: str, kind: IndicatorType | None, details: Details) -> None:
        """Take a value in, of a known type or one that is to be recognized; what is wrong with it becomes a problem."""
        try:
            self._add(text, kind, details)
        except NoIndicatorError as error:
            self.refuse(details.reference, str(error))

    def refuse(self, reference: str, reason: str) -> None:
        """Note a part of the document that gives no indicator."""
        self._check_time()
        if len(self._problems) < self.policy.limits.problems:
            self._problems.append(Problem(_text(reference), reason))
        else:
            self._unlisted += 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out of the time that reading takes what is done meanwhile."""
        stopped = time.thread_time()
        yield
        self._started += time.thread_time() - stopped

    @property
    def held(self) -> int:
        """How many indicators wait to be taken."""
        return len(self._found)

    def taken(self) -> Reading:
        """All that was gathered since this was last asked."""
        found = list(self._found.values())
        reading = Reading(found, self._problems[self._told :], self._unlisted)
        self._before += len(found)
        self._told, self._unlisted = len(self._problems), 0
        self._found.clear()
        return reading

    def _add(self, text: str, kind: IndicatorType | None, details: Details) -> None:
        self._check_time()
        if len(text.encode("utf-8", "surrogatepass")) > self.policy.limits.value:
            raise NoIndicatorError(f"a value of more than {self.policy.limits.value} bytes; shorten it")
        if not text.isprintable():
            raise NoIndicatorError("a value with control characters; correct it")
        found, value = recognize(text) if kind is None else (kind, normalized(kind, text))
        self._check_width(found, value)
        self._keep(_indicator(found, value, details, self))

    def _keep(self, new: NewIndicator) -> None:
        key = (new.source, new.type, new.value)
        if key not in self._found and self._before + len(self._found) >= self.policy.limits.indicators:
            raise IntelligenceError(f"more than {self.policy.limits.indicators} indicators; split the file")
        self._found[key] = new

    def _check_time(self) -> None:
        if (time.thread_time() - self._started) * 1000 > self.policy.limits.time:
            raise IntelligenceError(f"reading took longer than {self.policy.limits.time // 1000} s; split the file")

    def _check_width(self, kind: IndicatorType, value: str) -> None:
        if kind is IndicatorType.DOMAIN and any(value in group for group in self.policy.open_domains):
            raise NoIndicatorError("a domain under which anybody may register; name the domain below it")
        if kind is IndicatorType.IP and "/" in value:
            network, widest = ip_network(value), self.policy.widest_network
            shortest = widest.v4 if network.version == _IP_VERSION_4 else widest.v6
            if network.prefixlen < shortest:
                raise NoIndicatorError(f"a network wider than /{shortest}; name smaller ones")


def _indicator(kind: IndicatorType, value: str, details: Details, gathering: Gathering) -> NewIndicator:
    start, end = details.valid_from_ms, details.valid_until_ms
    if start is not None and end is not None and end <= start:
        raise NoIndicatorError("valid_until is not later than valid_from; correct one of them")
    confidence = gathering.policy.default_confidence if details.confidence is None else details.confidence
    return NewIndicator(
        type=kind,
        value=value,
        source=_text(details.source) or gathering.source,
        confidence=confidence,
        reference=_text(details.reference) or None,
        valid_from_ms=start,
        valid_until_ms=end,
        tlp=details.tlp,
        labels=tuple(_text(label) for label in details.labels[:32]),
        description=_plain(details.description)[:_LONGEST_DESCRIPTION],
    )


def tlp_of(text: str) -> str | None:
    """The Traffic Light Protocol's marking (FIRST TLP 2.0) that a text such as ``tlp:amber`` names; white is clear."""
    name = text.strip().lower().removeprefix("tlp:").strip()
    name = "clear" if name == "white" else name
    return name if name in _TLP else None


def _text(text: str) -> str:
    return _plain(text)[:LONGEST_TEXT]


def _plain(text: str) -> str:
    """A text without control characters and halves of characters, which no database takes."""
    if text.isascii() and text.isprintable():
        return text.strip()
    cleaned = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(each if each.isprintable() else " " for each in cleaned).strip()
