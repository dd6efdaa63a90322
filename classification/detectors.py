"""The version of the detectors: another whenever they may judge otherwise."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from policies import policy_path

_PARTS = ("identifiers", "text", "columns")
_POLICY = "classification/identifiers.yml"
_DIGITS = 16


@cache
def detector_version() -> str:
    """A digest of the identifiers' policy, and of the code and the word lists of the detectors."""
    root = Path(__file__).resolve().parent
    files = [path for part in _PARTS for path in sorted((root / part).rglob("*")) if _counts(path)]
    digest = hashlib.sha256(policy_path(_POLICY).read_bytes())
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
