"""One state of the registry, whole and unchanging: everything that a flow is joined with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.index.catalog import Catalog
from registry.index.entries import Account, Consumer, Grant, Resource, System, Unit
from registry.index.grants import GrantTable
from registry.index.judging import FlowQuestion, GrantJudgment, Judge
from registry.index.organization import Organization
from registry.policy import SharingPolicy


@dataclass(frozen=True, slots=True)
class Consumers:
    """Consumers and accounts by id; an account of one system alone under ``{account}@{system}`` too."""

    consumers: Mapping[str, Consumer]
    accounts: Mapping[str, Account]

    @classmethod
    def of(cls, accounts: Iterable[Account], consumers: Iterable[Consumer]) -> Consumers:
        """Index them."""
        return cls({each.id: each for each in consumers}, {each.id: each for each in accounts})


class RegistryIndex:
    """The registry at one version; every look-up takes microseconds."""

    __slots__ = ("_judge", "catalog", "consumers", "grants", "organization", "version")

    def __init__(
        self, version: int, parts: tuple[Organization, Catalog, Consumers, GrantTable], policy: SharingPolicy
    ) -> None:
        """Put the parts together."""
        self.version = version
        self.organization, self.catalog, self.consumers, self.grants = parts
        self._judge = Judge(self.organization, self.catalog, self.grants, policy)

    def account(self, account_id: str, system_id: str | None = None) -> Account | None:
        """The account of a name in logs; one registered for the system as ``{name}@{system}`` comes first."""
        accounts = self.consumers.accounts
        own = accounts.get(f"{account_id}@{system_id}") if system_id else None
        return own or accounts.get(account_id)

    def resource(self, resource_id: str) -> Resource | None:
        """The resource of an id."""
        return self.catalog.resources.get(resource_id)

    def api(self, method: str, path: str) -> Resource | None:
        """The resource behind an HTTP call; a literal path comes before a template."""
        return self.catalog.api(method, path)

    def table(self, database: str | None, schema: str | None, table: str) -> Resource | None:
        """The resource of a table; what is not known (None) may be anything that is unique."""
        return self.catalog.table(database, schema, table)

    def unit(self, unit_id: str) -> Unit | None:
        """The unit of an id."""
        return self.organization.units.get(unit_id)

    def unit_named(self, name: str) -> Unit | None:
        """The unit of a name, regardless of width, case and blanks; None when several have it."""
        return self.organization.unit_named(name)

    def system_of(self, address: str) -> System | None:
        """The system that an address belongs to."""
        return self.organization.system_of(address)

    def system_called(self, name: str) -> System | None:
        """The system of a name in logs: of a host, a cloud account or a collection source."""
        return self.organization.system_called(name)

    def zone(self, address: str) -> str | None:
        """The zone of an address; None for what is no address."""
        return self.organization.zone(address)

    def trust(self, zone: str) -> int | None:
        """How far a zone is trusted, higher being more; None for an unknown zone."""
        return self.organization.trust(zone)

    def grant(self, grant_id: str) -> Grant | None:
        """The grant of an id."""
        return self.grants.get(grant_id)

    def judge(self, question: FlowQuestion) -> GrantJudgment:
        """Whether a flow is covered, by what, and if not, why (``registry.index.judging`` tells the order)."""
        return self._judge.judge(question)
