"""Masking, the one way in which a value is ever shown, and keyed fingerprints, by which values are joined unstored."""

from classification.masking.errors import FingerprintKeyError, MaskingError
from classification.masking.fingerprints import Fingerprints
from classification.masking.keys import load_fingerprints, rotate_key
from classification.masking.masks import Scanner, TextHit, mask, mask_text
from classification.masking.normal_form import normal_form
from classification.masking.policy import MaskingPolicy, masking_policy

__all__ = [
    "FingerprintKeyError",
    "Fingerprints",
    "MaskingError",
    "MaskingPolicy",
    "Scanner",
    "TextHit",
    "load_fingerprints",
    "mask",
    "mask_text",
    "masking_policy",
    "normal_form",
    "rotate_key",
]
