"""Parts 3 to 5: what was found layer by layer, what people judged otherwise, and the problems with their risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from compliance.reports.blocks import Block, Heading, Paragraph
from compliance.reports.telling import NOTHING, PROBLEMS, Item, Told, counts_of, weight
from compliance.reports.wording import JUDGMENTS, capitalized, moment

_COUNT_WIDTHS = (2,) * (len(JUDGMENTS) + 1)


def findings(told: Told) -> Iterator[Block]:
    """What holds in each layer, what does not, and what nothing is known of."""
    words = told.words
    yield Heading(words.text("findings"))
    layers = list(told.layers())
    for number, (layer, items) in enumerate(layers, 1):
        yield Heading(words.text("findings_layer", n=number, layer=layer), 2)
        yield from _layer(told, items)
    yield Heading(words.text("findings_points", n=len(layers) + 1), 2)
    heads = (
        words.text("control_point"),
        words.text("items"),
        *(capitalized(words.judgment(each)) for each in JUDGMENTS),
    )
    points = groupby(told.items, key=lambda each: str(each["point"]))
    rows = [_counts(point, list(inside)) for point, inside in points]
    yield told.table(heads, (6, *_COUNT_WIDTHS), [*rows, _counts(words.text("total"), told.items)])


def whole(told: Told) -> Iterator[Block]:
    """What people judged otherwise."""
    words = told.words
    yield Heading(words.text("whole"))
    yield Paragraph(words.text("whole_said"))
    rows = [
        (each["ref"], each["label"], words.judgment(each["judgment"]), each["reason"], _who(each))
        for each in told.items
        if each["decided_by"]
    ]
    yield told.table(words.heads("item", "label", "judgment", "statement_said", "person"), (2, 4, 2, 4, 2), rows)


def risks(told: Told) -> Iterator[Block]:
    """The problems, those of high risk first."""
    words = told.words
    yield Heading(words.text("risks"))
    yield Paragraph(words.text("risks_said"))
    found = sorted((each for each in told.items if each["judgment"] in PROBLEMS), key=weight)
    rows = [
        (
            each["ref"],
            each["label"],
            words.importance(each["importance"]),
            words.judgment(each["judgment"]),
            words.listed(each["high_risk"]) or NOTHING,
        )
        for each in found
    ]
    yield told.table(words.heads("item", "label", "importance", "judgment", "cases"), (2, 5, 2, 2, 3), rows)


def _layer(told: Told, items: Sequence[Item]) -> Iterator[Block]:
    words = told.words

    def of(judgment: str) -> list[Item]:
        return [each for each in items if each["judgment"] == judgment]

    if held := of("fulfilled"):
        named = words.listed((words.aside(each["label"], _unbroken(each["ref"])) for each in held), "semicolon")
        yield Paragraph(words.text("findings_holds", items=named))
    problems = [each for each in items if each["judgment"] in PROBLEMS]
    yield Paragraph(words.text("findings_problems" if problems else "findings_no_problem"))
    if problems:
        rows = [(each["ref"], each["label"], told.judged(each), each["reason"]) for each in problems]
        yield told.table(words.heads("item", "label", "judgment", "basis"), (2, 5, 2, 4), rows)
    for judgment, key in (("unknown", "findings_unknown"), ("not_applicable", "findings_out")):
        if found := of(judgment):
            yield Paragraph(words.text(key, items=_by_point(told, found)))


def _by_point(told: Told, items: Sequence[Item]) -> str:
    """Items named by their control points, each with the letters of its items."""
    said = []
    for point, inside in groupby(items, key=lambda each: str(each["point"])):
        letters = [letter for each in inside if (letter := str(each["ref"]).partition(" ")[2])]
        said.append(told.words.aside(point, told.words.listed(letters)) if letters else point)
    return told.words.listed(said, "semicolon")


def _counts(name: str, items: Sequence[Item]) -> tuple[str, ...]:
    return (name, str(len(items)), *map(str, counts_of(items)))


def _unbroken(ref: str) -> str:
    """A reference that stays on one line."""
    return ref.replace(" ", "\N{NO-BREAK SPACE}")


def _who(item: Item) -> str:
    return f"{item['decided_by']} {moment(item['decided_ms'])}"
