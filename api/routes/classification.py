"""``/classification``: schemes, categories, the register of important data; ``/classify/try``: the detectors, tried."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, model_validator

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from api.review_work import READ, readable
from classification.columns import ColumnFinding
from classification.grading import Scheme, default_scheme, load_scheme, scheme_names
from classification.identifiers import load_identifiers
from classification.important_data import ImportantResource, important_data
from classification.important_data_workbook import important_data_workbook
from classification.masking import masking_policy
from classification.review import review_policy
from classification.sources import Column
from classification.trial import TriedFinding, try_column, try_text

router = APIRouter(prefix="/api/v1", tags=["classification"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(READ))]
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIMITS = review_policy().try_out
_Short = Annotated[str, Field(max_length=1024)]


class CategoryDocument(BaseModel):
    """A category: what it is called, whether it names a person, its grade, and how much of a value is ever shown."""

    id: str
    zh: str
    en: str
    personal: bool
    grade: str | None
    shown_head: int
    shown_tail: int


class SchemeSummary(BaseModel):
    """A grading scheme; the default one counts where none is named."""

    name: str
    zh: str
    en: str
    default: bool
    grades: list[str]


class TryRequest(BaseModel):
    """A column's name and values, or a text; neither is stored or logged."""

    name: _Short = ""
    comment: _Short = ""
    type: _Short = ""
    values: list[str | int | float | bool | None] | None = Field(None, max_length=_LIMITS.values)
    text: str | None = Field(None, max_length=_LIMITS.text_length)
    scheme: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> TryRequest:
        if self.text is not None and (self.values is not None or self.name):
            raise ValueError("give a column (name, values) or a text, not both")
        return self


class TriedFindingDocument(BaseModel):
    """What a column would be found to hold, with masked samples."""

    category: str
    grade: str | None
    confidence: float
    prevalence: float
    prevalence_interval: tuple[float, float]
    hits: int
    values: int
    evidence: list[dict[str, Any]]
    samples: list[str]


class TriedHitDocument(BaseModel):
    """A value found in the text, masked; offsets count characters, the end is exclusive."""

    category: str
    grade: str | None
    start: int
    end: int
    confidence: float
    masked: str


class TryResult(BaseModel):
    """What was found: of a column ``findings``, of a text the first ``hits``; ``complete`` unless a limit was met."""

    findings: list[TriedFindingDocument] = []
    hits: list[TriedHitDocument] = []
    masked_text: str | None = None
    complete: bool = True


class ImportantResourceDocument(BaseModel):
    """One line of the register of important data."""

    resource_id: str
    name: str
    unit: str
    system: str
    grade: str
    fields: dict[str, list[str]]
    subjects: int | None
    sharing: str
    opening: str
    owner: str
    confirmed_by: list[str]
    confirmed: Moment | None
    review_due: Moment | None
    reasons_zh: list[str]
    reasons_en: list[str]


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
    return [_line(row) for row in rows]


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
        findings = [_tried(each) for each in trial.findings]
        return TryResult(findings=findings, complete=trial.values == len(body.values or ()))
    found = try_text(body.text)
    hits = [
        TriedHitDocument(
            category=hit.category,
            grade=scheme.grade_of(hit.category),
            start=hit.start,
            end=hit.end,
            confidence=hit.confidence,
            masked=masked,
        )
        for hit, masked in found.hits
    ]
    return TryResult(hits=hits, masked_text=found.masked, complete=len(hits) == found.found)


def _scheme(name: str | None) -> Scheme:
    return load_scheme(name) if name else default_scheme()


def _tried(tried: TriedFinding) -> TriedFindingDocument:
    found: ColumnFinding = tried.found
    return TriedFindingDocument(
        category=found.category,
        grade=tried.grade,
        confidence=found.confidence,
        prevalence=found.prevalence,
        prevalence_interval=found.prevalence_interval,
        hits=found.hits,
        values=found.values,
        evidence=[{"kind": each.kind, "weight": each.weight, "detail": each.detail} for each in found.evidence],
        samples=list(tried.samples),
    )


def _line(row: ImportantResource) -> ImportantResourceDocument:
    renamed = {"confirmed": row.confirmed_ms, "review_due": row.review_due_ms}
    kept = ImportantResourceDocument.model_fields.keys() - renamed.keys()
    return ImportantResourceDocument.model_validate({name: getattr(row, name) for name in kept} | renamed)
