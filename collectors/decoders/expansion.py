"""The brake on archives that expand without end."""

from __future__ import annotations

from collections.abc import Callable

from collectors.decoders.limits import ArchiveLimits

_MEBIBYTE = 1 << 20


class ExpandsTooFarError(Exception):
    """A compressed file grows beyond what the policy allows."""


class ExpansionGuard:
    """Counts what one file expands to, over all its layers and members.

    Args:
        limits: the policy.
        compressed_bytes: how large the compressed file is, as far as known.
    """

    def __init__(self, limits: ArchiveLimits, compressed_bytes: Callable[[], int]) -> None:
        self._limits = limits
        self._compressed_bytes = compressed_bytes
        self._expanded = 0

    def guarded(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """The same reader, counted; it raises ExpandsTooFarError when asked to go on beyond the limits."""

        def read_counted(size: int) -> bytes:
            self._check()
            data = read(size)
            self._expanded += len(data)
            return data

        return read_counted

    def _check(self) -> None:
        limits = self._limits
        if self._expanded > limits.total_bytes:
            raise ExpandsTooFarError(f"expands beyond {limits.total_bytes // _MEBIBYTE} MiB (archive.total_bytes)")
        if self._expanded > max(limits.ratio_free_bytes, limits.ratio * self._compressed_bytes()):
            raise ExpandsTooFarError(f"expands more than {limits.ratio} times (archive.ratio)")
