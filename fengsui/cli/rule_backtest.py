"""``rules backtest``: what rules would have found, over files or over the event store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from detection import Rule, load_rules
from detection.backtest import Backtest, Verdict, judge, junit_report, load_expectations, stored_pages
from detection.rules import default_reading_cache
from events import Event
from fengsui.cli.hunting import Timezone
from fengsui.cli.options import DataDir
from fengsui.cli.storage import moment_of
from fengsui.errors import FengsuiError
from fengsui.event_store import open_store
from fengsui.exit_status import ExitStatus
from fengsui.offline import ReadOptions, read_files
from fengsui.output import say, write_lines
from fengsui.progress import with_progress
from fengsui.settings import SHIPPED_RULES, load_settings
from store import EventStore, Window

Paths = Annotated[list[Path] | None, typer.Argument(help="Files or folders of logs; none: the store.", exists=True)]
RuleFolders = Annotated[list[Path] | None, typer.Option("--rules", help="Folder or file of Sigma rules.", exists=True)]
ExpectationFile = Annotated[Path | None, typer.Option("--expect", help="YAML: rule id to {min, max} events.")]
JUnitFile = Annotated[Path | None, typer.Option("--junit", help="Write the verdicts here, as JUnit XML.")]
Samples = Annotated[int, typer.Option(min=0, max=1000, help="Events to show of each rule.")]


def backtest(  # noqa: PLR0913 (each is an option of the command)
    paths: Paths = None,
    *,
    rules: RuleFolders = None,
    since: Annotated[str | None, typer.Option("--from", help="Of the store, from this moment on (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Of the store, until before this moment.")] = None,
    expect: ExpectationFile = None,
    junit: JUnitFile = None,
    samples: Samples = 3,
    timezone: Timezone = None,
    data_dir: DataDir = None,
) -> None:
    """Run rules over files, or over a range of the event store: one line a rule, the busiest first."""
    started = time.perf_counter()
    expectations = load_expectations(expect) if expect else None
    rule_set = load_rules(rules or [SHIPPED_RULES], cache=default_reading_cache())
    for each in rule_set.unsupported:
        say(f"rule not in force: {each.path}:{each.line}: {each.id or 'no id'}: {each.reason}")
    run = Backtest(rule_set, samples)
    if paths:
        if since or until:
            raise FengsuiError("--from and --to choose events of the store; leave them out, or the paths")
        whole = _over_files(run, paths, ReadOptions(None, timezone))
    else:
        window = Window(moment_of("--from", since), moment_of("--to", until))
        whole = _over_store(run, rule_set.rules, window, data_dir)
    tallies = run.finish()
    write_lines(tally.document() for tally in tallies)
    verdicts = judge(expectations, tallies) if expectations else []
    if junit:
        junit.write_bytes(junit_report(verdicts, time.perf_counter() - started))
    _close(verdicts, whole=whole)


def _over_files(run: Backtest, paths: Sequence[Path], options: ReadOptions) -> bool:
    """Run over files; whether all of them could be read."""
    events = letters = 0
    for batch in with_progress(read_files(paths, options), lambda batch: len(batch.events)):
        run.add(batch.events)
        events, letters = events + len(batch.events), letters + len(batch.dead_letters)
    say(f"{events} events, {letters} dead letters")
    return not letters


def _over_store(run: Backtest, rules: Sequence[Rule], window: Window, data_dir: Path | None) -> bool:
    """Run over the store; whether it gave everything."""
    notes: set[str] = set()

    def batches(store: EventStore) -> Iterator[list[Event]]:
        for page in stored_pages(store, rules, window):
            if page.incomplete:
                notes.add(page.incomplete)
            yield page.events

    events = 0
    with closing(open_store(load_settings(data_dir=data_dir))) as store:
        for batch in with_progress(batches(store), len):
            run.add(batch)
            events += len(batch)
    say(f"{events} candidate events{''.join(f'; incomplete: {note}' for note in sorted(notes))}")
    return not notes


def _close(verdicts: Sequence[Verdict], *, whole: bool) -> None:
    misses = [verdict for verdict in verdicts if verdict.miss]
    for verdict in misses:
        say(f"not as expected: {verdict.rule_id} {verdict.title}: {verdict.miss}")
    if misses or not whole:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
