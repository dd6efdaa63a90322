"""Errors as RFC 9457 problem documents with a stable ``code``; pages of the console get the same as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.errors import ApiError
from api.identity import AccountError, ApiKeyError, ApiKeyNotFoundError
from api.identity.account_requests import (
    AccountRequestConflictError,
    AccountRequestNotFoundError,
    OwnAccountRequestError,
)
from api.identity.second_factor import SecondFactorError
from classification.grading import UnknownGradeError, UnknownSchemeError
from classification.review import FindingNotFoundError, InvalidReviewError, ReviewConflictError, SamePersonError
from classification.scans import (
    DataSourceNotFoundError,
    InvalidDataSourceError,
    ScanConflictError,
    ScanNotFoundError,
)
from compliance import AssessmentConflictError, AssessmentNotFoundError, ComplianceError
from detection.alerts import IllegalTransitionError
from detection.lifecycle import RuleSwitchError
from detection.tuning import (
    ExceptionNotFoundError,
    SilenceNotFoundError,
    TruePositivesRemovedError,
    TuningConflictError,
    TuningError,
)
from incidents import (
    AlertNotFoundError,
    AttachmentDamagedError,
    AttachmentError,
    AttachmentNotFoundError,
    IncidentNotFoundError,
    IncidentTransitionError,
    InvalidIncidentError,
    InvalidNoticeError,
    InvalidStepError,
    NoticeNotFoundError,
    NoticeTransitionError,
    SameVerifierError,
    TaskNotFoundError,
)
from playbooks import (
    ApprovalNotFoundError,
    InvalidAnswerError,
    InvalidPlaybookError,
    InvalidWebhookError,
    NotYourApprovalError,
    PlaybookError,
    PlaybookNotFoundError,
    RunConflictError,
    RunNotFoundError,
    SignatureError,
    WebhookNotFoundError,
)
from registry import (
    ContradictionError,
    EntryExistsError,
    EntryNotFoundError,
    GrantTransitionError,
    ImportFileError,
    TrialNotFoundError,
)
from store.errors import CursorError, QueryError, QuerySyntaxError, StoreError

_log = structlog.get_logger(__name__)
API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"
_FOR_PROGRAMS = (API_PREFIX, "/metrics")


class ProblemDocument(BaseModel):
    """RFC 9457 §3: what a failed request answers, as ``application/problem+json``."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[dict[str, str]] | None = None


class ProblemError(ApiError):
    """A request that can't be served: ``status``, a stable ``code`` for programs and a ``detail`` for people.

    ``fault`` names more closely than the code what is wrong, where that is known.
    """

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep what the answer is made of."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors: list[dict[str, str]] | None = None
        self.fault = ""


_STATUS_OF_ERROR: dict[type[Exception], tuple[HTTPStatus, str]] = {
    AlertNotFoundError: (HTTPStatus.NOT_FOUND, "alert_not_found"),
    IllegalTransitionError: (HTTPStatus.CONFLICT, "illegal_transition"),
    InvalidStepError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step"),
    IncidentNotFoundError: (HTTPStatus.NOT_FOUND, "incident_not_found"),
    NoticeNotFoundError: (HTTPStatus.NOT_FOUND, "notice_not_found"),
    TaskNotFoundError: (HTTPStatus.NOT_FOUND, "task_not_found"),
    AttachmentNotFoundError: (HTTPStatus.NOT_FOUND, "attachment_not_found"),
    AttachmentError: (HTTPStatus.UNPROCESSABLE_ENTITY, "attachment_refused"),
    AttachmentDamagedError: (HTTPStatus.CONFLICT, "attachment_damaged"),
    IncidentTransitionError: (HTTPStatus.CONFLICT, "incident_transition_refused"),
    NoticeTransitionError: (HTTPStatus.CONFLICT, "notice_transition_refused"),
    SameVerifierError: (HTTPStatus.FORBIDDEN, "same_verifier"),
    InvalidIncidentError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_incident"),
    InvalidNoticeError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_notice"),
    AccountError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_account"),
    SecondFactorError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_second_factor"),
    AccountRequestNotFoundError: (HTTPStatus.NOT_FOUND, "account_request_not_found"),
    AccountRequestConflictError: (HTTPStatus.CONFLICT, "account_request_conflict"),
    OwnAccountRequestError: (HTTPStatus.FORBIDDEN, "own_account_request"),
    ApiKeyNotFoundError: (HTTPStatus.NOT_FOUND, "api_key_not_found"),
    ApiKeyError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_api_key"),
    ExceptionNotFoundError: (HTTPStatus.NOT_FOUND, "exception_not_found"),
    SilenceNotFoundError: (HTTPStatus.NOT_FOUND, "silence_not_found"),
    TuningConflictError: (HTTPStatus.CONFLICT, "tuning_conflict"),
    TruePositivesRemovedError: (HTTPStatus.CONFLICT, "true_positives_removed"),
    TuningError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_tuning"),
    RuleSwitchError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_rule_switch"),
    EntryNotFoundError: (HTTPStatus.NOT_FOUND, "entry_not_found"),
    EntryExistsError: (HTTPStatus.CONFLICT, "entry_exists"),
    ContradictionError: (HTTPStatus.UNPROCESSABLE_ENTITY, "contradiction"),
    GrantTransitionError: (HTTPStatus.CONFLICT, "grant_transition_refused"),
    TrialNotFoundError: (HTTPStatus.NOT_FOUND, "trial_not_found"),
    ImportFileError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_register_file"),
    FindingNotFoundError: (HTTPStatus.NOT_FOUND, "finding_not_found"),
    ReviewConflictError: (HTTPStatus.CONFLICT, "review_conflict"),
    SamePersonError: (HTTPStatus.FORBIDDEN, "same_person"),
    InvalidReviewError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_review"),
    UnknownSchemeError: (HTTPStatus.NOT_FOUND, "scheme_not_found"),
    UnknownGradeError: (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_grade"),
    DataSourceNotFoundError: (HTTPStatus.NOT_FOUND, "data_source_not_found"),
    ScanNotFoundError: (HTTPStatus.NOT_FOUND, "scan_not_found"),
    ScanConflictError: (HTTPStatus.CONFLICT, "scan_conflict"),
    InvalidDataSourceError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_data_source"),
    InvalidPlaybookError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_playbook"),
    PlaybookNotFoundError: (HTTPStatus.NOT_FOUND, "playbook_not_found"),
    RunNotFoundError: (HTTPStatus.NOT_FOUND, "run_not_found"),
    ApprovalNotFoundError: (HTTPStatus.NOT_FOUND, "approval_not_found"),
    RunConflictError: (HTTPStatus.CONFLICT, "run_conflict"),
    NotYourApprovalError: (HTTPStatus.FORBIDDEN, "not_your_approval"),
    InvalidAnswerError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_answer"),
    WebhookNotFoundError: (HTTPStatus.NOT_FOUND, "webhook_not_found"),
    InvalidWebhookError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_webhook"),
    SignatureError: (HTTPStatus.UNAUTHORIZED, "invalid_signature"),
    PlaybookError: (HTTPStatus.UNPROCESSABLE_ENTITY, "playbook_refused"),
    AssessmentNotFoundError: (HTTPStatus.NOT_FOUND, "assessment_not_found"),
    AssessmentConflictError: (HTTPStatus.CONFLICT, "assessment_conflict"),
    ComplianceError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_assessment"),
    QuerySyntaxError: (HTTPStatus.BAD_REQUEST, "invalid_query"),
    QueryError: (HTTPStatus.BAD_REQUEST, "invalid_query"),
    CursorError: (HTTPStatus.BAD_REQUEST, "invalid_cursor"),
    StoreError: (HTTPStatus.SERVICE_UNAVAILABLE, "event_store_unavailable"),
}

COMMON_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": description}
    for status, description in (
        (400, "The request is malformed"),
        (401, "No valid session or API key"),
        (403, "The caller lacks the scope, or the CSRF token is missing"),
        (404, "There is no such thing"),
        (409, "The thing's state, or a request under way, forbids it"),
        (413, "The request is too large"),
        (422, "A parameter is not valid"),
        (503, "A store can't answer now"),
    )
}


def not_found(kind: str, detail: str) -> ProblemError:
    """The problem of an object that does not exist; ``kind`` makes the code, as in ``alert_not_found``."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"{kind}_not_found", detail)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the API as a problem document."""
    app.add_exception_handler(ProblemError, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    for kind in _STATUS_OF_ERROR:
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(Exception, _answer_unexpected)


def problem_of(error: Exception) -> ProblemError:
    """The problem that an error is to the caller."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return ProblemError(status, status.name.lower(), str(error.detail), error.headers)
    for kind, (status, code) in _STATUS_OF_ERROR.items():
        if isinstance(error, kind):
            problem = ProblemError(status, code, str(error))
            problem.fault = getattr(error, "fault", "")
            return problem
    return ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something failed here; give the request id to support"
    )


def problem_response(request: Request, problem: ProblemError) -> Response:
    """The problem as JSON."""
    document = ProblemDocument(
        title=problem.status.phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=getattr(request.state, "request_id", None),
        errors=problem.errors,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True),
        problem.status,
        headers=problem.headers,
        media_type=PROBLEM_TYPE,
    )


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if request.url.path.startswith(_FOR_PROGRAMS):
        return problem_response(request, problem)
    page: Response = request.app.state.render_problem(request, problem)
    return page


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    _log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    return await _answer(request, error)


def _invalid(error: RequestValidationError) -> ProblemError:
    """Names each bad parameter, without repeating its value."""
    problem = ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_parameters", "Some parameters are not valid; see errors"
    )
    problem.errors = [
        {"parameter": ".".join(str(part) for part in each["loc"]), "detail": str(each["msg"])}
        for each in error.errors()
    ]
    return problem
