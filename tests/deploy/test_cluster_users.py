"""The user that the containers' Fengsui signs in as may do what it needs, and no more; backups have a place."""

from __future__ import annotations

import importlib.util
from contextlib import closing
from pathlib import Path

import pytest
from elasticsearch import AuthorizationException

from events import format_timestamp, now_ms
from store import ElasticsearchSettings, open_event_store
from store.elasticsearch.installation import install
from tests.servers.client import patient_client
from tests.servers.elasticsearch import ElasticsearchCluster

PREFIX = "fengsui-users"


@pytest.mark.services
def test_the_user_of_the_containers_can_install_write_and_drop_but_not_administer(
    secured_elasticsearch: ElasticsearchCluster, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [url], authority = secured_elasticsearch.urls, str(secured_elasticsearch.authority)
    administrator = patient_client(url, basic_auth=("admin", secured_elasticsearch.users["admin"]), ca_certs=authority)
    administrator.security.change_password(username="elastic", password="of the superuser")
    for name in ("elastic", "elasticsearch", "kibana_system"):
        password = "of the superuser" if name == "elastic" else f"of {name} 1234"
        (tmp_path / f"{name}.password").write_text(password, encoding="ascii")
    store = ElasticsearchSettings(
        hosts=(url,),
        authorities=Path(authority),
        user="fengsui",
        password_file=tmp_path / "elasticsearch.password",
        index_prefix=PREFIX,
        replicas=0,
    )
    monkeypatch.setenv("FENGSUI_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("FENGSUI_STORE", store.model_dump_json())
    spec = importlib.util.spec_from_file_location("cluster_users", project / "deploy/compose/cluster_users.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.main([str(tmp_path)]) == 0
    assert administrator.snapshot.get_repository(name="fengsui")["fengsui"]["type"] == "fs"
    install(store)
    with closing(open_event_store(store, "write")) as opened:
        written = opened.write([{"event.id": "u1", "@timestamp": format_timestamp(now_ms()), "message": "m"}])
        assert written.created == 1
    own = patient_client(url, basic_auth=("fengsui", "of elasticsearch 1234"), ca_certs=authority)
    for forbidden in (
        lambda: own.indices.create(index="others"),
        lambda: own.security.put_user(username="intruder", password="x" * 12, roles=["superuser"]),
    ):
        with pytest.raises(AuthorizationException):
            forbidden()
    own.snapshot.create(repository="fengsui", snapshot="own", indices=f"{PREFIX}*", wait_for_completion=True)
    own.snapshot.delete(repository="fengsui", snapshot="own")
    own.indices.delete(index=[*own.indices.get(index=f"{PREFIX}*")])
