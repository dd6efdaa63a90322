"""What stands before the numbered parts: cover, basic information, statement, conclusion, main problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compliance.reports.blocks import Block, Cover, Heading, Paragraph
from compliance.reports.telling import PROBLEMS, Item, Told, weight
from compliance.reports.wording import capitalized, moment

_STATEMENTS = ("statement_self", "statement_evidence", "statement_words", "statement_state")


def cover(told: Told) -> Cover:
    """The cover."""
    snapshot, words = told.snapshot, told.words
    system, assessment = snapshot["system"], snapshot["assessment"]
    lines = (
        ("object", system["name"]),
        ("protection_level", words.level(assessment)),
        ("filing_number", system["filing_number"] or words.text("missing")),
        ("unit", system["parties"]["operator"][1]),
        ("assessed_at", moment(assessment["assessed_ms"])),
        ("made_at", moment(snapshot["made_ms"])),
    )
    named = tuple((words.text(name), value) for name, value in lines)
    return Cover(words.text("title"), named, words.text("statement_self"))


def basics(told: Told) -> Iterator[Block]:
    """Who, what, when."""
    snapshot, words = told.snapshot, told.words
    system, assessment = snapshot["system"], snapshot["assessment"]
    yield Heading(words.text("basics_title"))
    table = told.facts(
        ("object", words.aside(system["name"], system["id"])),
        ("protection_level", words.level(assessment)),
        ("filing_number", system["filing_number"] or words.text("missing")),
        ("assessment_id", assessment["id"]),
        ("assessed_at", moment(assessment["assessed_ms"])),
        ("asked_by", assessment["requested_by"]),
        ("made_at", moment(snapshot["made_ms"])),
        ("made_by", snapshot["made_by"]),
    )
    parties = [(capitalized(words.party(party)), unit[1]) for party, unit in sorted(system["parties"].items())]
    yield replace(table, rows=[*table.rows, *parties])


def statement(told: Told) -> Iterator[Block]:
    """What this report is and is not."""
    yield Heading(told.words.text("statement_title"))
    for number, key in enumerate(_STATEMENTS):
        yield Paragraph(told.words.text(key), important=number == 0)


def conclusion(told: Told) -> Iterator[Block]:
    """What it comes to."""
    snapshot, words, rate = told.snapshot, told.words, told.snapshot["rate"]
    yield Heading(words.text("conclusion_title"))
    if rate is None:
        yield Paragraph(words.text("conclusion_none"), important=True)
        return
    figures = {"total": len(told.items), "counts": told.counted(told.items), "conclusion": rate["conclusion"]}
    yield Paragraph(words.text("conclusion_said", **figures), important=True)
    score = snapshot["score"]
    yield told.facts(
        ("object", snapshot["system"]["name"]),
        ("protection_level", words.level(snapshot["assessment"])),
        ("applicable", str(score["applicable"])),
        ("score", words.text("score_said", **score)),
        ("rate", words.text("rate_said", **rate)),
        ("high_risk_count", str(sum(bool(each["high_risk"]) for each in told.items))),
        ("gap_count", str(len(snapshot["gaps"]))),
    )


def overall(told: Told) -> Iterator[Block]:
    """A few words on each layer."""
    words = told.words
    yield Heading(words.text("overall_title"))
    for layer, items in told.layers():
        said = [words.text("overall_layer", layer=layer, total=len(items), counts=told.counted(items))]
        points = dict.fromkeys(str(each["point_name"]) for each in items if each["judgment"] in PROBLEMS)
        if points:
            said.append(words.text("overall_problems", points=words.listed(points)))
        elif all(each["judgment"] == "unknown" for each in items):
            said.append(words.text("overall_unseen"))
        yield Paragraph(" ".join(said) if words.language == "en" else "".join(said))


def main_problems(told: Told) -> Iterator[Block]:
    """The problems that weigh most, and what to do."""
    words = told.words
    yield Heading(words.text("main_title"))
    yield Paragraph(words.text("main_said"))
    found = [each for each in told.items if each["judgment"] in PROBLEMS and _is_grave(each)]
    rows = [
        (each["ref"], each["label"], told.judged(each), words.text(f"advice_{each['judgment']}"))
        for each in sorted(found, key=weight)
    ]
    yield told.table(words.heads("item", "label", "judgment", "advice"), (2, 5, 2, 4), rows)


def _is_grave(item: Item) -> bool:
    return bool(item["high_risk"]) or item["importance"] == "key"
