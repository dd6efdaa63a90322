"""A rule in another language, or why it has no words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from detection.errors import DetectionError


class ConversionError(DetectionError):
    """A rule can't be converted."""


class QueryFormat(StrEnum):
    """The query languages of Elasticsearch that a rule can be converted to."""

    LUCENE = "lucene"
    DSL = "dsl"
    EQL = "eql"
    ESQL = "esql"


@dataclass(frozen=True, slots=True)
class RuleQuery:
    """A rule over the events of one route, or a correlation over those of its rules.

    Attributes:
        query: a text, of ``dsl`` a map.
        note: what the query finds less than the rule; empty where nothing is known.
    """

    rule_id: str
    title: str
    route: str
    query: Any
    note: str = ""
