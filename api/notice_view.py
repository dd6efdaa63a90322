"""What the console shows of notices: a list with counts, and one notice with its history and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.incident_work import NOTICES, READ, Cursor, Id, Limit, Title, before_number, next_page, scope_of
from events import now_ms
from incidents import (
    Attachment,
    Clock,
    Incident,
    IncidentNotFoundError,
    Notice,
    NoticeState,
    Subject,
    attachments_of,
    clocks_of,
)
from incidents.models import NoticeTransition
from incidents.notices.steps import allowed_steps
from incidents.repository.around import going_clocks
from incidents.repository.listing import (
    NoticeFilter,
    count_notices,
    is_overdue,
    list_notices,
    notice_transitions,
)
from incidents.repository.lookup import incident_of, notice_of
from registry.repository.names import unit_names


class NoticeQuery(FormQuery):
    """Which notices: all that is set must hold; ``overdue`` those unanswered after their deadline."""

    text: Title = ""
    state: list[NoticeState] = Field(default=[], max_length=16)
    unit: Id | None = None
    incident: Id | None = None
    overdue: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None

    def purpose(self) -> str:
        """Binds a cursor to this filter."""
        return f"notices-page:{self.text}:{self.state}:{self.unit}:{self.incident}:{self.overdue}"


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Notices, newest first; counts by state of the filter without its states; clocks that go, and units' names."""

    notices: Sequence[Notice]
    counts: Mapping[str, int]
    overdue: frozenset[str]
    clocks: Mapping[str, Sequence[Clock]]
    units: Mapping[str, str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with all that is known of it; ``incident`` is None for a reader who may not see it."""

    notice: Notice
    is_overdue: bool
    steps: frozenset[str]
    history: Sequence[NoticeTransition]
    clocks: Sequence[Clock]
    attachments: Sequence[Attachment]
    unit: str
    incident: Incident | None


def view_notices(dependencies: ApiDependencies, query: NoticeQuery, caller: Caller) -> NoticePage:
    """One page of the notices to the caller's units."""
    now, scope = now_ms(), scope_of(caller, NOTICES)
    wide = NoticeFilter((), query.unit, query.incident, now if query.overdue else None, query.text)
    narrow = NoticeFilter(query.state, query.unit, query.incident, wide.overdue_at, query.text)
    before = before_number(dependencies, query.purpose(), query.cursor)
    with dependencies.records.read() as session:
        found = list_notices(session, scope, narrow, limit=query.limit, before=before)
        return NoticePage(
            found,
            count_notices(session, scope, wide),
            frozenset(each.id for each in found if is_overdue(each, now)),
            going_clocks(session, Subject.NOTICE, [each.id for each in found]),
            unit_names(session, {each.unit_id for each in found}),
            next_page(dependencies, query.purpose(), [each.number for each in found], query.limit),
        )


def view_notice(dependencies: ApiDependencies, notice_id: str, caller: Caller) -> NoticeView:
    """One notice.

    Raises:
        NoticeNotFoundError: there is none within the caller's units.
    """
    with dependencies.records.read() as session:
        notice = notice_of(session, scope_of(caller, NOTICES), notice_id)
        try:
            incident = incident_of(session, scope_of(caller, READ), notice.incident_id) if notice.incident_id else None
        except IncidentNotFoundError:
            incident = None
        return NoticeView(
            notice,
            is_overdue(notice, now_ms()),
            frozenset(step.value for step in allowed_steps(notice.state)),
            notice_transitions(session, notice.id),
            list(clocks_of(session, Subject.NOTICE, notice.id).values()),
            attachments_of(session, Subject.NOTICE, notice.id),
            unit_names(session, [notice.unit_id]).get(notice.unit_id, notice.unit_id),
            incident,
        )
