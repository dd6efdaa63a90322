"""The parameters that choose findings, the same in the API and in the console's address bar."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated

from pydantic import Field

from api.caller import Caller
from api.dependencies import ApiDependencies
from api.finding_documents import FindingDetail, FindingList, finding_detail, finding_document
from api.form_query import FormQuery
from api.review_work import readable
from api.signing import decode_cursor, encode_cursor
from classification.grading import default_scheme
from classification.review import (
    FindingFilter,
    FindingState,
    count_findings,
    decide_grade,
    finding_steps,
    get_finding,
    list_findings,
)
from events import now_ms

_MAXIMUM_PAGE = 500
Text = Annotated[str, Field(max_length=255)]


class FindingQuery(FormQuery):
    """Which findings: ``text`` is part of a resource's or field's name, ``due`` those whose next review is due."""

    state: list[FindingState] = Field(default=[])
    resource: Text | None = None
    category: list[Text] = Field(default=[])
    grade: list[Text] = Field(default=[])
    text: Text | None = None
    disagreeing: bool = False
    due: bool = False
    limit: int = Field(50, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    def criteria(self) -> FindingFilter:
        """The filter that the parameters describe, now being now."""
        return FindingFilter(
            self.state,
            self.resource,
            self.category,
            self.grade,
            self.text,
            self.disagreeing,
            now_ms() if self.due else None,
        )

    def page(self, dependencies: ApiDependencies, caller: Caller) -> FindingList:
        """One page of the findings that the caller may see.

        Raises:
            ProblemError: the cursor belongs to another list or filter.
        """
        key, purpose, scope = dependencies.secret_key, self._purpose(), readable(caller)
        rank, created, finding_id = decode_cursor(key, purpose, self.cursor) if self.cursor else (0, 0, None)
        after = (rank, created, finding_id) if finding_id is not None else None
        with dependencies.records.read() as session:
            rows = list_findings(session, scope, self.criteria(), self.limit, after)
            counts = count_findings(session, scope)
        following = None
        if len(rows) == self.limit:
            following = encode_cursor(key, purpose, [rows[-1].grade_rank, rows[-1].created_ms, rows[-1].id])
        return FindingList(findings=[finding_document(row) for row in rows], counts=counts, next_cursor=following)

    def _purpose(self) -> str:
        """Binds a cursor to this filter."""
        choice = self.model_dump(mode="json", exclude={"cursor", "limit"})
        return "findings:" + hashlib.sha256(json.dumps(choice, sort_keys=True).encode()).hexdigest()


def read_finding(dependencies: ApiDependencies, finding_id: str, caller: Caller) -> FindingDetail:
    """One finding with its history.

    Raises:
        FindingNotFoundError: there is none that the caller may see.
    """
    scope = readable(caller)
    with dependencies.records.read() as session:
        row = get_finding(session, scope, finding_id)
        steps = finding_steps(session, scope, finding_id)
        return finding_detail(row, steps, decide_grade(session, default_scheme(), row.resource_id))
