"""NDJSON for machines on standard output, messages for people on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

import orjson


def write_lines(documents: Iterable[Mapping[str, object]]) -> int:
    """Write one JSON document a line; returns how many there were."""
    write = sys.stdout.buffer.write
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007 (the number of the last is the result)
        write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
    return count


def write_bytes(content: bytes) -> None:
    """Write what is made already."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def as_lines(documents: Iterable[Mapping[str, object]]) -> bytes:
    """One JSON document a line."""
    return b"".join(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in documents)


def say(message: str) -> None:
    """Say something to the person at the terminal, if there is one to hear it: nothing ends because there is none."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # a broken pipe, a closed file
            print(message, file=sys.stderr, flush=True)  # noqa: T201 (the one place that prints)
