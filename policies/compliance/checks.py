"""The model of ``policies/compliance/checks.yml``: which automatic check speaks for which item."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies.compliance.catalog import Reference, control_catalog
from policies.compliance.language import Words
from policies.loader import load_policy

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(gt=0, le=3660)]
RecordSource = Literal[
    "retention",
    "audit_trail",
    "audit_reading",
    "log_backup",
    "administrators",
    "named_accounts",
    "second_factor",
    "lockout",
    "session_limits",
    "password_rules",
    "rules_age",
    "dormant_accounts",
    "contractor_accounts",
    "asset_register",
    "filing",
    "grading",
    "grants",
    "alert_handling",
    "incident_handling",
    "notice_handling",
    "sources_alive",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(Words):
    """Events that a check counts, and what people call them."""

    query: str


class _Check(_Strict):
    """What all checks have: ``whole`` are the items it answers alone, ``part`` those of which it sees a part."""

    title: Words
    days: Days
    whole: tuple[Reference, ...] = ()
    part: tuple[Reference, ...] = ()


class ShareCheck(_Check):
    """So many of the events ``of`` are ``held``; fewer than ``minimum`` say nothing."""

    kind: Literal["share"]
    of: Figure
    held: Figure
    minimum: int = Field(1, gt=0)
    fulfilled: Share
    partly: Share


class SeenCheck(_Check):
    """``seen`` must occur wherever ``given`` does; without ``given`` nothing can be said."""

    kind: Literal["seen"]
    given: Figure
    seen: Figure
    minimum: int = Field(1, gt=0)


class AbsentCheck(_Check):
    """``absent`` must not occur, up to a share of ``given``; without ``given`` nothing can be said."""

    kind: Literal["absent"]
    given: Figure
    absent: Figure
    minimum: int = Field(1, gt=0)
    partly: Share


class RecentCheck(_Check):
    """The last ``seen`` lies at most so many days back; what is older than ``days`` is not looked for."""

    kind: Literal["recent"]
    seen: Figure
    fulfilled_days: float = Field(gt=0)
    partly_days: float = Field(gt=0)

    @model_validator(mode="after")
    def _can_fail(self) -> Self:
        if self.partly_days >= self.days:
            raise ValueError(
                f"partly_days {self.partly_days:g} of {self.days} days: it would never fail; look further back"
            )
        return self


class FamiliesCheck(_Check):
    """Events of each family of logs arrive, or of ``partly``: above 1, as without any nothing can be said."""

    kind: Literal["families"]
    families: dict[str, Figure] = Field(min_length=1)
    partly: int = Field(gt=1)


class DailyCheck(_Check):
    """On so many of the days there are events."""

    kind: Literal["daily"]
    of: Figure
    fulfilled: Share
    partly: Share


class BurstsCheck(_Check):
    """No account fails to sign in more than ``limit`` times within ``minutes``, and ``lockout`` was seen."""

    kind: Literal["bursts"]
    of: Figure
    lockout: Figure
    minutes: int = Field(gt=0)
    limit: int = Field(gt=0)


class ClockCheck(_Check):
    """Of the newest ``sample`` events few claim a time later than they were received."""

    kind: Literal["clock"]
    of: Figure
    sample: int = Field(gt=0, le=1000)
    tolerance_seconds: int = Field(ge=0)
    fulfilled: Share
    partly: Share


class RecordsCheck(_Check):
    """Something read from records or from the platform itself, with its limits."""

    kind: Literal["records"]
    source: RecordSource
    limits: dict[str, float] = {}


Check = Annotated[
    ShareCheck
    | SeenCheck
    | AbsentCheck
    | RecentCheck
    | FamiliesCheck
    | DailyCheck
    | BurstsCheck
    | ClockCheck
    | RecordsCheck,
    Field(discriminator="kind"),
]


class SystemEvents(_Strict):
    """How events are told to be of a system: they name it, an address of its networks, or a resource that it holds."""

    name_field: str
    resource_field: str
    address_fields: tuple[str, ...] = Field(min_length=1)


class Work(_Strict):
    """How assessments and reports are made in the background."""

    poll_seconds: float = Field(gt=0)
    lease_minutes: int = Field(gt=0)
    attempts: int = Field(gt=0)
    surroundings_seconds: float = Field(ge=0)


class AttestationRules(_Strict):
    """How long what a person attests holds, and how long its texts may be."""

    default_days: Days
    maximum_days: Days
    text_maximum: int = Field(gt=0)


class CheckPolicy(_Strict):
    """The file ``compliance/checks.yml``."""

    events: SystemEvents
    work: Work
    attestations: AttestationRules
    accountable: dict[str, Literal["operator", "owner", "supervisor"]]
    rectify_days: dict[Literal["high_risk", "key", "important", "ordinary"], Days]
    checks: dict[str, Check] = Field(min_length=1)

    @model_validator(mode="after")
    def _items_exist(self) -> Self:
        known = {each.item.ref for level in (2, 3) for each in control_catalog(level).items()}
        layers = {each.code.rstrip("0123456789") for level in (2, 3) for each in control_catalog(level).domains}
        if missing := layers - self.accountable.keys():
            raise ValueError(f"accountable: nobody answers for {sorted(missing)}; name a party")
        for name, check in self.checks.items():
            if unknown := {*check.whole, *check.part} - known:
                raise ValueError(f"check {name} speaks for unknown items {sorted(unknown)}; correct the references")
            if not check.whole and not check.part:
                raise ValueError(f"check {name} speaks for no item; name some under whole or part")
        return self

    def speaking_for(self, ref: str) -> dict[str, bool]:
        """The checks that speak for an item, and whether each answers it alone."""
        whole = {name: True for name, check in self.checks.items() if ref in check.whole}
        return whole | {name: False for name, check in self.checks.items() if ref in check.part and name not in whole}


@cache
def check_policy() -> CheckPolicy:
    """The shipped checks."""
    return load_policy("compliance/checks.yml", CheckPolicy)
