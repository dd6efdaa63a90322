r"""Whether texts may occur in a record as it was received, before its JSON is read.

In JSON a text may be spelled otherwise than it reads: ``"``, ``\`` and control characters always, ``/`` and everything
else as the writer likes (RFC 8259 section 7). So only runs of other ASCII characters are looked for, and a spelling
that may hide one of them makes the record doubtful, as do the few characters that fold to ASCII letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import hyperscan

from detection.match.database import Compiled, DatabaseCache

_PLAIN_RUN = re.compile(r"[ !#-.0-\[\]-~]+")
_HIDDEN_ASCII = rb"\\u00[2-7][0-9a-f]"
_HIDDEN_ANYTHING = rb"\\u[0-9a-f]{4}|[\x80-\xff]"
_FLAGS = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS
FOLDING_TO_ASCII = (
    "\u00df\u0130\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u1e9e\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
)
"""All characters beyond ASCII that casefold to something with an ASCII letter in it (Unicode CaseFolding.txt)."""


class RawTexts:
    """Looks for texts in records of JSON, whatever the letter case. Not for use by several threads at once."""

    def __init__(self, texts: Iterable[str], databases: DatabaseCache) -> None:
        runs = [max(_PLAIN_RUN.findall(text), key=len, default="") for text in texts]
        hidden = _HIDDEN_ASCII if all(runs) else _HIDDEN_ANYTHING
        doubtful = [hidden, *map(_spellings, FOLDING_TO_ASCII)]
        expressions = [re.escape(run).encode() for run in dict.fromkeys(runs) if run] + doubtful
        compiled: list[Compiled] = [(number, each, _FLAGS) for number, each in enumerate(expressions)]
        self._database = databases.database(compiled)
        self._found: list[int] = []

    def may_occur(self, raw: bytes) -> bool:
        """Whether any of the texts may be in a record; yes where it can't be told."""
        if self._database is None:
            return True
        self._database.scan(raw, _note, 0, self._found)
        if self._found:
            self._found.clear()
            return True
        return False


def _spellings(character: str) -> bytes:
    return re.escape(character.encode()) + rb"|\\u%04x" % ord(character)


def _note(number: int, _start: int, _end: int, _flags: int, found: Any) -> None:  # noqa: ANN401 (passed through)
    found.append(number)
