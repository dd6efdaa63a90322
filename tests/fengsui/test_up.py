"""Everything in one process tree, with the sample city, as ``make run`` starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from fengsui.allocator import in_use, preloading
from tests.fengsui.running import Running, free_port
from tests.patience import PATIENCE_SECONDS, until


@pytest.fixture
def up(started: Callable[..., Running], figures_port: int) -> Running:
    return started("--demo", FENGSUI_MONITORING__COLLECT_PORT=str(figures_port))


@pytest.fixture
def figures_port() -> int:
    return free_port()


@pytest.mark.fault
def test_the_sample_city_shows_alerts_survives_a_killed_collector_and_ends_in_good_order(
    up: Running, figures_port: int
) -> None:
    with closing(up.sign_in()) as client:

        def alerts() -> dict[str, int]:
            found = client.get("/api/v1/alerts", params={"limit": 100}).json()["alerts"]
            return {alert["id"]: alert["count"] for alert in found}

        def counted() -> int:
            return sum(source["events"] for source in client.get("/api/v1/sources").json())

        def settled() -> bool:
            """All has come in, and nothing more came in for a while."""
            found = (counted(), alerts())
            time.sleep(2)
            return found[0] > 9_000 and found == (counted(), alerts())

        until(settled)
        before = alerts()
        assert before
        maps = Path(f"/proc/{up.children()['collect']}/maps").read_text(encoding="utf-8")
        assert ("libjemalloc" in maps) == (bool(preloading()) or in_use())
        assert _figure(httpx.get(f"http://127.0.0.1:{figures_port}/metrics").text, "fengsui_events_total") > 9_000
        assert httpx.get(f"http://127.0.0.1:{figures_port}/readyz").json()["sources"] == "ok"
        key = client.post("/api/v1/api-keys", json={"name": "prometheus", "scopes": ["metrics:read"]}).json()["secret"]
        figures = httpx.get(f"{up.address}metrics", headers={"Authorization": f"Bearer {key}"}).text
        assert _figure(figures, "fengsui_alerts") >= len(before)
        assert _figure(figures, "fengsui_store_events") > 9_000
        os.kill(up.children()["collect"], signal.SIGKILL)
        up.said("collect ended with status -9; starting it again")
        until(lambda: "collect" in up.children())
        until(settled)
        # A correlation tells of an event two minutes after it came: more may come meanwhile, never less, nothing twice.
        until(lambda: {id_: held_events(client, id_) for id_ in before}.items() <= alerts().items())
        assert all(alerts()[id_] >= count for id_, count in before.items())
        assert client.get("/api/v1/sessions/me").status_code == 200
        a_reset_ends_the_sessions(up, client)
    up.process.terminate()
    assert up.process.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in up.log.read_text(encoding="utf-8")


def held_events(client: httpx.Client, alert_id: str) -> int:
    """How many events of an alert the event store holds, each counted once."""
    found, more = list[str](), {"limit": "200"}
    while more:
        page = client.get(f"/api/v1/alerts/{alert_id}/events", params=more).json()
        found += [event["event.id"] for event in page["events"]]
        more = {**more, "cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert len(set(found)) == len(found)
    return len(found)


def a_reset_ends_the_sessions(up: Running, client: httpx.Client) -> None:
    renewed = subprocess.run(
        [sys.executable, "-m", "fengsui", "accounts", "reset-password", "admin", "--data-dir", "data"],
        cwd=up.log.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    assert client.get("/api/v1/sessions/me").status_code == 401
    password = renewed.stderr.split()[2]
    answer = client.post("/api/v1/sessions", json={"name": "admin", "password": password})
    assert answer.status_code == 201


@pytest.mark.fault
def test_the_children_of_a_killed_parent_end_too(started: Callable[..., Running]) -> None:
    up = started()
    up.said("Ctrl-C")
    children = up.children()
    assert set(children) == {"collect", "serve", "work"}
    up.process.kill()
    up.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()))


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "fengsui", "up", "--data-dir", "data", "--port", str(port)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "data").exists()


def _figure(exposition: str, name: str) -> float:
    """The sum of a figure over its labels."""
    lines = [line for line in exposition.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    return sum(float(line.rpartition(" ")[2]) for line in lines)
