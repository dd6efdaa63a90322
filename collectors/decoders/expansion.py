"""The brake on archives that expand without end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors.decoders.limits import ArchiveLimits

_MEBIBYTE = 1 << 20


class ExpandsTooFarError(Exception):
    """A compressed file grows beyond what the policy allows."""


@dataclass(slots=True)
class _Total:
    """What a file has expanded to, over all its layers and members."""

    bytes: int = 0


class ExpansionGuard:
    """Counts what one file, or one member of it, expands to.

    Args:
        limits: the policy.
        compressed_bytes: how large the file or member is compressed, as far as known.
        total: the count that the members of a file share.
    """

    def __init__(self, limits: ArchiveLimits, compressed_bytes: Callable[[], int], total: _Total | None = None) -> None:
        self._limits = limits
        self._compressed_bytes = compressed_bytes
        self._total = total or _Total()
        self._expanded = 0

    def for_member(self, compressed_bytes: int) -> ExpansionGuard:
        """A guard of one member, so that a member that expands too far leaves its neighbors readable."""
        return ExpansionGuard(self._limits, lambda: compressed_bytes, self._total)

    def guarded(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """The same reader, counted; it raises ExpandsTooFarError when asked to go on beyond the limits."""

        def read_counted(size: int) -> bytes:
            self._check()
            data = read(size)
            self._expanded += len(data)
            self._total.bytes += len(data)
            return data

        return read_counted

    def _check(self) -> None:
        limits = self._limits
        if self._total.bytes > limits.total_bytes:
            raise ExpandsTooFarError(f"expands beyond {limits.total_bytes // _MEBIBYTE} MiB (archive.total_bytes)")
        if self._expanded > max(limits.ratio_free_bytes, limits.ratio * self._compressed_bytes()):
            raise ExpandsTooFarError(f"expands more than {limits.ratio} times (archive.ratio)")
