"""Dead letters of flows: shown with values hidden and bodies left out, their bytes sealed for a replay."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from classification.masking import Fingerprints, Scanner
from collectors.delivery.letters import StoredDeadLetter
from collectors.enrichment.flows.identifying import PersonalScanner
from collectors.enrichment.flows.policy import flow_policy
from collectors.enrichment.flows.privacy import Privacy
from store.records.secrets import SecretBox

_FLOW = re.compile(
    r'"(?:\w*path|\w*ur[il]|sql\w*|statement|api_id|app_id|consumer\w*)"\s*:|\b(?:select|insert|update|delete|merge)\s',
    re.IGNORECASE,
)
"""What records of gateways and of database audits hold, however broken they are."""
SEALING = "dead letters"
"""Purpose of the key that seals them."""


class LetterProtection:
    """Protects dead letters that hold bodies or what identifies people; others stay as they are."""

    def __init__(self, scanner: Scanner, fingerprints: Fingerprints, box: SecretBox) -> None:
        """Take what finds identifiers, and what seals."""
        self._privacy = Privacy(PersonalScanner(scanner), fingerprints, flow_policy())
        self._box = box

    def protect(self, stored: StoredDeadLetter) -> StoredDeadLetter:
        """The letter as it may be stored. One that was cut is not sealed: nothing can be made of its beginning."""
        raw = stored.letter.raw
        text = raw.decode("utf-8", "backslashreplace")
        shown = self._privacy.clean_text(text, literals=_FLOW.search(text) is not None)
        if shown == text:
            return stored
        letter = replace(stored.letter, raw=shown.encode(), length=max(stored.letter.length or 0, len(raw)))
        sealed = self._box.seal(base64.b64encode(raw).decode("ascii"), _place(stored)) if stored.is_whole else None
        return replace(stored, letter=letter, sealed=sealed)

    def unseal(self, stored: StoredDeadLetter) -> bytes:
        """The bytes of a letter's record.

        Raises:
            SecretError: it was sealed with another key.
        """
        if stored.sealed is None:
            return stored.letter.raw
        return base64.b64decode(self._box.open(stored.sealed, _place(stored)))


def _place(stored: StoredDeadLetter) -> str:
    return f"dead_letters/{stored.id}/sealed"
