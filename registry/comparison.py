"""How names and purposes are compared."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_REMEMBERED = 65_536


@lru_cache(maxsize=_REMEMBERED)
def comparable(text: str) -> str:
    """A text without differences of width, case and blanks (NFKC, case-folded)."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
