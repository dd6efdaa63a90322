"""What the API says and takes about schemes, categories, important data and tried values."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from api.moments import Moment
from classification.grading import Scheme
from classification.important_data import ImportantResource
from classification.review import review_policy
from classification.text import Hit
from classification.trial import TriedFinding

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


def tried_finding(tried: TriedFinding) -> TriedFindingDocument:
    """The document of what a tried column holds."""
    found = tried.found
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


def tried_hit(scheme: Scheme, hit: Hit, masked: str) -> TriedHitDocument:
    """The document of a value found in a tried text."""
    return TriedHitDocument(
        category=hit.category,
        grade=scheme.grade_of(hit.category),
        start=hit.start,
        end=hit.end,
        confidence=hit.confidence,
        masked=masked,
    )


def important_resource(row: ImportantResource) -> ImportantResourceDocument:
    """The document of a line of the register."""
    renamed = {"confirmed": row.confirmed_ms, "review_due": row.review_due_ms}
    kept = ImportantResourceDocument.model_fields.keys() - renamed.keys()
    return ImportantResourceDocument.model_validate({name: getattr(row, name) for name in kept} | renamed)
