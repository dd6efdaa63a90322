"""``kill -9`` of every process of ours, again and again while logs come in: in the end each is there once."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress

import httpx
import pytest

from tests.fengsui.running import free_port
from tests.fengsui.stateful.site import FILES, LAST, SENT, Alerts, Site, lines_of, until
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.services, pytest.mark.fault, pytest.mark.timeout(900)]

PROCESSES = ("collect", "detection-worker", "detection-worker", "serve", "work")
MORE_KILLS = 3


def test_killing_every_process_at_random_loses_doubles_and_alerts_nothing_twice(
    site: Site, elasticsearch: str, calm: Alerts
) -> None:
    chance, port = random.Random(11), free_port()
    site.use_cluster(elasticsearch)
    site.environment |= {"FENGSUI_API__PORT": str(port)}
    running = [site.start(name) for name in PROCESSES]
    site.write_lines()
    victims = [*range(len(PROCESSES)), *chance.choices(range(len(PROCESSES)), k=MORE_KILLS)]
    chance.shuffle(victims)
    underway = 0
    for number, victim in enumerate(victims):
        due = SENT * number // (2 * len(victims))
        until(lambda due=due: site.delivered() >= due, site)
        time.sleep(chance.uniform(0, 0.5))
        underway += site.stored() < SENT - 1
        assert running[victim].poll() is None, site.said()
        running[victim].kill()
        running[victim].wait()
        running[victim] = site.start(PROCESSES[victim])
    assert underway
    until(lambda: site.stored() == SENT - 1, site)
    site.write_last_line()
    until(lambda: site.stored() == SENT, site)
    expected = Counter(line.rstrip("\n") for file in range(FILES) for line in lines_of(file))
    assert site.stored_lines() == expected + Counter([LAST.rstrip("\n")])
    until(lambda: site.alerts() == calm, site)
    until(lambda: _is_ready(port), site)
    assert site.start("audit verify").wait(PATIENCE_SECONDS) == 0, site.said()


def _is_ready(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
    return False
