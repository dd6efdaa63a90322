"""Rules, correlations, and what could not be loaded, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detection.rules.correlation_rule import CorrelationRule
from detection.rules.documents import Document
from detection.rules.rule import Rule, UnsupportedRule


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that can be evaluated, and all that were found but can't be.

    Attributes:
        documents: correlation documents as read; ``detection.loading`` makes the correlations of them.
        correlations: the correlations whose rules are all among ``rules`` or ``correlations``.
    """

    rules: list[Rule]
    unsupported: list[UnsupportedRule]
    documents: Sequence[Document] = ()
    correlations: Sequence[CorrelationRule] = ()
