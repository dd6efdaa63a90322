"""``ingest`` and ``search``: into and out of the event store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from events import parse_timestamp
from fengsui.cli.options import DataDir
from fengsui.errors import FengsuiError
from fengsui.event_store import open_store
from fengsui.exit_status import ExitStatus
from fengsui.offline import ReadOptions
from fengsui.output import say, write_lines
from fengsui.settings import load_settings
from store import Window, parse_query

Moment = Annotated[str | None, typer.Option(help="ISO 8601; without a zone in the machine's own.")]

PAGE_EVENTS = 500


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", exists=True)],
    log_format: Annotated[str | None, typer.Option("--format", help="Name of the format.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone of times that name none.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Put files into the event store, with detection; the same file again changes nothing."""
    from fengsui.ingest import ingest_files  # noqa: PLC0415 (searching starts faster without it)

    totals = ingest_files(load_settings(data_dir=data_dir), paths, ReadOptions(log_format, timezone))
    say(
        f"{totals.files} files: {totals.created} events stored, {totals.existing} already there, "
        f"{totals.dead_letters} dead letters"
    )
    if totals.dead_letters:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)


def search(
    query: Annotated[str, typer.Argument(help="Lucene syntax, e.g. 'source.ip:10.0.0.0/8 AND event.outcome:failure'.")],
    since: Annotated[str | None, typer.Option("--from", help="From this moment on (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Until before this moment (ISO 8601).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, the newest first.")] = 100,
    data_dir: DataDir = None,
) -> None:
    """Write the matching events, newest first, one line each."""
    settings = load_settings(data_dir=data_dir)
    window = Window(moment_of("--from", since), moment_of("--to", until))
    tree = parse_query(query)
    shown, cursor, total, note = 0, None, 0, None
    with closing(open_store(settings)) as store:
        while shown < limit:
            page = store.search(tree, window, limit=min(PAGE_EVENTS, limit - shown), cursor=cursor)
            write_lines(page.events)
            shown, cursor, note = shown + len(page.events), page.next_cursor, page.incomplete or note
            total = total or page.total
            if cursor is None:
                break
    say(f"{shown} of {total} events{f'; incomplete: {note}' if note else ''}")


def moment_of(option: str, text: str | None) -> int | None:
    """The moment of an option in milliseconds, None where it is not given.

    Raises:
        FengsuiError: the text is no time.
    """
    if text is None:
        return None
    try:
        return parse_timestamp(text)
    except (ValueError, OverflowError) as error:
        raise FengsuiError(f"{option} {text}: no time; write it like 2026-01-31T08:00:00+08:00") from error
