"""What people do about noise: exceptions tried on the past and saved, silences, rules switched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.rule_lookup import loaded_correlation, rule_or_problem
from detection.authorship import ChangedBy
from detection.lifecycle import RuleState, RuleStateChange, switch
from detection.tuning import (
    ExceptedField,
    ExceptionProposal,
    LiveException,
    NewSilence,
    Past,
    Retrospect,
    RuleException,
    Silence,
    approve,
    begin_silence,
    end_silence,
    filter_document,
    look_back,
    look_back_on,
    propose,
    read_filter,
    withdraw,
)
from detection.tuning.policy import DAY_MS
from events import now_ms

_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class ExceptionDraft:
    """An exception being thought about: its rule, the fields that must fit, and the alert that gave the occasion."""

    rule_id: str
    fields: Sequence[ExceptedField]
    alert_id: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class SaveChoice:
    """How an exception is saved: why, for how many days, and whether it applies at once."""

    reason: str
    days: int
    true_positives_confirmed: bool = False
    activate: bool = False


def changed_by(caller: Caller) -> ChangedBy:
    """The caller as changes of detection record them."""
    return ChangedBy(signed_in(caller).actor, now_ms(), caller.origin.request_id, caller.origin.source_address)


def document_of(dependencies: ApiDependencies, draft: ExceptionDraft) -> dict[str, object]:
    """The Sigma filter of a draft.

    Raises:
        ProblemError: the rule is not loaded.
        TuningError: the fields make no filter.
    """
    rule = rule_or_problem(dependencies, draft.rule_id)
    return filter_document(rule, draft.fields, (draft.title.strip() or f"Exception: {rule.title}")[:_LONGEST_TITLE])


def try_out(dependencies: ApiDependencies, draft: ExceptionDraft, days: int = 0) -> Retrospect:
    """What the exception would have removed of the rule's alerts, and of all events of the last days.

    Raises:
        ProblemError: the rule is not loaded.
        TuningError: the fields make no filter, or there are too many days.
    """
    rule = rule_or_problem(dependencies, draft.rule_id)
    candidate = LiveException("", rule.id, read_filter(document_of(dependencies, draft)), 0)
    correlation = loaded_correlation(dependencies, draft.rule_id)
    with dependencies.records.read() as session:
        if correlation is not None:
            return look_back_on(correlation, candidate, session)
        return look_back(rule, candidate, Past(session, dependencies.events, now_ms()), days)


def save_exception(
    dependencies: ApiDependencies, draft: ExceptionDraft, choice: SaveChoice, caller: Caller
) -> RuleException:
    """Try the exception on the rule's alerts once more, and save it.

    Raises:
        ProblemError: the rule is not loaded.
        TuningError: something is missing or beyond policy.
        TruePositivesRemovedError: it hides true positives, and that is not confirmed.
        TuningConflictError: it was to apply at once, and policy wants another's approval.
    """
    found, by = try_out(dependencies, draft), changed_by(caller)
    proposal = ExceptionProposal(
        rule_or_problem(dependencies, draft.rule_id),
        document_of(dependencies, draft),
        choice.reason,
        by.at_ms + choice.days * DAY_MS,
        found,
        draft.alert_id,
        choice.true_positives_confirmed,
    )
    with dependencies.records.begin() as session:
        row = propose(session, proposal, by)
        return approve(session, row.id, by) if choice.activate else row


def approve_exception(dependencies: ApiDependencies, exception_id: str, caller: Caller) -> RuleException:
    """Let a proposed exception apply."""
    with dependencies.records.begin() as session:
        return approve(session, exception_id, changed_by(caller))


def withdraw_exception(dependencies: ApiDependencies, exception_id: str, reason: str, caller: Caller) -> RuleException:
    """End an exception before its time."""
    with dependencies.records.begin() as session:
        return withdraw(session, exception_id, reason, changed_by(caller))


def save_silence(dependencies: ApiDependencies, wanted: NewSilence, caller: Caller) -> Silence:
    """Begin a silence."""
    with dependencies.records.begin() as session:
        return begin_silence(session, wanted, changed_by(caller))


def stop_silence(dependencies: ApiDependencies, silence_id: str, caller: Caller) -> Silence:
    """End a silence now."""
    with dependencies.records.begin() as session:
        return end_silence(session, silence_id, changed_by(caller))


def switch_rule(
    dependencies: ApiDependencies, rule_id: str, state: RuleState, reason: str, caller: Caller
) -> RuleStateChange:
    """Put a rule into another state.

    Raises:
        ProblemError: the rule is not loaded.
        RuleSwitchError: it is in that state already, or there is no reason.
    """
    rule = rule_or_problem(dependencies, rule_id)
    with dependencies.records.begin() as session:
        return switch(session, (rule.id, rule.status), state, reason, changed_by(caller))
