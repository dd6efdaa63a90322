"""``store init``: brings the cluster of the event store to what this version needs."""

from __future__ import annotations

from dataclasses import asdict

import typer

from fengsui.output import say, write_lines
from fengsui.settings import load_settings

app = typer.Typer(help="The event store's cluster.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def store() -> None:
    """The event store's cluster."""


@app.command()
def init() -> None:
    """Create or migrate the index templates, one line each, and tell what the cluster lacks; may be repeated."""
    settings = load_settings().store
    if settings is None:
        say("the embedded event store needs no preparation; name hosts under [store] for Elasticsearch")
        return
    from store.elasticsearch.installation import install  # noqa: PLC0415 (the client takes a second to load)

    done = install(settings)
    write_lines(asdict(template) for template in done.templates)
    say(f"Elasticsearch {done.cluster.version}, {done.cluster.data_nodes} data nodes")
    for lack in done.lacks:
        say(f"the cluster lacks {lack}")
