"""Gives Fengsui and Kibana their users in the cluster, and backups a place: Fengsui may do no more than it needs to.

Usage: cluster_users.py CREDENTIALS

Reaches the cluster by the section ``[store]`` of the settings, as ``elastic`` with CREDENTIALS/elastic.password, and
sets the users' passwords to those in CREDENTIALS. May be run again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from elasticsearch import Elasticsearch

from fengsui.settings import load_settings
from store import ElasticsearchSettings

REPOSITORY = "fengsui"
_PATIENCE_SECONDS = 120
CLUSTER_PRIVILEGES = (
    "monitor",
    "manage_index_templates",
    "manage_ilm",
    "create_snapshot",
    "cluster:admin/snapshot/delete",
)
"""To look at the cluster, keep its templates and tiers, make backups and remove old ones."""


def main(arguments: list[str]) -> int:
    """Set users and roles; returns the exit status."""
    settings = load_settings().store
    if len(arguments) != 1 or settings is None:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    credentials = Path(arguments[0])
    client = _client(settings, _read(credentials, "elastic"))
    indexes = [{"names": [f"{settings.index_prefix}*"], "privileges": ["all"]}]
    client.security.put_role(name=settings.user, cluster=list(CLUSTER_PRIVILEGES), indices=indexes)
    client.security.put_user(
        username=settings.user, password=_read(credentials, "elasticsearch"), roles=[settings.user]
    )
    _register_snapshots(client)
    client.security.change_password(username="kibana_system", password=_read(credentials, "kibana_system"))
    return 0


def _client(settings: ElasticsearchSettings, password: str) -> Elasticsearch:
    hosts, superuser = list(settings.hosts), ("elastic", password)
    if settings.authorities is None:
        return Elasticsearch(hosts, basic_auth=superuser, request_timeout=_PATIENCE_SECONDS)
    authorities = str(settings.authorities)
    return Elasticsearch(hosts, basic_auth=superuser, ca_certs=authorities, request_timeout=_PATIENCE_SECONDS)


def _register_snapshots(client: Elasticsearch) -> None:
    """Where the nodes have a folder for snapshots, the repository that the settings of backups name."""
    nodes = client.nodes.info()["nodes"].values()
    if all("repo" in node["settings"]["path"] for node in nodes):
        place = {"type": "fs", "settings": {"location": REPOSITORY, "compress": True}}
        client.snapshot.create_repository(name=REPOSITORY, repository=place)


def _read(folder: Path, name: str) -> str:
    return (folder / f"{name}.password").read_text(encoding="ascii").strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
