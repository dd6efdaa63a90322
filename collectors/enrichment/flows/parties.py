"""Who takes the data, and between which zones it goes."""

from __future__ import annotations

from typing import NamedTuple

from collectors.enrichment.flows.policy import FlowPolicy
from collectors.enrichment.flows.vocabulary import UNREGISTERED
from events import Event
from registry.index import Account, RegistryIndex

_DAY_MS = 86_400_000
_NOBODY: Event = {"fengsui.consumer.id": UNREGISTERED, "fengsui.consumer.kind": UNREGISTERED}


class Party(NamedTuple):
    """An account as registered, and what events say of it."""

    account: Account | None
    fields: Event


class Parties:
    """Looks accounts and zones up in one state of the registry; remembers what it found."""

    def __init__(self, index: RegistryIndex, policy: FlowPolicy) -> None:
        """Take the index."""
        self._index = index
        self._most = policy.remembered
        self._parties: dict[tuple[str | None, str | None], Party] = {}
        self._zones: dict[tuple[str | None, str | None], Event] = {}

    def party(self, name: str | None, system_id: str | None) -> Party:
        """The account of a name in logs; its fields are not to be changed."""
        key = (name, system_id)
        found = self._parties.get(key)
        if found is None:
            if len(self._parties) >= self._most:
                self._parties.clear()
            found = self._parties[key] = self._found(name, system_id)
        return found

    def zones(self, source: str | None, destination: str | None) -> Event:
        """The zones from which and to which data goes, and whether the second is trusted less.

        Args:
            source: the zone of the resource.
            destination: the address to which the data goes.
        """
        key = (source, destination)
        found = self._zones.get(key)
        if found is None:
            if len(self._zones) >= self._most:
                self._zones.clear()
            found = self._zones[key] = self._between(source, destination)
        return found

    def _found(self, name: str | None, system_id: str | None) -> Party:
        named: Event = {"fengsui.consumer.account": name} if name else {}
        account = self._index.account(name, system_id) if name else None
        if account is None:
            return Party(None, named | _NOBODY)
        consumer = account.consumer
        fields: Event = {
            "fengsui.consumer.account": account.id,
            "fengsui.consumer.id": consumer.id,
            "fengsui.consumer.kind": consumer.kind.value,
            "fengsui.consumer.unit": consumer.unit_id,
        }
        return Party(account, fields)

    def _between(self, source: str | None, address: str | None) -> Event:
        destination = self._index.zone(address) if address else None
        event: Event = {}
        if source:
            event["fengsui.zone.source"] = source
        if destination:
            event["fengsui.zone.destination"] = destination
        before = self._index.trust(source) if source else None
        after = self._index.trust(destination) if destination else None
        if before is not None and after is not None:
            event["fengsui.zone.direction"] = "lower" if after < before else "higher" if after > before else "same"
        return event


class LastUses:
    """When each account was last used: as registered, moved on by the flows that came by and are accounted for."""

    def __init__(self) -> None:
        """Start with what the registry says."""
        self._accounted: dict[str, int] = {}
        self._new: dict[str, int] = {}

    def idle_days(self, account: Account, at_ms: int) -> int | None:
        """How many whole days the account was unused before this moment; None where no use is known.

        A batch that is tried again is told the same: its own uses count only once they are accounted for.
        """
        last = max(account.last_used_ms or 0, self._accounted.get(account.id, 0))
        if at_ms > self._new.get(account.id, 0):
            self._new[account.id] = at_ms
        return max(0, at_ms - last) // _DAY_MS if last else None

    def new(self) -> dict[str, int]:
        """The uses not accounted for yet, in milliseconds by account."""
        return {name: at for name, at in self._new.items() if at > self._accounted.get(name, 0)}

    def account_for(self) -> None:
        """The uses so far are kept by the registry, or need not be."""
        self._accounted |= self.new()
        self._new.clear()
