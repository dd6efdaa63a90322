"""Reading exceptions, silences and rules' lives for the API and the console alike."""

from __future__ import annotations

from collections.abc import Sequence

from api.dependencies import ApiDependencies, RuleSummary
from api.problems import not_found
from api.tuning_documents import (
    ExceptionDetail,
    ExceptionDocument,
    RuleDetail,
    RuleLifeDocument,
    RuleVersionDocument,
    SilenceDocument,
    StepDocument,
    exception_detail,
    exception_document,
    silence_document,
)
from detection.alerts import AlertFilter
from detection.alerts import counts as alert_counts
from detection.lifecycle import (
    RuleState,
    latest_versions,
    lifecycle_policy,
    state_changes,
    state_of,
    switched_states,
    versions_of,
)
from detection.tuning import (
    ExceptionState,
    WithheldBy,
    WithheldCount,
    exception_transitions,
    get_exception,
    list_exceptions,
    list_silences,
    silenced_counts,
    tuning_policy,
    withheld_counts,
    withheld_sample,
)
from events import now_ms
from registry import UnitScope


def read_exceptions(
    dependencies: ApiDependencies, states: Sequence[ExceptionState] = (), rule_id: str | None = None
) -> list[ExceptionDocument]:
    """The exceptions that are in some states now (all for none) and on one rule, newest first."""
    now = now_ms()
    with dependencies.records.read() as session:
        counts = withheld_counts(session, WithheldBy.EXCEPTION)
        rows = list_exceptions(session, rule_id=rule_id)
    documents = [exception_document(row, counts.get(row.id, WithheldCount()), now) for row in rows]
    return [each for each in documents if not states or each.state in states]


def read_exception(dependencies: ApiDependencies, exception_id: str) -> ExceptionDetail:
    """One exception with its history, its count, and the latest events that it withheld.

    Raises:
        ExceptionNotFoundError: there is none of this id.
    """
    with dependencies.records.read() as session:
        row = get_exception(session, exception_id)
        count = withheld_counts(session, WithheldBy.EXCEPTION, exception_id).get(exception_id, WithheldCount())
        history = [StepDocument.model_validate(s, from_attributes=True) for s in exception_transitions(session, row.id)]
        sample = withheld_sample(session, WithheldBy.EXCEPTION, row.id, tuning_policy().sample_events)
    return exception_detail(row, count, now_ms(), history, [event_id for _, event_id in sample])


def read_silences(dependencies: ApiDependencies, *, ended: bool) -> list[SilenceDocument]:
    """The silences to come and those that last, with those that ended if asked for; the last to end first."""
    with dependencies.records.read() as session:
        counts = silenced_counts(session)
        rows = list_silences(session, ending_after=None if ended else now_ms())
    return [silence_document(row, counts.get(row.id, 0)) for row in rows]


def read_rule_lives(dependencies: ApiDependencies) -> list[RuleLifeDocument]:
    """Every rule that was read, with its life."""
    with dependencies.records.read() as session:
        switched, versions = switched_states(session), latest_versions(session)
        counts = withheld_counts(session, WithheldBy.TEST)
        alerts = alert_counts(session, UnitScope.everything(), AlertFilter(), "rule_id")
    return [
        RuleLifeDocument(
            rule=rule,
            state=state_of(rule.id, rule.status, switched),
            default_state=lifecycle_policy().state(rule.status),
            version=versions[rule.id].version if rule.id in versions else None,
            alerts=alerts.get(rule.id, 0),
            matched_on_trial=counts.get(rule.id, WithheldCount()).events,
            last_on_trial=counts.get(rule.id, WithheldCount()).last_seen,
        )
        for rule in dependencies.rules()
    ]


def read_rule(dependencies: ApiDependencies, rule_id: str) -> RuleDetail:
    """One rule with every switch and version.

    Raises:
        ProblemError: there is none of this id.
    """
    summary = _summary(dependencies, rule_id)
    with dependencies.records.read() as session:
        count = withheld_counts(session, WithheldBy.TEST, rule_id).get(rule_id, WithheldCount())
        versions, changes = versions_of(session, rule_id), state_changes(session, rule_id)
        alerts = alert_counts(session, UnitScope.everything(), AlertFilter(rule_ids=[rule_id]), "rule_id")
    default = lifecycle_policy().state(summary.status)
    steps = [StepDocument.model_validate(each, from_attributes=True) for each in changes]
    return RuleDetail(
        rule=summary,
        state=state_of(rule_id, summary.status, {rule_id: RuleState(steps[-1].to_state)} if steps else {}),
        default_state=default,
        version=versions[-1].version if versions else None,
        alerts=alerts.get(rule_id, 0),
        matched_on_trial=count.events,
        last_on_trial=count.last_seen,
        changes=steps,
        versions=[RuleVersionDocument.model_validate(each, from_attributes=True) for each in versions],
    )


def _summary(dependencies: ApiDependencies, rule_id: str) -> RuleSummary:
    found = next((rule for rule in dependencies.rules() if rule.id == rule_id), None)
    if found is None:
        raise not_found("rule", "There is no rule of this id; see the list of rules")
    return found
