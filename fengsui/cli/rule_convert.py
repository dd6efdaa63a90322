"""``rules convert``: rules as Elasticsearch queries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detection.conversion import ConversionError, QueryFormat, convert, convert_correlation
from detection.correlation import CorrelationRule
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.rule_choice import chosen_rules
from fengsui.settings import SHIPPED_RULES

RuleNames = Annotated[list[str], typer.Argument(metavar="RULE…", help="Files or folders of rules, or ids.")]
Format = Annotated[QueryFormat, typer.Option("--format", help="Language of the queries.")]
RuleFolders = Annotated[list[Path] | None, typer.Option("--rules", help="Where an id is looked up.", exists=True)]
Index = Annotated[str, typer.Option(help="Indexes to search, in languages that name them.")]


def convert_rules(
    rules: RuleNames, query_format: Format = QueryFormat.LUCENE, folders: RuleFolders = None, index: Index = "fengsui-*"
) -> None:
    """Write rules as queries with the event's own field names: one line a rule and kind of event it means."""
    failed = 0
    for rule in chosen_rules(rules, folders or [SHIPPED_RULES]):
        try:
            if isinstance(rule, CorrelationRule):
                queries = list(convert_correlation(rule, query_format, index))
            else:
                queries = list(convert(rule, query_format, index))
        except ConversionError as error:
            say(f"not converted: {error}")
            failed += 1
            continue
        for note in dict.fromkeys(each.note for each in queries if each.note):
            say(f"{rule.id}: {note}")
        write_lines(
            {
                "rule": {"id": each.rule_id, "title": each.title},
                "events": each.route,
                "format": query_format,
                "query": each.query,
            }
            for each in queries
        )
    if failed:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
