"""What the command line's exit status means."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """0 fine, 1 some input failed, 2 wrong usage."""

    FINE = 0
    SOME_INPUT_FAILED = 1
    WRONG_USAGE = 2
