"""``/silences``: spans of time in which fitting alerts are kept out of the queue."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import ApiDependencies, Dependencies
from api.idempotency import IdempotentRoute
from api.moments import TimeRange
from api.problems import COMMON_RESPONSES, ProblemError
from api.tuning_documents import SilenceDocument, silence_document
from api.tuning_views import read_silences
from api.tuning_work import save_silence, stop_silence
from detection.tuning import NewSilence, silenced_counts
from events import now_ms

router = APIRouter(
    prefix="/api/v1/silences", tags=["silences"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires("silences:read"))]
Writer = Annotated[Caller, Depends(Requires("silences:write"))]
_LONGEST_MATCHER = 1024
Matcher = Annotated[str, Field(max_length=_LONGEST_MATCHER)]


class SilenceRequest(BaseModel):
    """A silence to begin; an empty ``starts`` is now. Every kind of matcher that is named must fit, by any of its list.

    ``entities`` are written ``name=value``.
    """

    rules: list[Matcher] = []
    levels: list[Matcher] = []
    entities: list[Matcher] = []
    tags: list[Matcher] = []
    starts: str = ""
    ends: str = Field(min_length=1)
    reason: str

    def wanted(self, dependencies: ApiDependencies) -> NewSilence:
        """The same as detection knows it.

        Raises:
            ProblemError: a time can't be read, or the silence ends before it starts.
        """
        try:
            span = TimeRange(self.starts, self.ends, dependencies.settings.time_zone).window()
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error
        matchers = {"rules": self.rules, "levels": self.levels, "entities": self.entities, "tags": self.tags}
        start = now_ms() if span.start_ms is None else span.start_ms
        return NewSilence(matchers, start, span.end_ms or 0, self.reason)


@router.get("")
def list_all(dependencies: Dependencies, _caller: Reader, *, ended: bool = False) -> list[SilenceDocument]:
    """The silences that last or are to come; with ``ended`` all there ever were."""
    return read_silences(dependencies, ended=ended)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: SilenceRequest, dependencies: Dependencies, caller: Writer) -> SilenceDocument:
    """Begin a silence."""
    return silence_document(save_silence(dependencies, body.wanted(dependencies), caller), 0)


@router.post("/{silence_id}:end")
def end(silence_id: str, dependencies: Dependencies, caller: Writer) -> SilenceDocument:
    """End a silence now; its alerts appear in the queue."""
    row = stop_silence(dependencies, silence_id, caller)
    with dependencies.records.read() as session:
        return silence_document(row, silenced_counts(session).get(row.id, 0))
