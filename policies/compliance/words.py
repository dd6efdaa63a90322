"""The model of ``policies/compliance/words.yml``: what codes are called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from policies.compliance.catalog import Importance
from policies.compliance.language import Words
from policies.loader import load_policy


class ComplianceWords(BaseModel):
    """Words in both languages, by code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    judgments: dict[str, Words]
    importance: dict[Importance, Words]
    parties: dict[str, Words]
    sources: dict[str, Words]
    reasons: dict[str, Words]
    problems: dict[str, Words]
    item_reasons: dict[str, Words]
    assets: dict[str, Words]

    def reason(self, code: str, figures: Mapping[str, object]) -> Words:
        """Why a check came out as it did, in a sentence."""
        words = self.reasons[code]
        return Words(zh=words.zh.format(**figures), en=words.en.format(**figures))


@cache
def compliance_words() -> ComplianceWords:
    """The shipped words."""
    return load_policy("compliance/words.yml", ComplianceWords)
