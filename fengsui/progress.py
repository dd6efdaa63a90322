"""Progress of what takes long, for the person at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Batch = TypeVar("Batch")


def with_progress(batches: Iterable[Batch], size: Callable[[Batch], int]) -> Iterator[Batch]:
    """Pass batches on, showing how many records went by; shows nothing where standard error is no terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} records"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        for batch in batches:
            yield batch
            progress.advance(task, size(batch))
