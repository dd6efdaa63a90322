"""The parameters that choose alerts, the same in the API and in the console's address bar."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.moments import TimeRange
from api.problems import ProblemError
from api.signing import decode_cursor, encode_cursor
from detection.alerts import (
    AlertFilter,
    AlertPage,
    AlertState,
    Cursor,
    Disposition,
    SilencedChoice,
    list_alerts,
)
from registry import UnitScope

READ = "alerts:read"
Level = Literal["informational", "low", "medium", "high", "critical"]
_LONGEST_TEXT = 512
_MAXIMUM_PAGE = 500
Text = Annotated[str, Field(max_length=_LONGEST_TEXT)]


def alert_scope(caller: Caller) -> UnitScope:
    """The units whose alerts a caller may see."""
    return signed_in(caller).unit_scope(READ)


class AlertQuery(FormQuery):
    """Which alerts, in which order, from where. ``from`` and ``to`` bound the time of their events.

    Alerts that are silenced at this moment are left out unless ``silenced`` asks for them, or ``silence`` names the
    silence whose alerts are wanted.
    """

    state: list[AlertState] = Field(default=[])
    level: list[Level] = Field(default=[])
    rule: list[Text] = Field(default=[])
    assignee: list[Text] = Field(default=[])
    disposition: list[Disposition] = Field(default=[])
    entity: Text | None = None
    text: Text | None = None
    silenced: SilencedChoice = "hide"
    silence: Text | None = None
    unit: Text | None = None
    system: Text | None = None
    start: Text = Field("", alias="from")
    end: Text = Field("", alias="to")
    sort: Literal["severity", "last_seen"] = "severity"
    limit: int = Field(50, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    def criteria(self, dependencies: ApiDependencies) -> AlertFilter:
        """The filter that the parameters describe.

        Raises:
            ProblemError: a time can't be read.
        """
        try:
            window = TimeRange(self.start, self.end, dependencies.settings.time_zone).window()
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error
        return AlertFilter(
            states=self.state,
            levels=self.level,
            rule_ids=self.rule,
            assignees=self.assignee,
            dispositions=self.disposition,
            entity=self.entity,
            start_ms=window.start_ms,
            end_ms=window.end_ms,
            text=self.text,
            silenced="any" if self.silence else self.silenced,
            silence_id=self.silence,
            unit_id=self.unit,
            system_id=self.system,
        )

    def page(self, dependencies: ApiDependencies, caller: Caller) -> tuple[AlertPage, str | None]:
        """One page of the alerts that the caller may see, and the cursor of the next."""
        key, purpose = dependencies.secret_key, self._purpose()
        position: Cursor | None = tuple(decode_cursor(key, purpose, self.cursor)) if self.cursor else None
        with dependencies.records.read() as session:
            page = list_alerts(
                session,
                alert_scope(caller),
                self.criteria(dependencies),
                sort=self.sort,
                limit=self.limit,
                cursor=position,
            )
        return page, encode_cursor(key, purpose, page.next_cursor) if page.next_cursor else None

    def _purpose(self) -> str:
        """Binds a cursor to this filter and order."""
        choice = self.model_dump(mode="json", exclude={"cursor", "limit"})
        return "alerts:" + hashlib.sha256(json.dumps(choice, sort_keys=True).encode()).hexdigest()
