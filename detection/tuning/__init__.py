"""Tuning: exceptions as Sigma filters, tried on the past before they are saved; silences; exact counts of both."""

from detection.tuning.correlations import TunedCorrelations, as_rule, look_back_on
from detection.tuning.errors import (
    ExceptionNotFoundError,
    SilenceNotFoundError,
    TruePositivesRemovedError,
    TuningConflictError,
    TuningError,
    TuningNotFoundError,
)
from detection.tuning.exceptions import (
    ExceptionProposal,
    any_due,
    approve,
    effective_state,
    expire_due,
    get_exception,
    live_exceptions,
    propose,
    withdraw,
)
from detection.tuning.filter_document import ExceptedField, as_yaml, filter_document, read_filter
from detection.tuning.matching import LiveException, TunedMatcher, TunedMatches, Withheld
from detection.tuning.models import (
    ExceptionState,
    RuleException,
    RuleExceptionTransition,
    Silence,
    WithheldBy,
)
from detection.tuning.policy import TuningPolicy, tuning_policy
from detection.tuning.repository import (
    WithheldCount,
    count_transitions,
    exception_transitions,
    list_exceptions,
    list_silences,
    record_withheld,
    silenced_counts,
    withheld_counts,
    withheld_sample,
)
from detection.tuning.retrospect import Past, Retrospect, look_back
from detection.tuning.silences import MATCHER_KINDS, NewSilence, begin_silence, end_silence, silence_alerts

__all__ = [
    "MATCHER_KINDS",
    "ExceptedField",
    "ExceptionNotFoundError",
    "ExceptionProposal",
    "ExceptionState",
    "LiveException",
    "NewSilence",
    "Past",
    "Retrospect",
    "RuleException",
    "RuleExceptionTransition",
    "Silence",
    "SilenceNotFoundError",
    "TruePositivesRemovedError",
    "TunedCorrelations",
    "TunedMatcher",
    "TunedMatches",
    "TuningConflictError",
    "TuningError",
    "TuningNotFoundError",
    "TuningPolicy",
    "Withheld",
    "WithheldBy",
    "WithheldCount",
    "any_due",
    "approve",
    "as_rule",
    "as_yaml",
    "begin_silence",
    "count_transitions",
    "effective_state",
    "end_silence",
    "exception_transitions",
    "expire_due",
    "filter_document",
    "get_exception",
    "list_exceptions",
    "list_silences",
    "live_exceptions",
    "look_back",
    "look_back_on",
    "propose",
    "read_filter",
    "record_withheld",
    "silence_alerts",
    "silenced_counts",
    "tuning_policy",
    "withdraw",
    "withheld_counts",
    "withheld_sample",
]
