"""The flow map and the alert page's flow: counts within the reader's units, grant and policy beside the alert."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import City

SignedIn = Callable[..., httpx.Client]


def _chart(client: httpx.Client, query: str = "") -> dict[str, Any]:
    found = re.search(r'data-flows="([^"]+)"', client.get(f"/flows{query}").text)
    return json.loads(html.unescape(found[1])) if found else {"nodes": [], "links": []}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_shows_units_resources_and_providers_by_grade(sign_in: SignedIn, language: str) -> None:
    client = sign_in("officer")
    client.cookies.set("fengsui_language", language)
    chart = _chart(client)
    labels = {node["name"]: node["label"] for node in chart["nodes"]}
    assert labels["c:lh-gjj"] == "岚湖市住房公积金中心"
    assert labels["c:unregistered"] == ("未登记" if language == "zh" else "Not registered")
    flows = {(link["source"], link["target"]): (link["value"], link["rank"]) for link in chart["links"]}
    assert flows["c:lh-gjj", "r:population.resident"] == (1200, 2)
    assert flows["r:population.resident", "p:lh-gaj"] == (1200, 2)
    assert flows["c:unregistered", "r:credit.score"] == (7, 2)
    counted = _chart(client, "?from=now-24h&to=&measure=flows&grade=")
    assert {link["value"] for link in counted["links"]} == {3, 1}
    assert _chart(client, "?grade=core")["links"] == []
    assert client.get("/flows?from=yesterday").status_code == 422


def test_a_unit_sees_what_it_takes_and_provides_alone(sign_in: SignedIn) -> None:
    housing, police = sign_in("housing"), sign_in("police")
    assert {link["source"] for link in _chart(housing)["links"]} == {"c:lh-gjj", "r:population.resident"}
    assert {link["source"] for link in _chart(police)["links"]} == {"c:lh-gjj", "r:population.resident"}
    assert sign_in("nobody").get("/flows").status_code == 403


def _rows(client: httpx.Client, query: str) -> list[str]:
    """The flows that a list shows, their texts."""
    body = client.get(f"/flows/list{query}").text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("", ["授权有效", "授权有效", "超出字段范围", "无授权"]),
        ("?unit=lh-gjj&status=uncovered", ["超出字段范围"]),
        ("?unit=unregistered", ["无授权"]),
        ("?party=lh-gaj&status=valid", ["授权有效", "授权有效"]),
        (
            "?grant=G-2026-0031&consumer=con-gjj&account=app-gjj&grade=general_3",
            ["授权有效", "授权有效", "超出字段范围"],
        ),
        ("?resource=credit.score", ["无授权"]),
        ("?grade=ungraded", []),
    ],
)
def test_flows_are_listed_one_by_one(sign_in: SignedIn, query: str, statuses: list[str]) -> None:
    rows = _rows(sign_in("officer"), query)
    assert [status for row, status in zip(rows, statuses, strict=True) if status not in row] == []


def test_a_flow_leads_to_its_grant_resource_and_consumer_and_the_map_to_it(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    page = officer.get("/flows/list?grant=G-2026-0031").text
    for path in ("/grants/G-2026-0031", "/catalog/population.resident", "/consumers/con-gjj", "/units/lh-gaj"):
        assert f'href="{path}"' in page, path
    assert "11010519491231002X" not in page
    chart = html.unescape(officer.get("/flows?status=uncovered&party=lh-gjj").text)
    assert "/flows/list?from=now-7d&unit=lh-gjj&resource=population.resident&grade=general_3&status=uncovered" in chart
    assert _rows(sign_in("housing"), "?unit=unregistered") == [], "another's flows are not its to see"
    assert sign_in("nobody").get("/flows/list").status_code == 403


@pytest.mark.parametrize("name", ["officer", "analyst"])
def test_an_alert_shows_the_flow_beside_its_grant(data_city: City, sign_in: SignedIn, name: str) -> None:
    text = sign_in(name).get(f"/alerts/{data_city.alert_id}").text
    panel = text.partition('aria-labelledby="flow"')[2].partition("</section>")[0]
    assert "超出字段范围" in panel
    assert f'href="/grants/{data_city.grant_id}"' in panel
    assert ("营销分析" in panel, "公积金提取核验" in panel) == (True, True)
    beyond = re.findall(r'<tr class="matched"><td class="mono">(\w+)', panel)
    assert beyond == ["mobile"]
    assert "11010519491231002X" not in panel


def test_other_alerts_show_no_flow(data_city: City, sign_in: SignedIn) -> None:
    client = sign_in()
    others = [each["id"] for each in client.get("/api/v1/alerts").json()["alerts"] if each["id"] != data_city.alert_id]
    assert 'aria-labelledby="flow"' not in client.get(f"/alerts/{others[0]}").text
