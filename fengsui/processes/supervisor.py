"""Child processes that are started again when they die, and that never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fengsui.exit_status import ExitStatus
from fengsui.output import say

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_STABLE_SECONDS = 60.0
_STOP_SECONDS = 20.0


@dataclass(slots=True)
class Child:
    """One command of the same program, kept running."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    wait: float = field(default=_FIRST_WAIT_SECONDS, init=False)

    def start(self) -> None:
        """Start the command; its standard input is a pipe whose end tells it that the parent is gone."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 (this program itself)
            [sys.executable, "-m", "fengsui", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
        )

    def ended(self) -> int | None:
        """The exit status of a child that ended, None while it runs."""
        return self.process.poll() if self.process is not None else None

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Keeps children running until told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        """Take over the children; none is started yet."""
        self._children = children
        self._stop = threading.Event()

    def start(self) -> None:
        """Start every child."""
        for child in self._children:
            child.start()

    def request_stop(self) -> None:
        """End ``run``."""
        self._stop.set()

    def run(self, look: Callable[[], None]) -> int:
        """Watch until stopped; returns an exit status: that of a child that refuses its settings, else 0.

        Args:
            look: is called at every turn, twice a second.
        """
        try:
            while not self._stop.wait(0.5):
                look()
                for child in self._children:
                    status = child.ended()
                    if status == ExitStatus.WRONG_USAGE:
                        return status
                    if status is not None:
                        self._restart(child, status)
        finally:
            for child in reversed(self._children):
                child.stop()
        return 0

    def _restart(self, child: Child, status: int) -> None:
        """Start a child that died again, ever more slowly while it keeps dying."""
        lived = time.monotonic() - child.started
        child.wait = _FIRST_WAIT_SECONDS if lived > _STABLE_SECONDS else min(child.wait * 2, _LONGEST_WAIT_SECONDS)
        say(f"fengsui: {child.name} ended with status {status}; starting it again in {child.wait:.0f} s")
        if not self._stop.wait(child.wait):
            child.start()


def end_with_parent() -> None:
    """In a child: end in good order when the parent is gone (its end of standard input closes)."""

    def wait_for_end() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_end, name="parent-watch", daemon=True).start()
