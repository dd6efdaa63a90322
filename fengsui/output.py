"""NDJSON for machines on standard output, messages for people on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

import orjson


def write_lines(documents: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON document a line."""
    write = sys.stdout.buffer.write
    for document in documents:
        write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def say(message: str) -> None:
    """Say something to the person at the terminal."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 (the one place that prints)
