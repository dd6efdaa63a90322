"""Who may reach the cluster: certificates, users, API keys, versions; each refusal says what to do."""

from __future__ import annotations

import hashlib
import re
import ssl
from contextlib import closing
from datetime import date
from pathlib import Path

import httpx
import pytest

from store import ElasticsearchSettings, StoreError, Window
from store.elasticsearch.condition import condition_of
from store.elasticsearch.connection import check_version
from store.elasticsearch.installation import install
from store.elasticsearch.store import ElasticsearchEventStore
from store.query import MatchAll
from tests.patience import PATIENCE_SECONDS
from tests.servers.client import patient_client
from tests.servers.elasticsearch import OLDER_RELEASE, ElasticsearchCluster, running_cluster
from tests.store.conftest import MakeEvent

PREFIX = "guarded"
WRITES = {"cluster": ["monitor"], "indices": [{"names": [f"{PREFIX}-*"], "privileges": ["read", "write", "manage"]}]}


def _secret(folder: Path, content: str) -> Path:
    file = folder / f"{hashlib.sha256(content.encode()).hexdigest()[:8]}.secret"
    file.write_text(f"{content}\n", encoding="ascii")
    return file


def _as(cluster: ElasticsearchCluster, user: str, folder: Path) -> ElasticsearchSettings:
    return ElasticsearchSettings(
        hosts=tuple(cluster.urls),
        authorities=cluster.authority,
        user=user,
        password_file=_secret(folder, cluster.users[user]),
        index_prefix=PREFIX,
    )


def test_users_and_keys_do_what_they_may_over_tls_and_no_more(
    secured_elasticsearch: ElasticsearchCluster, tmp_path: Path, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, events = secured_elasticsearch, [make_event(number) for number in range(30)]
    admin, reader = _as(cluster, "admin", tmp_path), _as(cluster, "reader", tmp_path)
    assert "security" not in " ".join(install(admin).lacks)
    sign_in = ("admin", cluster.users["admin"])
    with closing(patient_client(*cluster.urls, ca_certs=str(cluster.authority), basic_auth=sign_in)) as client:
        key = client.security.create_api_key(name="writer", role_descriptors={"writer": WRITES})["encoded"]
    by_key = ElasticsearchSettings(
        hosts=tuple(cluster.urls),
        fingerprint=_fingerprint(cluster),
        api_key_file=_secret(tmp_path, key),
        index_prefix=PREFIX,
    )
    with closing(ElasticsearchEventStore(by_key, "write")) as store:
        assert store.write(events).created == 30
        assert store.search(MatchAll(), Window()).total == sum(day.events for day in store.days()) == 30
    assert condition_of(by_key).broken == condition_of(admin).broken == []
    with pytest.raises(StoreError, match="don't allow this"):
        install(by_key)
    with closing(ElasticsearchEventStore(reader, "read")) as looking:
        assert looking.search(MatchAll(), Window()).total == 30
    with (
        closing(ElasticsearchEventStore(reader, "write")) as intruder,
        pytest.raises(StoreError, match="don't allow this"),
    ):
        intruder.write([make_event(99)])
    monkeypatch.setenv("FENGSUI_STORE_PASSWORD", "wrong")
    wrong = admin.model_copy(update={"password_file": None})
    with closing(ElasticsearchEventStore(wrong, "read")) as refused, pytest.raises(StoreError, match="credentials"):
        refused.days()
    with closing(ElasticsearchEventStore(admin, "read")) as store:
        assert store.search(MatchAll(), Window()).total == 30


def test_a_node_that_nobody_vouches_for_is_told_nothing(
    secured_elasticsearch: ElasticsearchCluster, tmp_path: Path
) -> None:
    trusting_others = _as(secured_elasticsearch, "reader", tmp_path).model_copy(update={"authorities": None})
    with (
        closing(ElasticsearchEventStore(trusting_others, "read")) as store,
        pytest.raises(StoreError, match="TlsError"),
    ):
        store.days()


def _fingerprint(cluster: ElasticsearchCluster) -> str:
    authority = cluster.authority.with_name("node.crt").read_text(encoding="ascii")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority)).hexdigest()


@pytest.mark.services
def test_a_cluster_of_the_major_before_is_named_and_left_as_it_is(make_event: MakeEvent) -> None:
    with running_cluster(1, release=OLDER_RELEASE) as cluster:
        settings = ElasticsearchSettings(hosts=tuple(cluster.urls))
        refusal = re.escape(f"{cluster.urls[0]}: Elasticsearch 8.19.13; this Fengsui speaks to 9, upgrade it to 9")
        with closing(ElasticsearchEventStore(settings, "read")) as reader, pytest.raises(StoreError, match=refusal):
            reader.days()
        with closing(ElasticsearchEventStore(settings)) as store:
            for refused in (
                lambda: store.write([make_event(1)]),
                lambda: store.search(MatchAll(), Window()),
                lambda: store.apply_retention(date(2026, 1, 1)),
                lambda: install(settings),
                lambda: condition_of(settings),
            ):
                with pytest.raises(StoreError, match=refusal):
                    refused()
        indexes, templates = (
            httpx.get(f"{cluster.urls[0]}/{path}", timeout=PATIENCE_SECONDS).json()
            for path in ("_resolve/index/*?expand_wildcards=all", "_component_template/fengsui*")
        )
        assert (indexes["indices"], templates["component_templates"]) == ([], [])


@pytest.mark.parametrize(("version", "advice"), [("8.19.13", "upgrade it to 9"), ("10.0.0", "newer Fengsui")])
def test_another_major_version_is_refused_with_what_to_do(version: str, advice: str) -> None:
    with pytest.raises(StoreError, match=advice):
        check_version("https://es:9200", version)


def test_a_cluster_that_is_down_is_told_as_such_and_only_when_asked(tmp_path: Path) -> None:
    nowhere = ElasticsearchSettings(hosts=("http://127.0.0.1:9",))
    with closing(ElasticsearchEventStore(nowhere, "write")) as store, pytest.raises(StoreError, match="no node"):
        store.search(MatchAll(), Window())
    missing = ElasticsearchSettings(hosts=("http://127.0.0.1:9",), api_key_file=tmp_path / "none")
    with pytest.raises(StoreError, match="give this user the file"):
        ElasticsearchEventStore(missing, "read")


@pytest.mark.parametrize("hosts", [(), ("ftp://x",), ("https://name:secret@es:9200",)])
def test_hosts_are_addresses_without_credentials(hosts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="hosts"):
        ElasticsearchSettings(hosts=hosts)
