"""What can go wrong with a capture as a whole."""

from __future__ import annotations


class CaptureError(Exception):
    """A capture can't be analyzed."""


class TsharkMissingError(CaptureError):
    """tshark is not installed."""

    def __init__(self) -> None:
        """Say how to get it."""
        super().__init__("packet capture: tshark is not installed; install it (Debian, Ubuntu: apt-get install tshark)")


class TsharkFailedError(CaptureError):
    """tshark or the capture it drives could not be started or kept running."""
