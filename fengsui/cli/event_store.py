"""``store init``: brings the event store to what this version needs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from fengsui.output import say, write_lines
from fengsui.settings import load_settings
from store.embedded import upgrade_indexes

app = typer.Typer(help="The event store.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def store() -> None:
    """The event store."""


@app.command()
def init() -> None:
    """Bring what is stored, or the cluster's index templates, to this version, one line each; may be repeated."""
    all_settings = load_settings()
    settings = all_settings.store
    if settings is None:
        _upgrade(all_settings.events_dir)
        return
    from store.elasticsearch.installation import install  # noqa: PLC0415 (the client takes a second to load)

    done = install(settings)
    write_lines(asdict(template) for template in done.templates)
    say(f"Elasticsearch {done.cluster.version}, {done.cluster.data_nodes} data nodes")
    for lack in done.lacks:
        say(f"the cluster lacks {lack}")


def _upgrade(folder: Path) -> None:
    """Write the days of an earlier layout anew; the event store must be open to write nowhere else."""
    upgraded = 0
    for key, events in upgrade_indexes(folder) if folder.exists() else ():
        write_lines([{"class": key.retention_class, "day": key.day and key.day.isoformat(), "events": events}])
        upgraded += 1
    say(f"the embedded event store is ready, {upgraded} days written anew; name hosts under [store] for Elasticsearch")
