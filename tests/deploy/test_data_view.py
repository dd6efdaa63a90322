"""Kibana is asked for a data view of the indexes that the event store makes, over TLS and as the superuser."""

from __future__ import annotations

import base64
import importlib.util
import json
import ssl
import threading
from collections.abc import Iterator
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import httpx
import pytest

from store import ElasticsearchSettings
from store.elasticsearch.names import IndexNames

PASSWORD = "of the superuser"


class _Kibana(BaseHTTPRequestHandler):
    """Takes data views as Kibana's interface says: from whoever signs in and names the header against forgery."""

    views: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["content-length"])))
        signed_in = "Basic " + base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
        known = self.headers["authorization"] == signed_in and self.headers["kbn-xsrf"]
        fitting = self.path == "/api/data_views/data_view" and content.get("override") is True
        if known and fitting:
            self.views.append(content["data_view"])
        self.send_response(401 if not known else 200 if fitting else 400)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def kibana(certificates: ModuleType, tmp_path: Path) -> Iterator[str]:
    assert certificates.main([str(tmp_path), "kibana"]) == 0
    own = tmp_path / "kibana"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own / "kibana.crt", own / "kibana.key")
    server = HTTPServer(("127.0.0.1", 0), _Kibana)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_view_shows_every_index_by_the_events_own_time(kibana: str, project: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("data_view", project / "deploy/compose/data_view.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    credentials = tmp_path / "kibana"
    (credentials / "elastic.password").write_text("another", encoding="ascii")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        module.main([kibana, str(credentials)])
    (credentials / "elastic.password").write_text(f"{PASSWORD}\n", encoding="ascii")
    assert [module.main([kibana, str(credentials)]) for _again in range(2)] == [0, 0]
    assert len(_Kibana.views) == 2
    view = _Kibana.views[0]
    assert view["timeFieldName"] == "@timestamp"
    names = IndexNames(ElasticsearchSettings(hosts=("https://es:9200",)).index_prefix)
    assert view["title"] == names.pattern
    assert fnmatchcase("fengsui-events-standard-2026.01.31", str(view["title"]))
