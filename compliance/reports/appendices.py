"""The appendices: every item, the evidence of every check, and what people attested and decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compliance.reports.blocks import Block, Heading, Paragraph
from compliance.reports.telling import NOTHING, Item, Told
from compliance.reports.wording import capitalized, moment


def record(told: Told) -> Iterator[Block]:
    """Every item with its judgment and what that rests on."""
    words = told.words
    yield Heading(words.text("record"))
    for number, (layer, items) in enumerate(told.layers(), 1):
        yield Heading(f"A.{number} {layer}", 2)
        rows = [
            (each["ref"], each["point_name"], each["label"], words.judgment(each["judgment"]), _because(told, each))
            for each in items
        ]
        yield told.table(words.heads("item", "control_point", "label", "judgment", "basis"), (7, 10, 16, 7, 22), rows)


def evidence(told: Told) -> Iterator[Block]:
    """What each check looked at."""
    words = told.words
    yield Heading(words.text("evidence"))
    yield Paragraph(words.text("evidence_system", query=told.snapshot["system"]["events_query"]))
    for number, check in enumerate(told.snapshot["checks"], 1):
        yield Heading(f"B.{number} {check['title']}", 3)
        at, judgment = moment(check["checked_ms"]), capitalized(words.judgment(check["judgment"]))
        yield Paragraph(words.text("evidence_check", judgment=judgment, reason=check["reason"], at=at))
        rows = [_looked_at(told, row) for row in check["evidence"]]
        if rows:
            yield told.table(words.heads("looked_at", "count", "period", "query", "sample"), (4, 3, 5, 9, 10), rows)


def people(told: Told) -> Iterator[Block]:
    """Attestations that judgments rest on, and decisions."""
    words = told.words
    yield Heading(words.text("people"))
    rows = [_attested(told, each) for each in told.items if each["attestation"]]
    rows += [
        (
            each["ref"],
            words.judgment(each["judgment"]),
            each["reason"],
            NOTHING,
            f"{each['decided_by']} {moment(each['decided_ms'])}",
        )
        for each in told.items
        if each["decided_by"]
    ]
    yield told.table(words.heads("item", "judgment", "statement_said", "document", "person"), (3, 3, 6, 7, 5), rows)


def _because(told: Told, item: Item) -> str:
    words = told.words
    parts = [item["reason"]]
    if item["checks"]:
        parts.append(words.text("record_checks", checks=words.listed(item["checks"])))
    if said := item["attestation"]:
        parts.append(words.text("record_attested", by=said["by"], at=moment(said["at_ms"])))
    if item["decided_by"]:
        parts.append(words.text("record_decided", by=item["decided_by"], at=moment(item["decided_ms"])))
    return words.listed(parts, "semicolon")


def _looked_at(told: Told, row: dict[str, Any]) -> tuple[str, ...]:
    words, scope = told.words, told.snapshot["system"]["events_query"]
    sample = words.listed((f"{name}={value}" for name, value in row["sample"].items()), "semicolon")
    return (
        row["name"][0 if words.language == "zh" else -1],
        str(row["count"]),
        words.period(row["period"]),
        row["query"].replace(f"({scope}) AND ", words.text("the_system") + " AND "),
        sample or NOTHING,
    )


def _attested(told: Told, item: Item) -> tuple[str, ...]:
    words, said = told.words, item["attestation"]
    until = words.text("people_until", at=moment(said["valid_until_ms"]))
    return (
        item["ref"],
        words.judgment(said["judgment"]),
        said["statement"],
        f"{said['document']} {said['document_digest']}",
        words.listed((f"{said['by']} {moment(said['at_ms'])}", until), "semicolon"),
    )
