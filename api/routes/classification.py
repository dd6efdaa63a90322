"""``/classification``: schemes, categories, the register of important data; ``/classify/try``: the detectors, tried."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from api.access import Requires
from api.caller import Caller
from api.classification_documents import (
    CategoryDocument,
    ImportantResourceDocument,
    SchemeSummary,
    TryRequest,
    TryResult,
    important_resource,
    tried_finding,
    tried_hit,
)
from api.dependencies import Dependencies
from api.problems import COMMON_RESPONSES
from api.review_work import READ, readable
from classification.grading import Scheme, default_scheme, load_scheme, scheme_names
from classification.identifiers import load_identifiers
from classification.important_data import important_data
from classification.important_data_workbook import important_data_workbook
from classification.masking import masking_policy
from classification.sources import Column
from classification.trial import try_column, try_text

router = APIRouter(prefix="/api/v1", tags=["classification"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(READ))]
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/classification/schemes")
def list_schemes(_caller: Reader) -> list[SchemeSummary]:
    """The grading schemes."""
    schemes = [load_scheme(name) for name in scheme_names()]
    default = default_scheme().name
    return [
        SchemeSummary(
            name=each.name,
            zh=each.title.zh,
            en=each.title.en,
            default=each.name == default,
            grades=list(each.grade_ids),
        )
        for each in schemes
    ]


@router.get("/classification/schemes/{name}")
def get_scheme(name: str, _caller: Reader) -> Scheme:
    """One scheme whole: grades, matrix, categories, combinations and volumes."""
    return load_scheme(name)


@router.get("/classification/categories")
def list_categories(_caller: Reader, scheme: str | None = None) -> list[CategoryDocument]:
    """The categories that detectors know, in order of precedence, with their grades in a scheme."""
    chosen = _scheme(scheme)
    return [
        CategoryDocument(
            id=name,
            zh=each.label.zh,
            en=each.label.en,
            personal=each.personal,
            grade=chosen.grade_of(name),
            shown_head=masking_policy().of(name).head,
            shown_tail=masking_policy().of(name).tail,
        )
        for name, each in load_identifiers().identifiers.items()
    ]


@router.get("/classification/important-data")
def list_important_data(dependencies: Dependencies, caller: Reader) -> list[ImportantResourceDocument]:
    """The register of important data within the caller's units, the highest grade first."""
    with dependencies.records.read() as session:
        rows = important_data(session, readable(caller), default_scheme())
    return [important_resource(row) for row in rows]


@router.get(
    "/classification/important-data.xlsx", response_class=Response, responses={200: {"content": {_WORKBOOK: {}}}}
)
def export_important_data(
    dependencies: Dependencies, caller: Reader, language: Annotated[Literal["zh", "en"], Query()] = "zh"
) -> Response:
    """The same as an Excel workbook."""
    with dependencies.records.read() as session:
        rows = important_data(session, readable(caller), default_scheme())
    book = important_data_workbook(rows, default_scheme(), language, dependencies.settings.time_zone)
    headers = {"Content-Disposition": 'attachment; filename="important-data.xlsx"'}
    return Response(book, media_type=_WORKBOOK, headers=headers)


@router.post("/classify/try")
def try_out(body: TryRequest, _caller: Reader) -> TryResult:
    """Try the detectors on values or a text; what is given is neither stored nor logged, and comes back masked."""
    scheme = _scheme(body.scheme)
    if body.text is None:
        trial = try_column(scheme, Column(body.name, body.comment, body.type), body.values or [])
        findings = [tried_finding(each) for each in trial.findings]
        return TryResult(findings=findings, complete=trial.values == len(body.values or ()))
    found = try_text(body.text)
    hits = [tried_hit(scheme, hit, masked) for hit, masked in found.hits]
    return TryResult(hits=hits, masked_text=found.masked, complete=len(hits) == found.found)


def _scheme(name: str | None) -> Scheme:
    return load_scheme(name) if name else default_scheme()
