"""A hunt through portions of the input, by one process or several; what is found comes in the order of the input."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from fengsui.errors import FengsuiError
from fengsui.hunt import Findings, Hunt
from fengsui.portions import PORTION_BYTES, Portion
from fengsui.sifting import Sieve

_FORK = "fork"
_MANY_PORTIONS = 4
"""For each process, so many that one is little of all."""
_worker: _Search | None = None
"""The copy of the parent's search in a process made by it."""


@dataclass(frozen=True, slots=True)
class _Search:
    """What each process does with a portion; a process of its own leaves lines in ``folder``."""

    hunt: Hunt
    sieve: Sieve
    folder: Path

    def here(self, portion: Portion) -> Iterator[Findings]:
        """The findings in each batch, and last all that is pending, as if the portion were one batch."""
        pending = Findings()
        for findings in self.hunt.search(self.sieve.sift(portion)):
            pending.pending += findings.pending
            findings.pending = []
            yield findings
        yield pending

    def apart(self, number: int, portion: Portion) -> Findings:
        """All findings of a portion together, their lines in a file."""
        together = Findings()
        with self.lines_of(number).open("wb") as file:
            for findings in self.here(portion):
                file.write(findings.lines)
                together.count(findings)
        return together

    def lines_of(self, number: int) -> Path:
        return self.folder / f"{number}.ndjson"


def processes_for(portions: Sequence[Portion], wanted: int | None) -> int:
    """How many processes to search with: as many as wanted, else as there are processors when that is worth it."""
    if _FORK not in multiprocessing.get_all_start_methods():
        return 1
    return max(1, min(wanted or len(os.sched_getaffinity(0)), len(portions)))


@contextmanager
def searched(hunt: Hunt, sieve: Sieve, portions: Sequence[Portion], processes: int) -> Iterator[Iterator[Findings]]:
    """The findings in all portions; ``lines`` are those of one batch or of one portion.

    Raises:
        FengsuiError: a process ended before its work did.
    """
    with tempfile.TemporaryDirectory(prefix="fengsui-") as folder:
        search = _Search(hunt, sieve, Path(folder))
        if processes == 1:
            yield (findings for portion in portions for findings in search.here(portion))
            return
        # Copies of this process share the memory of rules, and of all that a first look at the input has compiled and
        # remembered. They are made before any thread is started.
        ahead = 1 if _is_cut_finely(portions, processes) else 0
        first = [findings for portion in portions[:ahead] for findings in search.here(portion)]
        gc.freeze()
        rest = portions[ahead:]
        context = multiprocessing.get_context(_FORK)
        with ProcessPoolExecutor(processes, context, _begin, (search,)) as executor:
            try:
                results = executor.map(_search_apart, range(len(rest)), rest)
                yield chain(first, _collected(results, search))
            except BrokenProcessPool as error:
                raise FengsuiError(
                    "a worker was ended from outside, for want of memory perhaps; use fewer --workers"
                ) from error
            finally:
                executor.shutdown(cancel_futures=True)


def _is_cut_finely(portions: Sequence[Portion], processes: int) -> bool:
    """Whether the others hardly wait when one process searches the first portion alone."""
    return portions[0].end is not None and len(portions) > _MANY_PORTIONS * processes


def _begin(search: _Search) -> None:
    global _worker  # noqa: PLW0603 (what a process is for, set once when it is made)
    _worker = search
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends its workers


def _search_apart(number: int, portion: Portion) -> Findings:
    assert _worker is not None  # noqa: S101 (set by _begin)
    return _worker.apart(number, portion)


def _collected(results: Iterator[Findings], search: _Search) -> Iterator[Findings]:
    for number, findings in enumerate(results):
        file = search.lines_of(number)
        with file.open("rb") as lines:
            while part := lines.read(PORTION_BYTES):
                yield Findings(lines=part)
        file.unlink()
        yield findings
