"""What a cluster can't tell in full, the API and the log search say, and show what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from events import Event, format_timestamp
from store.elasticsearch.store import ElasticsearchEventStore
from tests.servers.client import patient_client
from tests.store.elasticsearch.installations import installation

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
FIRST_DAY = "2023-11-14T22:13:20.000Z"
SECOND_DAY_MS = 1_700_086_400_000
WORDS = {
    "zh": ("结果不完整", "无法统计时间分布", "没有符合条件的日志"),
    "en": ("The answer is partial", "The chart and the frequent values are unknown", "No events match"),
}
COUNT = {"aggregations": {"kinds": {"terms": {"field": "event.dataset"}}}}


def _event(number: int, moment: str) -> Event:
    return {"@timestamp": moment, "event.id": f"{number:032x}", "event.dataset": "test.log", "message": "m"}


@pytest.fixture
def closed_day(elasticsearch: str, site: Site) -> Iterator[str]:
    """The application over a cluster of two days, of which one is closed; its name."""
    days = (FIRST_DAY, format_timestamp(SECOND_DAY_MS))
    with (
        installation(elasticsearch) as settings,
        closing(ElasticsearchEventStore(settings)) as store,
        closing(patient_client(elasticsearch)) as client,
    ):
        assert store.write([_event(number, days[number % 2]) for number in range(80)]).created == 80
        assert site.application is not None
        state = site.application.state
        state.dependencies = replace(state.dependencies, events=store)
        name = f"{settings.index_prefix}-standard-2023.11.15"
        client.indices.close(index=name)
        yield name


def test_the_api_says_what_it_could_not_see(closed_day: str, sign_in: SignedIn) -> None:
    client = sign_in()
    first = client.get("/api/v1/events", params={"limit": 30}).json()
    second = client.get("/api/v1/events", params={"limit": 30, "cursor": first["next_cursor"]}).json()
    assert [len(page["events"]) for page in (first, second)] == [30, 10]
    for page in (first, second):
        assert f"{closed_day} is closed" in page["incomplete"]
        assert (page["total"], page["total_is_exact"]) == (40, False)
    refused = client.post("/api/v1/events:aggregate", json=COUNT)
    assert (refused.status_code, refused.json()["code"]) == (503, "event_store_unavailable")
    assert "figures would be too low" in refused.json()["detail"]
    assert client.get(f"/api/v1/events/{1:032x}").status_code == 503  # it may be there: no "not found"
    whole = client.get("/api/v1/events", params={"to": "2023-11-15T00:00:00Z"}).json()
    assert (whole["total"], whole["total_is_exact"], whole["incomplete"]) == (40, True, None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_log_search_shows_what_there_is_and_says_what_is_missing(
    closed_day: str, sign_in: SignedIn, language: str
) -> None:
    partial, no_figures, nothing = WORDS[language]
    client = sign_in()
    client.cookies.set("fengsui_language", language)
    page = client.get("/search", params={"from": ""})
    assert page.status_code == 200
    assert page.text.count('<details class="event"') == 40
    assert "≥ 40" in page.text
    for told in (partial, no_figures, f"{closed_day} is closed"):
        assert told in page.text
    empty = client.get("/search", params={"from": "2023-11-15T12:00:00Z"}).text
    assert partial in empty
    assert nothing not in empty
    whole = client.get("/search", params={"from": "", "to": "2023-11-15T00:00:00Z"}).text
    assert partial not in whole
    assert no_figures not in whole
