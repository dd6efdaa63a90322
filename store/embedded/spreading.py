"""Asks several indexes at the same time: the engine lets go of the interpreter while it searches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

One = TypeVar("One")
Answer = TypeVar("Answer")


def asked_of_each(ask: Callable[[One], Answer], all_of_them: Sequence[One]) -> list[Answer]:
    """The answers in the order of what was asked; raises what asking one of them raises."""
    if len(all_of_them) < 2:  # noqa: PLR2004 (nothing to spread)
        return [ask(one) for one in all_of_them]
    with ThreadPoolExecutor(min(len(all_of_them), os.cpu_count() or 1)) as threads:
        return list(threads.map(ask, all_of_them))
