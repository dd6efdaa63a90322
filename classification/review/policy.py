"""The shape of the review policy (``policies/classification/review.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy

_DAY_MS = 86_400_000


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RereviewDays(_Strict):
    """After how many days a confirmed finding is due again."""

    default: int = Field(gt=0)
    grades: dict[str, int] = Field(default_factory=dict)

    def due_ms(self, grade: str | None, confirmed_ms: int) -> int:
        """When a finding of a grade, confirmed at a moment, is due (ms)."""
        return confirmed_ms + self.grades.get(grade or "", self.default) * _DAY_MS


class TryOutLimits(_Strict):
    """How much may be tried at once: values, characters, hits in the answer, seconds."""

    values: int = Field(gt=0)
    text_length: int = Field(gt=0)
    hits: int = Field(gt=0)
    seconds: float = Field(gt=0)


class ReviewPolicy(_Strict):
    """The whole file; its head says what each figure means."""

    rereview_days: RereviewDays
    samples: int = Field(ge=0)
    comment_maximum_length: int = Field(gt=0)
    bulk_maximum: int = Field(gt=0)
    try_out: TryOutLimits


@cache
def review_policy() -> ReviewPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/review.yml", ReviewPolicy)
