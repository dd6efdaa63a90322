"""Parts 6 and 7: the score line by line, the compliance rate, and what is to be done by whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compliance.reports.blocks import Block, Heading, Paragraph
from compliance.reports.telling import NOTHING, PROBLEMS, Told
from compliance.reports.wording import capitalized


def result(told: Told) -> Iterator[Block]:
    """Score and rate."""
    words, snapshot = told.words, told.snapshot
    yield Heading(words.text("result"))
    if snapshot["score"] is None:
        yield Paragraph(words.text("conclusion_none"))
        return
    yield from _score(told, snapshot["score"])
    yield Heading(words.text("result_rate"), 2)
    yield Paragraph(words.text("result_rate_said", **snapshot["rate"]))


def rectify(told: Told) -> Iterator[Block]:
    """Every gap with who answers for it."""
    words, gaps = told.words, told.snapshot["gaps"]
    yield Heading(words.text("rectify"))
    yield Paragraph(words.text("rectify_said", n=len(gaps)))
    for judgment in (*PROBLEMS, "unknown"):
        advice = words.text(f"advice_{judgment}")
        yield Paragraph(words.text("rectify_advice", judgment=capitalized(words.judgment(judgment)), advice=advice))
    rows = [
        (
            each["ref"],
            each["label"],
            told.judged(each),
            words.aside(each["unit"], words.party(each["party"])),
            words.days(each["days"]),
            f"#{each['notice']}" if each["notice"] is not None else NOTHING,
        )
        for each in gaps
    ]
    heads = words.heads("item", "label", "judgment", "unit", "deadline", "notice")
    yield told.table(heads, (4, 10, 5, 11, 3, 3), rows)


def _score(told: Told, score: dict[str, Any]) -> Iterator[Block]:
    words = told.words
    yield Heading(words.text("result_score"), 2)
    yield Paragraph(words.text("result_formula", **told.snapshot["method"]))
    yield Paragraph(words.text("result_figures", **score))
    labels = {each["ref"]: each["label"] for each in told.items}
    rows = [
        (
            line["ref"],
            labels[line["ref"]],
            words.judgment(line["judgment"]),
            line["factor"],
            line["failed_part"],
            line["points"],
        )
        for line in score["lines"]
    ]
    yield told.table(
        words.heads("item", "label", "judgment", "factor", "failed_part", "points"), (4, 10, 4, 3, 3, 3), rows
    )
