"""The cluster is away for a while under running collectors: who pushes is heard, files wait, nothing is lost."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.fengsui.running import free_port
from tests.fengsui.stateful.site import FILES, SENT, START, Site, lay_out, line, lines_of, until
from tests.patience import PATIENCE_SECONDS
from tests.servers.cut_line import cut_line

pytestmark = [pytest.mark.services, pytest.mark.fault, pytest.mark.timeout(900)]

TOKEN = "of the gateway"
PUSHES, OF_A_PUSH = 30, 50
_PUSHED = f"""
[[sources]]
type = "http"
name = "gateway"
listen = "127.0.0.1:{{port}}"
timezone = "UTC"
token_sha256 = ["{hashlib.sha256(TOKEN.encode()).hexdigest()}"]
"""


def test_a_cluster_that_is_away_loses_nothing_and_keeps_no_sender_waiting(elasticsearch: str, tmp_path: Path) -> None:
    intake, figures = free_port(), free_port()
    site = Site(lay_out(tmp_path / "site"), {"FENGSUI_MONITORING__COLLECT_PORT": str(figures)})
    with (site.folder / "fengsui.toml").open("a", encoding="utf-8") as settings:
        settings.write(_PUSHED.format(port=intake))
    pushed = [
        "".join(
            line(50_000 + place, START + timedelta(seconds=place), "gateway")
            for place in range(first, first + OF_A_PUSH)
        )
        for first in range(0, PUSHES * OF_A_PUSH, OF_A_PUSH)
    ]
    with cut_line(elasticsearch) as cluster:
        try:
            site.use_cluster(cluster.url)
            running = site.start("collect")
            until(lambda: _push(intake, pushed[0]), site)
            until(lambda: site.stored() == OF_A_PUSH, site)
            cluster.down = True
            site.write_lines()
            assert all(_push(intake, body) for body in pushed[1:])
            until(lambda: _is_ready(figures) is False, site)
            assert _spooled(figures) > 0
            assert (site.delivered(), running.poll()) == (0, None)
            cluster.down = False
            until(lambda: site.delivered() > 0, site)
            cluster.down = True
            time.sleep(0.5)
            cluster.down = False
            until(lambda: site.stored() == SENT - 1 + PUSHES * OF_A_PUSH, site)
            sent = [*pushed, *("".join(lines_of(file)) for file in range(FILES))]
            assert site.stored_lines() == Counter(text for body in sent for text in body.splitlines())
            until(lambda: _is_ready(figures), site)
        finally:
            site.end()


def _push(port: int, body: str) -> bool:
    with suppress(httpx.TransportError):
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "text/plain"}
        address = f"http://127.0.0.1:{port}/intake/gateway"
        return httpx.post(address, content=body, headers=headers, timeout=PATIENCE_SECONDS).is_success
    return False


def _is_ready(port: int) -> bool | None:
    """Whether the collector says so; None where it says nothing."""
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE_SECONDS).is_success
    return None


def _spooled(port: int) -> float:
    """How many bytes of what was pushed wait on the collector's disk."""
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS).text
    [found] = re.findall(r'^fengsui_spool_bytes\{source="gateway"\} (\S+)', told, re.MULTILINE)
    return float(found)
