"""Consumers, accounts and grants as people write them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from registry.entries.types import (
    AccountId,
    Entry,
    FromDay,
    Identifier,
    Name,
    Number,
    OptionalFromDay,
    OptionalId,
    OptionalUntilDay,
    ResourceId,
    ShortText,
    Texts,
    UntilDay,
    YesOrNo,
    named,
)
from registry.policy import sharing_policy, zone_policy
from registry.vocabulary import AccountState, ConsumerKind, GrantState

_DAY_MS = 86_400_000
_Person = Annotated[str, StringConstraints(max_length=128)]


class ConsumerEntry(Entry):
    """Who takes data; ``unit_id`` is the unit that it is, belongs to or works for."""

    id: Identifier
    name: Name
    kind: Annotated[ConsumerKind, named(ConsumerKind)]
    unit_id: Identifier
    company: ShortText = ""
    contract_end: OptionalUntilDay = None

    @model_validator(mode="after")
    def _contractors_have_contracts(self) -> Self:
        if self.kind is ConsumerKind.CONTRACTOR and (not self.company or self.contract_end is None):
            raise PydanticCustomError(
                "contract_missing", "contract_end: a contractor needs its company and the end of its contract"
            )
        return self


class AccountEntry(Entry):
    """The name under which a consumer shows in logs.

    A name that several systems have, each for somebody else, is written ``{name}@{system}``.
    """

    id: AccountId
    consumer_id: Identifier
    system_id: OptionalId = None
    state: Annotated[
        AccountState, named(AccountState), BeforeValidator(lambda value: AccountState.ACTIVE if value == "" else value)
    ] = AccountState.ACTIVE


class GrantEntry(Entry):
    """The terms of a grant; ``valid_to`` as a date is its last day. ``*`` among the fields stands for all."""

    id: Identifier
    consumer_id: Identifier
    provider_id: Identifier
    resource_id: ResourceId
    fields: Annotated[Texts, Field(min_length=1)]
    purpose: Name
    valid_from: FromDay
    valid_to: UntilDay
    records_per_day: Number = None
    subjects_per_day: Number = None
    masked: YesOrNo = False
    zones: Texts = Field(default_factory=list)

    @field_validator("zones")
    @classmethod
    def _zones_exist(cls, values: list[str]) -> list[str]:
        zones = zone_policy().zones
        by_name = {name: code for code, zone in zones.items() for name in (code, zone.zh, zone.en)}
        if unknown := [value for value in values if value not in by_name]:
            named = {"unknown": ", ".join(unknown), "zones": ", ".join(zones)}
            raise PydanticCustomError("unknown_zone", "no such zone: {unknown}; the zones are {zones}", named)
        return [by_name[value] for value in values]

    @model_validator(mode="after")
    def _lasts_a_while(self) -> Self:
        longest = sharing_policy().grants.longest_days
        if not self.valid_from < self.valid_to:
            raise PydanticCustomError(
                "ends_before_begin", "valid_to: the grant ends before it begins; correct one of the two"
            )
        if self.valid_to - self.valid_from > longest * _DAY_MS:
            raise PydanticCustomError(
                "too_long_grant", f"valid_to: a grant lasts at most {longest} days; end it earlier"
            )
        return self


class RegisteredGrant(GrantEntry):
    """A grant that was requested and approved elsewhere, as a file brings it."""

    state: Annotated[
        GrantState, named(GrantState), BeforeValidator(lambda value: GrantState.REQUESTED if value == "" else value)
    ] = GrantState.REQUESTED
    requested_by: _Person = ""
    approved_by: _Person = ""
    approved: OptionalFromDay = None

    @model_validator(mode="after")
    def _two_people_agreed(self) -> Self:
        refused = self.state in {GrantState.REVOKED, GrantState.EXPIRED} and not self.approved_by
        if self.state is GrantState.REQUESTED or refused:  # or never answered
            return self
        if not self.approved_by:
            raise PydanticCustomError(
                "approver_missing",
                "approved_by: who approved the grant is missing; add the name, or set it to requested",
            )
        if self.approved_by == self.requested_by:
            raise PydanticCustomError(
                "own_approval", "approved_by: nobody approves what they requested themselves; name who approved it"
            )
        return self

    def terms(self) -> GrantEntry:
        """The terms alone."""
        return GrantEntry.model_validate(self.model_dump(include=set(GrantEntry.model_fields)))
