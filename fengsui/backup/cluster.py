"""Events of an Elasticsearch cluster in a backup: a snapshot in a repository that the cluster keeps."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from elasticsearch import NotFoundError

from fengsui.backup.errors import BackupError, BackupRefusedError
from fengsui.backup.manifest import ClusterSnapshot
from fengsui.output import say
from fengsui.settings import Settings
from store import ElasticsearchSettings
from store.elasticsearch.connection import Connection

_POLL_SECONDS = 1.0
_DELETE_SECONDS = 3600
_UNDERWAY = frozenset({"IN_PROGRESS", "STARTED", "INIT"})


def snapshot_events(settings: Settings, name: str) -> tuple[ClusterSnapshot | None, int]:
    """Have the cluster take a snapshot of its events; returns it with their number, (None, 0) without a repository.

    Raises:
        BackupError: the snapshot is not whole.
        StoreError: the cluster doesn't answer, or there is no such repository.
    """
    store, repository = _store(settings), settings.backup.repository
    if repository is None:
        say("events: in Elasticsearch, NOT in this backup; set backup.repository to one of its snapshot repositories")
        return None, 0
    connection, name = Connection(store), name.lower()  # as the cluster demands
    with connection.telling():
        client = connection.client
        pattern = f"{store.index_prefix}*"
        client.indices.refresh(index=pattern)
        client.snapshot.create(repository=repository, snapshot=name, indices=pattern, include_global_state=False)
        taken = _await(client, repository, name)
        events = int(client.count(index=pattern)["count"])
    if taken["state"] != "SUCCESS":
        raise BackupError(f"{connection.where}: {name} is {taken['state']}; look at the repository {repository}")
    return ClusterSnapshot(repository=repository, snapshot=name, indexes=len(taken["indices"])), events


def delete_snapshots(settings: Settings, snapshots: Iterable[tuple[str, str]]) -> None:
    """Have the cluster delete snapshots, each named with its repository; what is gone already is as good.

    Raises:
        StoreError: the cluster doesn't answer, or its user may not.
    """
    connection = Connection(_store(settings))
    with connection.telling():
        client = connection.client.options(request_timeout=_DELETE_SECONDS)
        for repository, name in snapshots:
            with suppress(NotFoundError):
                client.snapshot.delete(repository=repository, snapshot=name)


def check_snapshot(settings: Settings, snapshot: ClusterSnapshot) -> None:
    """See that the cluster holds the snapshot, and no events that it would have to overwrite.

    Raises:
        BackupRefusedError: the snapshot is gone or not whole, or there are events.
        StoreError: the cluster doesn't answer.
    """
    store = _store(settings)
    connection = Connection(store)
    with connection.telling():
        client = connection.client
        found = client.snapshot.get(repository=snapshot.repository, snapshot=snapshot.snapshot, ignore_unavailable=True)
        held = client.indices.get(index=f"{store.index_prefix}*", features="settings")
    states = [each["state"] for each in found["snapshots"]]
    if states != ["SUCCESS"]:
        raise BackupRefusedError(f"{connection.where}: {snapshot.repository} holds no whole {snapshot.snapshot}")
    if held.body:
        raise BackupRefusedError(
            f"{connection.where}: there are {len(held.body)} indexes {store.index_prefix}*; delete them, or set "
            "another store.index_prefix"
        )


def restore_snapshot(settings: Settings, snapshot: ClusterSnapshot) -> int:
    """Have the cluster put the snapshot's indexes back; returns the number of events in them.

    Raises:
        StoreError: the cluster refuses.
    """
    store = _store(settings)
    connection = Connection(store)
    pattern = f"{store.index_prefix}*"
    with connection.telling():
        client = connection.client.options(request_timeout=24 * 3600)
        client.snapshot.restore(
            repository=snapshot.repository,
            snapshot=snapshot.snapshot,
            indices=pattern,
            include_global_state=False,
            wait_for_completion=True,
        )
        return int(client.count(index=pattern)["count"])


def _store(settings: Settings) -> ElasticsearchSettings:
    if settings.store is None:
        raise BackupRefusedError("the backup's events are in an Elasticsearch cluster; name its hosts under [store]")
    return settings.store


def _await(client: Any, repository: str, name: str) -> Any:  # noqa: ANN401 (the client's own)
    while True:
        [taken] = client.snapshot.get(repository=repository, snapshot=name)["snapshots"]
        if taken["state"] not in _UNDERWAY:
            return taken
        time.sleep(_POLL_SECONDS)
