"""How long indexes stay and where they lie: days that are dropped, implausible times thinned, tiers."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import structlog
from elasticsearch import ApiError, NotFoundError

from store.elasticsearch.catalog import Catalog
from store.elasticsearch.cluster import look_at
from store.elasticsearch.columns import RECEIVED
from store.elasticsearch.connection import Connection, reason_of, root_cause
from store.elasticsearch.inventory import Inventory
from store.elasticsearch.settings import ElasticsearchSettings
from store.event_store import DayInfo
from store.placement import IndexKey
from store.retention import StoragePolicy

_log = structlog.get_logger(__name__)


class Keeper:
    """Drops what a policy no longer keeps, and moves what is old."""

    def __init__(
        self, connection: Connection, catalog: Catalog, inventory: Inventory, settings: ElasticsearchSettings
    ) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self._catalog = catalog
        self._inventory = inventory
        self._tiers = {"warm": settings.warm_after_days, "cold": settings.cold_after_days}

    def drop_expired(self, policy: StoragePolicy, today: date) -> list[DayInfo]:
        """Drop the days that their class no longer keeps, those that don't answer as well; returns what was dropped."""
        dropped = []
        for info in self._inventory.days():
            key = IndexKey(info.retention_class, info.day)
            if key.day is None and info.incomplete:
                _log.warning("index not thinned", index=self._catalog.names.name(key), reason=info.incomplete)
            elif key.day is None:
                dropped.extend(self._thin_implausible(key, policy, today))
            elif policy.expired(key.retention_class, key.day, today):
                self._drop(key)
                dropped.append(info)
        return dropped

    def move_to_tiers(self, today: date) -> None:
        """Send indexes to the tier of their age, where the cluster has such nodes."""
        if not any(self._tiers.values()):
            return
        tiers = look_at(self._connection.client).tiers
        for key in self._catalog.held():
            tier = self._tier_of(key, today)
            if tier in tiers:
                setting, value = tiers[tier]
                self._allocate(self._catalog.names.name(key), setting, value)

    def _tier_of(self, key: IndexKey, today: date) -> str:
        age = (today - key.day).days if key.day else 0
        due = [tier for tier, after in self._tiers.items() if after is not None and age >= after]
        return due[-1] if due else "hot"

    def _allocate(self, name: str, setting: str, value: str) -> None:
        try:
            held = self._connection.client.indices.get_settings(index=name, name=setting, flat_settings=True)
            if held[name]["settings"].get(setting) != value:
                self._connection.client.indices.put_settings(index=name, settings={setting: value})
        except NotFoundError:
            return
        except ApiError as error:
            _log.warning("index not moved to its tier", index=name, reason=reason_of(root_cause(error)))

    def _drop(self, key: IndexKey) -> None:
        with suppress(NotFoundError):  # another process of ours was first
            self._connection.client.indices.delete(index=self._catalog.names.name(key))
        self._catalog.forget(key)

    def _thin_implausible(self, key: IndexKey, policy: StoragePolicy, today: date) -> list[DayInfo]:
        """Delete what was stored longer ago than its class keeps."""
        kept = policy.days.get(key.retention_class)
        if kept is None:
            return []
        before = (today - timedelta(days=kept)).isoformat()
        answer = self._connection.client.delete_by_query(
            index=self._catalog.names.name(key),
            query={"range": {RECEIVED: {"lt": before}}},
            conflicts="proceed",
            refresh=True,
            ignore_unavailable=True,
        )
        number = int(answer["deleted"])
        return [DayInfo(key.retention_class, None, number, 0)] if number else []
