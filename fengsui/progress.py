"""Progress of what takes long, for the person at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def row_counter() -> Iterator[Callable[[int], None]]:
    """A function that takes the number of rows read so far of the present table, and shows the sum of all."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, finished, latest = progress.add_task("", total=None), 0, 0

        def watch(rows: int) -> None:
            nonlocal finished, latest
            if rows < latest:  # another table has begun
                finished += latest
            latest = rows
            progress.update(task, completed=finished + latest)

        yield watch
