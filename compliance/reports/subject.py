"""Parts 1 and 2: the assessment and the system that was assessed."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.reports.blocks import Block, Heading, Paragraph
from compliance.reports.telling import Told


def project(told: Told) -> Iterator[Block]:
    """Purpose, standards and method."""
    words = told.words
    yield Heading(words.text("project"))
    yield Heading(words.text("purpose"), 2)
    yield Paragraph(words.text("purpose_said", name=told.snapshot["system"]["name"]))
    yield Heading(words.text("bases"), 2)
    yield Paragraph(words.text("bases_said"))
    yield Paragraph(words.text("choice_said"))
    yield Heading(words.text("method"), 2)
    yield Paragraph(words.text("method_checks"))
    yield Paragraph(words.text("method_people"))


def subject(told: Told) -> Iterator[Block]:
    """What was assessed, against how many items, from what."""
    yield Heading(told.words.text("subject"))
    yield from _registered(told)
    yield from _items(told)
    yield from _data(told)


def _registered(told: Told) -> Iterator[Block]:
    words, system = told.words, told.snapshot["system"]
    missing = words.text("missing")
    yield Heading(words.text("subject_basics"), 2)
    yield told.facts(
        ("object", system["name"]),
        ("object_id", system["id"]),
        ("critical", words.text("yes" if system["is_critical"] else "no")),
        ("addresses", words.listed(system["addresses"], "semicolon") or missing),
        ("resources", words.listed(system["resources"], "semicolon") or missing),
        ("description", system["description"] or missing),
    )


def _items(told: Told) -> Iterator[Block]:
    words, items = told.words, told.items
    protects = {code.lower(): sum(each["sag"] == code for each in items) for code in "SAG"}
    out = sum(each["judgment"] == "not_applicable" for each in items)
    yield Heading(words.text("subject_items"), 2)
    yield Paragraph(words.text("subject_items_said", total=len(items), out=out, **protects))
    rows = [(layer, str(len({each["point"] for each in inside})), str(len(inside))) for layer, inside in told.layers()]
    yield told.table(words.heads("layer", "control_point", "items"), (6, 3, 3), rows)


def _data(told: Told) -> Iterator[Block]:
    words, checks = told.words, told.snapshot["checks"]
    unknown = sum(each["judgment"] == "unknown" for each in checks)
    yield Heading(words.text("subject_data"), 2)
    yield Paragraph(words.text("subject_checks", total=len(checks), known=len(checks) - unknown, unknown=unknown))
    rows = [(each["title"], words.days(each["days"]), words.judgment(each["judgment"])) for each in checks]
    yield told.table(words.heads("check", "period", "judgment"), (6, 3, 3), rows)
