"""``rules explain``: why a rule matches an event, or not."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer

from detection import Rule
from detection.correlation import CorrelationRule
from detection.explanation import Comparison, Explanation, Joint, Node, explain
from events import Event, flatten
from fengsui.errors import FengsuiError
from fengsui.output import say, write_lines
from fengsui.rule_choice import chosen_rules
from fengsui.settings import SHIPPED_RULES

RuleName = Annotated[str, typer.Argument(metavar="RULE", help="File of rules, or the id of one.")]
EventFile = Annotated[
    str, typer.Argument(metavar="EVENT", help="File with an event as JSON, one a line; - to read it.")
]
RuleFolders = Annotated[list[Path] | None, typer.Option("--rules", help="Where a rule's id is looked up.", exists=True)]

_INDENT = "  "


def explain_rule(rule: RuleName, event: EventFile, rules: RuleFolders = None) -> None:
    """Tell which part of a rule held for an event and which did not, and why.

    Events are as `normalize` and `search` write them. One line of JSON a rule and event; the same as a tree on
    standard error.
    """
    events = list(_events(event))
    for each in _single(chosen_rules([rule], rules or [SHIPPED_RULES])):
        for given in events:
            explanation = explain(each, given)
            write_lines([orjson.loads(orjson.dumps(explanation))])
            for line in _lines(explanation):
                say(line)


def _single(chosen: Iterable[Rule | CorrelationRule]) -> list[Rule]:
    """The rules about one event: in place of a correlation those that it is about."""
    rules: dict[Rule, None] = {}
    for each in chosen:
        if isinstance(each, CorrelationRule):
            say(f"{each.id} {each.title}: a correlation over several events; its rules one by one:")
            rules.update(dict.fromkeys(each.base_rules))
        else:
            rules[each] = None
    return list(rules)


def _events(name: str) -> Iterator[Event]:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise FengsuiError(f"{name}: can't be read ({error.strerror}); name a file of events, or -") from error
    try:
        documents = [orjson.loads(data)]
    except orjson.JSONDecodeError:
        documents = [_document(name, number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    for document in documents:
        if not isinstance(document, dict) or not document:
            raise FengsuiError(f"{name}: an event is a JSON object with fields; see what `fengsui normalize` writes")
        yield flatten(document)


def _document(name: str, number: int, line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise FengsuiError(f"{name}:{number}: no JSON; write one event a line") from error


def _lines(explanation: Explanation) -> Iterator[str]:
    yield f"{_mark(explanation.matched)} {explanation.rule_id} {explanation.title}"
    for route in explanation.routes:
        if route.condition is None:
            continue
        yield f"{_INDENT}{_mark(route.taken)} events of {route.logsource}"
        for each in route.conditions:
            accepted = " or ".join(each.accepted)
            yield f"{_INDENT * 2}{_mark(each.held)} {each.field} is {accepted}: {_values(each.values)}"
        yield from _tree(route.condition, 2)


def _tree(node: Node, depth: int) -> Iterator[str]:
    start = f"{_INDENT * depth}{_mark(node.held)} "
    if isinstance(node, Comparison):
        where = ", ".join(node.event_fields) if node.field is not None else "keywords"
        found = f"{where}: {_values(node.values)}" if node.event_fields else "no such field"
        yield f"{start}{node.field or 'keyword'} {node.modifier} {node.pattern} ({found})"
        return
    yield f"{start}{node.name if node.joint is Joint.SELECTION else node.joint.value}"
    for part in node.parts:
        yield from _tree(part, depth + 1)


def _mark(held: bool) -> str:  # noqa: FBT001 (a verdict)
    return "✓" if held else "✗"


def _values(values: tuple[object, ...]) -> str:
    return ", ".join(repr(value) for value in values) or "not there"
