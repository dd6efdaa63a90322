"""A correlation rule as it is evaluated: what it counts, over which rules, in which groups, how long."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from detection.rules.described import DescribedRule
from detection.rules.rule import Rule

Number: TypeAlias = int | Fraction
"""An exact number; what is written as a decimal fraction is taken as written."""

COMPARISONS: Mapping[str, Callable[[Number, Number], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}
_MIRRORED = {**COMPARISONS, "gt": operator.lt, "gte": operator.le, "lt": operator.gt, "lte": operator.ge}
"""The comparisons with their sides changed: the number first."""


MEDIAN = 50.0
"""The percentile that the median is."""


class CorrelationType(StrEnum):
    """What is measured in a window (Sigma correlation rules specification 2.1, "Correlation Types")."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"

    @property
    def is_temporal(self) -> bool:
        """Whether it is about which rules matched, not about how often or with which values."""
        return self in {CorrelationType.TEMPORAL, CorrelationType.TEMPORAL_ORDERED}


NUMERIC = frozenset(
    {
        CorrelationType.VALUE_SUM,
        CorrelationType.VALUE_AVG,
        CorrelationType.VALUE_PERCENTILE,
        CorrelationType.VALUE_MEDIAN,
    }
)
"""The types that measure numbers; an event without one does not contribute."""


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative of an extended condition: rules that must have matched, rules that must not, by place."""

    present: frozenset[int]
    absent: frozenset[int]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a window matches: every comparison holds, or, for an extended condition, any of its terms does.

    Attributes:
        comparisons: name of the comparison and the number compared with; all must hold.
        fields: whose values are measured; several are counted as combinations.
        percentile: which one ``value_percentile`` measures, 0 to 100.
        terms: the alternatives of an extended condition; empty for a plain one.
        bound: the event field with the number compared with, in place of the one written; None for the one written.
    """

    comparisons: tuple[tuple[str, Number], ...] = ()
    fields: tuple[str, ...] = ()
    percentile: float = MEDIAN
    terms: tuple[Term, ...] = ()
    bound: str | None = None

    @property
    def comparison(self) -> Callable[[Number, Number], bool]:
        """The one comparison of a condition whose number stands in the events."""
        [(name, _)] = self.comparisons
        return COMPARISONS[name]

    def test(self) -> Callable[[Number], bool]:
        """Tells whether a measured value satisfies all comparisons; nearly always there is one."""
        tests = [partial(_MIRRORED[name], number) for name, number in self.comparisons]
        return tests[0] if len(tests) == 1 else lambda metric: all(test(metric) for test in tests)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CorrelationRule(DescribedRule):
    """A correlation whose references are all in force.

    Attributes:
        references: the rules and correlations it refers to, in the order written; a place in it is a *slot*.
        aliases: by slot, the field that an alias means in the events of that slot.
        timespan_ms: length of the window of event time, both ends included.
        generate: whether the rules referred to alert on their own too.
    """

    type: CorrelationType
    references: tuple[Rule | CorrelationRule, ...]
    group_by: tuple[str, ...]
    aliases: tuple[Mapping[str, str], ...]
    timespan_ms: int
    condition: Condition
    generate: bool

    @property
    def base_rules(self) -> list[Rule]:
        """The rules that it is about, directly or through correlations, each once."""
        rules: dict[Rule, None] = {}
        for each in self.references:
            rules.update(dict.fromkeys(each.base_rules if isinstance(each, CorrelationRule) else [each]))
        return list(rules)

    def field_of(self, slot: int, name: str) -> str:
        """The field that a name of this rule means in the events of a slot."""
        return self.aliases[slot].get(name, name)
