"""From a batch of records to a batch of events: chooses the normalizer, stamps the event, keeps what fails.

Nothing is lost and nothing spreads: every record gives one event or one dead letter, whatever a normalizer does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from collectors.normalizers.catalog import FALLBACKS, NORMALIZERS, SPECIFIC
from collectors.normalizers.contract import NormalizeError, Normalizer, OutliningNormalizer, SourceContext
from collectors.normalizers.plausibility import PlausibleTimes, plausible_times
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, NormalizedBatch, Reason, Record, RecordBatch
from events import Event, Outline, event_id, format_timestamp, now_ms
from events.event import NestingError


class UnknownFormatError(ValueError):
    """A format was asked for that no normalizer has."""


_STAMPED = frozenset(
    (
        "@timestamp", "event.id", "event.original", "event.ingested", "event.kind", "fengsui.source.name",
        "fengsui.time.quality",
    )
)  # fmt: skip

_OUTLINERS = {each.name: each for each in NORMALIZERS if isinstance(each, OutliningNormalizer)}


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What every event of a batch is stamped with."""

    source: str
    identity: str
    ingested: str
    plausible: PlausibleTimes


def normalize(batch: RecordBatch, context: SourceContext, format: str | None = None) -> NormalizedBatch:  # noqa: A002 (the command line's own word)
    """Turn the records of a batch into events, in their order, and what could not become one into dead letters.

    Args:
        batch: the records; its own dead letters are passed on.
        context: what is known about the source.
        format: name of the normalizer to use for all records; None recognizes each from its content.

    Raises:
        UnknownFormatError: there is no normalizer of that name.
    """
    moment = now_ms()
    stamp = _Stamp(context.source, context.identity, format_timestamp(moment), plausible_times(moment))
    named = format or batch.format
    chosen = _by_name(named) if named else None
    last: Normalizer | None = None
    events: list[Event] = []
    dead_letters = list(batch.dead_letters)
    for record in batch.records:
        try:
            normalizer = chosen or _recognize(record, last)
            event = normalizer.normalize(record, context)
            _stamp(event, record, stamp)
        except Exception as error:  # noqa: BLE001 (a record that breaks its normalizer must not stop its neighbors)
            dead_letters.append(_dead_letter(record, error))
            continue
        last = normalizer
        events.append(event)
    return NormalizedBatch(events, dead_letters)


def outline(record: Record, context: SourceContext, format: str | None = None) -> tuple[Event, Outline] | None:  # noqa: A002 (as above)
    """What is known of the events of all records like this one, with its own event as ``normalize`` makes it.

    Returns:
        None where the record becomes no event, or its normalizer can't tell beforehand.
    """
    found = normalize(RecordBatch(context.source, context.identity, [record], []), context, format).events
    normalizer = _by_name(format) if format else _recognize(record, None)
    outliner = _OUTLINERS.get(normalizer.name)
    if not (found and record.document and outliner):
        return None
    known = outliner.outline(record.document, found[0])
    if known is None:
        return None
    return found[0], replace(known, others=known.others | _STAMPED)


def _by_name(name: str) -> Normalizer:
    for normalizer in NORMALIZERS:
        if normalizer.name == name:
            return normalizer
    known = ", ".join(sorted(normalizer.name for normalizer in NORMALIZERS))
    raise UnknownFormatError(f"format {name}: no such format; known are {known}")


def _recognize(record: Record, last: Normalizer | None) -> Normalizer:
    """The normalizer of a record; the last one used is asked first where that can't change the answer."""
    if last in SPECIFIC and last.recognizes(record):
        return last
    for normalizer in SPECIFIC:
        if normalizer.recognizes(record):
            return normalizer
    for normalizer in FALLBACKS:
        if normalizer.recognizes(record):
            return normalizer
    raise NormalizeError(Reason.UNRECOGNIZED, "no normalizer knows this kind of record; name its format with --format")


def _stamp(event: Event, record: Record, stamp: _Stamp) -> None:
    for name in [name for name, value in event.items() if value is None]:  # twice as fast as `in event.values()`
        del event[name]
    if "@timestamp" not in event:
        raise NormalizeError(Reason.NO_TIME, "the record does not say when it happened; give its source a time field")
    if event["@timestamp"] not in stamp.plausible:
        event["fengsui.time.quality"] = "implausible"
    event["event.id"] = event_id(stamp.identity, record.position, record.raw)
    event["event.original"] = record.text if record.text is not None else _text(record.raw)
    event["event.ingested"] = stamp.ingested
    event["fengsui.source.name"] = stamp.source
    event.setdefault("event.kind", "event")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _dead_letter(record: Record, error: Exception) -> DeadLetter:
    reason, detail = _reason(error)
    raw = record.raw
    return DeadLetter(record.position, reason, detail, raw[:DEAD_LETTER_BYTES], len(raw), record.decoder)


def _reason(error: Exception) -> tuple[Reason, str]:
    """The dead letter's reason; the text of a foreign error may hold a value of the record and is left out."""
    if isinstance(error, NormalizeError):
        return error.reason, str(error)
    if isinstance(error, NestingError | RecursionError):
        return Reason.TOO_DEEP, "the record is nested more deeply than any log; check what writes to this source"
    return Reason.INVALID, f"a field of the record is not what its format says ({type(error).__name__}); see the record"
