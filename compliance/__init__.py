"""What a system must fulfil, what speaks for and against it, how it is judged, scored and reported.

Assessments are asked for (``request_assessment``) and carried out by a ``ComplianceWorker``; people attest what no log
can tell and may decide otherwise; gaps become notices; reports are made of frozen snapshots.
"""

from compliance.assessing import AssessmentSources, assess, request_assessment
from compliance.deciding import Decision, NewAttestation, attest, decide
from compliance.errors import AssessmentConflictError, AssessmentNotFoundError, ComplianceError
from compliance.gaps import Gap, gaps_of, notices_of, notify_gaps
from compliance.items import JudgmentSource
from compliance.judgment import Judgment
from compliance.models import Assessment, Attestation, CheckResult, ItemRecord, Report, WorkState
from compliance.platform_facts import AccountFact, FactsProvider, PlatformFacts, RuleFacts, SignInFacts
from compliance.reports import ReportFormat, request_report
from compliance.reports.making import audit_download
from compliance.repository import (
    check_results,
    get_assessment,
    get_report,
    item_history,
    latest_assessments,
    list_assessments,
    list_attestations,
    list_reports,
)
from compliance.summary import AssessedItem, AssessmentSummary, summarize
from compliance.worker import ComplianceWorker

__all__ = [
    "AccountFact",
    "AssessedItem",
    "Assessment",
    "AssessmentConflictError",
    "AssessmentNotFoundError",
    "AssessmentSources",
    "AssessmentSummary",
    "Attestation",
    "CheckResult",
    "ComplianceError",
    "ComplianceWorker",
    "Decision",
    "FactsProvider",
    "Gap",
    "ItemRecord",
    "Judgment",
    "JudgmentSource",
    "NewAttestation",
    "PlatformFacts",
    "Report",
    "ReportFormat",
    "RuleFacts",
    "SignInFacts",
    "WorkState",
    "assess",
    "attest",
    "audit_download",
    "check_results",
    "decide",
    "gaps_of",
    "get_assessment",
    "get_report",
    "item_history",
    "latest_assessments",
    "list_assessments",
    "list_attestations",
    "list_reports",
    "notices_of",
    "notify_gaps",
    "request_assessment",
    "request_report",
    "summarize",
]
