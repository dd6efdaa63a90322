"""The data catalog's pages: filters, scoping, grade reasons, lineage, grants, recent flows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import City

SignedIn = Callable[..., httpx.Client]


def _ids(text: str) -> list[str]:
    return re.findall(r'data-href="/catalog/([^"]+)"', text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalog_and_a_resource_render_in_both_languages(data_city: City, sign_in: SignedIn, language: str) -> None:
    client = sign_in("officer")
    client.cookies.set("fengsui_language", language)
    listed = client.get("/catalog")
    assert listed.status_code == 200
    assert "population.resident" in _ids(listed.text)
    page = client.get("/catalog/population.resident")
    assert page.status_code == 200
    assert ("定级依据" if language == "zh" else "Why this grade") in page.text
    assert data_city.grant_id in page.text


def test_filters_narrow_and_pages_follow_each_other(data_city: City, sign_in: SignedIn) -> None:
    client = sign_in("officer")
    assert _ids(client.get("/catalog?text=population.resident&unit=&grade=&category=").text) == [
        "population.resident",
        "table.population.resident",
    ]
    everything, cursor = list[str](), "/catalog?limit=20"
    while cursor:
        text = client.get(cursor).text
        everything += _ids(text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        cursor = following[1].replace("&amp;", "&") + "&limit=20" if following else ""
    assert len(everything) == len(set(everything)) == data_city.resources
    of_category = _ids(client.get("/catalog?category=resident_id&limit=500").text)
    assert "table.population.resident" in of_category
    assert len(of_category) < data_city.resources
    graded = _ids(client.get("/catalog?grade=none&limit=500").text)
    assert "population.resident" not in graded
    assert set(_ids(client.get("/catalog?unit=lh-gaj&limit=500").text)) < set(everything)


def test_a_unit_sees_its_own_resources_alone(data_city: City, sign_in: SignedIn) -> None:
    housing = sign_in("housing")
    shown = _ids(housing.get("/catalog?limit=500").text)
    assert len(shown) < data_city.resources
    assert "population.resident" not in shown
    assert housing.get("/catalog/population.resident").status_code == 404
    assert sign_in("nobody").get("/catalog").status_code == 403


def test_a_resource_shows_who_took_it_and_how_much(sign_in: SignedIn) -> None:
    text = sign_in("police").get("/catalog/population.resident").text
    row = re.search(r"公积金.*?</tr>", text.partition('aria-labelledby="flows"')[2], re.DOTALL)
    assert row is not None
    assert re.findall(r'class="num">(?:<[^>]+>)*([\d,]+)', row[0]) == ["3", "1,200", "60", "1"]
