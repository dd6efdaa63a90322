"""Consumers as lists and pages show them: with their unit, their accounts and their grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.registry_work import READ, EntryPage, RegisterQuery, read_page
from registry import ConsumerKind
from registry.entries import AccountEntry, ConsumerEntry, RegisteredGrant
from registry.grants import GRANTS
from registry.registers import ACCOUNTS, CONSUMERS
from registry.repository.listing import Paging, Search, get_entry, list_entries
from registry.repository.names import resource_names, system_names, unit_names

_SHOWN = 200


class ConsumerQuery(RegisterQuery, FormQuery):
    """Which consumers: all that is set must hold."""

    kind: ConsumerKind | None = None

    def equal(self) -> tuple[tuple[str, str], ...]:
        """The columns with the values asked for."""
        return (("kind", self.kind.value),) if self.kind else ()


@dataclass(frozen=True, slots=True)
class ConsumerView:
    """A consumer with its accounts and grants (the first of them), and the names of what they refer to."""

    consumer: ConsumerEntry
    accounts: Sequence[AccountEntry]
    grants: Sequence[RegisteredGrant]
    units: Mapping[str, str]
    systems: Mapping[str, str]
    resources: Mapping[str, str]


def list_consumers(
    dependencies: ApiDependencies, query: ConsumerQuery, caller: Caller
) -> tuple[EntryPage[ConsumerEntry], Mapping[str, str]]:
    """One page of the consumers, with the names of their units."""
    page = read_page(dependencies, CONSUMERS, query, caller, query.equal())
    with dependencies.records.read() as session:
        return page, unit_names(session, {each.unit_id for each in page.entries})


def view_consumer(dependencies: ApiDependencies, consumer_id: str, caller: Caller) -> ConsumerView:
    """One consumer.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    scope, its, first = signed_in(caller).unit_scope(READ), (("consumer_id", consumer_id),), Paging(_SHOWN)
    with dependencies.records.read() as session:
        consumer = get_entry(session, CONSUMERS, scope, consumer_id)
        accounts = list_entries(session, ACCOUNTS, scope, Search(equal=its), first)
        grants = list_entries(session, GRANTS, scope, Search(equal=its), first)
        return ConsumerView(
            consumer,
            accounts,
            grants,
            unit_names(session, [consumer.unit_id]),
            system_names(session, {each.system_id for each in accounts if each.system_id}),
            resource_names(session, {each.resource_id for each in grants}),
        )
