"""What ``up`` tells who started it: where to look and with which password, or that nothing answers there."""

from __future__ import annotations

import ssl
import time
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException

from fengsui.output import say

_PATIENCE_SECONDS = 60.0
_ANSWER_SECONDS = 1.0


class Greeting:
    """Greets as soon as the API answers; says once that it does not, and what is shown only once in any case."""

    def __init__(self, address: str, notes: Sequence[str] = (), patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """Begin to wait.

        Args:
            address: of the console, with a slash at its end.
            notes: what to tell besides the address.
            patience_seconds: how long the API may take before its silence is told.
        """
        self._address = address
        self._notes: Sequence[str] = notes
        self._begun = time.monotonic()
        self._patience = patience_seconds
        self._is_greeted = self._is_silence_told = False

    def look(self) -> None:
        """Say what is to be said now; called again and again."""
        if self._is_greeted:
            return
        if _answers(f"{self._address}healthz"):
            self._is_greeted = True
            say(f"\n  烽燧 Fengsui  {self._address}\n")
            self._tell_notes()
            say("  Ctrl-C ends it 结束\n")
        elif not self._is_silence_told and time.monotonic() - self._begun >= self._patience:
            self._is_silence_told = True
            say(
                f"fengsui: the API does not answer at {self._address} after {self._patience:.0f} s 接口尚无应答; "
                "its log, the lines of process serve in this output, tells why 原因见 serve 的日志; "
                "waiting on, Ctrl-C ends it 继续等待，Ctrl-C 结束"
            )

    def close(self) -> None:
        """It ends: where the API never answered, no word of it, but what would else be lost."""
        if not self._is_greeted:
            say(f"\nfengsui: ended before the API answered at {self._address} 接口未应答即已结束\n")
            self._tell_notes()

    def _tell_notes(self) -> None:
        for note in self._notes:
            say(f"  {note}\n")


def _answers(address: str) -> bool:
    """Whether the API answers; it only listens for an answer, and says nothing."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),  # this machine is never asked by way of a proxy
        urllib.request.HTTPSHandler(context=anyone),
    )
    try:
        with opener.open(address, timeout=_ANSWER_SECONDS):
            return True
    except (OSError, HTTPException):
        return False
