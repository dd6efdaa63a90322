"""Text from outside."""

from __future__ import annotations

from detection.intelligence.errors import IntelligenceError


def decoded(content: bytes) -> str:
    """A document as text.

    Raises:
        IntelligenceError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntelligenceError(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from error
