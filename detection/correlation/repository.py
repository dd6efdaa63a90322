"""All queries on the tables of correlations.

Kept is what was taken in, not what was made of it: each batch adds its own events in the transaction that takes its
checkpoint, and what can no longer matter is deleted. So a restart finds just what the checkpoints say was delivered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from detection.correlation.family import Family
from detection.correlation.item import Details, Item, Measured, Origin, key_of, texts_of
from detection.correlation.models import CorrelationItemRow, CorrelationStateRow
from detection.correlation.tally import Tally
from detection.rules.correlation_rule import CorrelationRule, Number


def family_key(family: Family) -> str:
    """Stands for all that a family's rules say; a changed rule begins anew."""
    digest = hashlib.blake2b(digest_size=16)
    for rule in family.rules:
        digest.update(repr(_content(rule)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def add_items(session: Session, taken: Iterable[tuple[Family, Sequence[Item]]]) -> None:
    """Keep what families have taken in; what is kept already stays as it is."""
    keys: dict[Family, str] = {}
    rows = []
    for family, items in taken:
        key = keys.get(family) or keys.setdefault(family, family_key(family))
        rows += [_row(key, item) for item in items]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(CorrelationItemRow).on_conflict_do_nothing(), rows)


def save_state(session: Session, family: Family, before: Tally, now: int) -> None:
    """Set how far a family is and add what it left out since ``before``; drops what can no longer matter to it."""
    key = family_key(family)
    row = session.get(CorrelationStateRow, key)
    if row is None:
        row = CorrelationStateRow(family=key, rule_ids=[rule.id for rule in family.rules])
        for name in Tally.__slots__:
            setattr(row, name, 0)
        session.add(row)
    row.watermark, row.newest, row.updated = family.watermark, family.newest, now
    row.groups_held, row.oldest_window = sum(family.groups.values()), family.oldest_window
    for name in Tally.__slots__:
        setattr(row, name, getattr(row, name) + getattr(family.tally, name) - getattr(before, name))
    session.execute(
        delete(CorrelationItemRow).where(
            CorrelationItemRow.family == key, CorrelationItemRow.time < family.watermark - family.reach_ms
        )
    )


def load_family(session: Session, family: Family) -> None:
    """Bring a family to where it stood when it was last saved; one that never was begins anew."""
    key = family_key(family)
    row = session.get(CorrelationStateRow, key)
    if row is not None:
        kept = session.scalars(select(CorrelationItemRow).where(CorrelationItemRow.family == key))
        family.restore([_item(each) for each in kept], row.watermark, row.newest)


def forget_families(session: Session, known: Sequence[Family]) -> None:
    """Drop what is kept for rules that are no more, or that were changed."""
    keys = [family_key(family) for family in known]
    for table in (CorrelationItemRow, CorrelationStateRow):
        session.execute(delete(table).where(table.family.not_in(keys)))


def correlation_states(session: Session) -> list[CorrelationStateRow]:
    """How every family of correlations fares."""
    return list(session.scalars(select(CorrelationStateRow).order_by(CorrelationStateRow.family)))


def correlation_state(session: Session, rule_id: str) -> CorrelationStateRow | None:
    """How the family fares that a correlation belongs to; None before it has seen an event."""
    return next((row for row in correlation_states(session) if rule_id in row.rule_ids), None)


def _content(rule: CorrelationRule) -> tuple[Any, ...]:
    references = [
        each.id if isinstance(each, CorrelationRule) else (each.id, each.logsource, each.expression)
        for each in rule.references
    ]
    condition = rule.condition
    terms = [(sorted(term.present), sorted(term.absent)) for term in condition.terms]
    compared = (condition.comparisons, condition.fields, condition.percentile, terms, condition.bound)
    aliases = [sorted(each.items()) for each in rule.aliases]
    return (rule.id, rule.type.value, references, rule.group_by, aliases, rule.timespan_ms, compared)


def _row(key: str, item: Item) -> dict[str, object]:
    values = [_plain(value) for value in item.values]
    details, origin = item.details, item.origin
    bound = None if details.bound is None else str(details.bound)
    carried = [each and list(each) for each in details.carried]
    content = [texts_of(item.key), texts_of(item.shown), values, carried, origin.dataset, bound]
    return {
        "family": key,
        "event_id": item.id,
        "node": origin.node,
        "slot": origin.slot,
        "time": item.time,
        "content": content,
    }


def _item(row: CorrelationItemRow) -> Item:
    key, shown, values, carried, dataset, bound = row.content
    return Item(
        row.time,
        row.event_id,
        key_of(_texts(key)),
        tuple(_measured(value) for value in _list(values)),
        Origin(row.node, row.slot, str(dataset)),
        Details(
            None if shown == key else key_of(_texts(shown)),
            tuple(None if each is None else _texts(each) for each in _list(carried)),
            bound=None if bound is None else _number(bound),
        ),
    )


def _plain(value: Measured) -> object:
    """Values and combinations of them as lists, numbers as texts, so that no engine rounds them."""
    return texts_of(value) if isinstance(value, str | tuple) else str(value)


def _measured(value: object) -> Measured:
    return key_of(_texts(value)) if isinstance(value, list) else _number(value)


def _number(value: object) -> Number:
    number = Fraction(str(value))
    return int(number) if number.denominator == 1 else number


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(value))
