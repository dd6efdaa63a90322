"""Threat intelligence: indicators from STIX, CSV, MISP and plain lists, compared with events live and in retrospect.

A hit is an alert like any other: the same value, entities and window of event time give the same alert, whichever way
and however often it is found.
"""

from detection.intelligence.alerting import SightingAlerts
from detection.intelligence.comparing import Sighting
from detection.intelligence.errors import IndicatorNotFoundError, IntelligenceError
from detection.intelligence.file_watch import FileWatch
from detection.intelligence.importing import ChangedBy, ImportResult, import_indicators, retire_indicators
from detection.intelligence.models import Indicator, IndicatorState, IndicatorTransition
from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy, rule_id_of
from detection.intelligence.reading import (
    IndicatorFormat,
    NewIndicator,
    Problem,
    Reading,
    stream_indicators,
)
from detection.intelligence.recognition import format_of
from detection.intelligence.repository import (
    INDICATOR_ENTITY,
    IndicatorFilter,
    alerts_by_value,
    count_by_type,
    indicator_transitions,
    list_indicators,
)
from detection.intelligence.retrospect import Retrospect
from detection.intelligence.values import IndicatorType
from detection.intelligence.watch import IndicatorWatch

__all__ = [
    "INDICATOR_ENTITY",
    "ChangedBy",
    "FileWatch",
    "ImportResult",
    "Indicator",
    "IndicatorFilter",
    "IndicatorFormat",
    "IndicatorNotFoundError",
    "IndicatorState",
    "IndicatorTransition",
    "IndicatorType",
    "IndicatorWatch",
    "IntelligenceError",
    "IntelligencePolicy",
    "NewIndicator",
    "Problem",
    "Reading",
    "Retrospect",
    "Sighting",
    "SightingAlerts",
    "alerts_by_value",
    "count_by_type",
    "format_of",
    "import_indicators",
    "indicator_transitions",
    "list_indicators",
    "load_intelligence_policy",
    "retire_indicators",
    "rule_id_of",
    "stream_indicators",
]
