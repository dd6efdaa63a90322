"""Which template a path belongs to, against a naive matcher."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.index.paths import PathTable, template_shape

_segment = st.sampled_from(["v1", "persons", "{id}", "{name}", "units", "7"])
_template = st.lists(_segment, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
_method = st.sampled_from(["", "GET", "POST"])
_path = st.lists(st.sampled_from(["v1", "persons", "units", "7", "张三"]), max_size=5).map(lambda p: "/" + "/".join(p))


def _fits(template: str, path: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
    return re.fullmatch(pattern, path) is not None


def _rank(method: str, template: str) -> tuple[bool, list[bool]]:
    return (method == "", [segment.startswith("{") for segment in template.split("/")])


@given(st.lists(st.tuples(_method, _template), max_size=12), st.sampled_from(["GET", "POST", "PUT"]), _path)
def test_the_most_literal_template_of_the_method_wins(templates: list[tuple[str, str]], method: str, path: str) -> None:
    table: PathTable[tuple[str, str]] = PathTable()
    for each in templates:
        table.add(*each, each)
    fitting = [each for each in templates if each[0] in {"", method} and _fits(each[1], path)]
    best = min(fitting, key=lambda each: _rank(*each), default=None)
    found = table.find(method, path)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert _rank(*found) == _rank(*best)
        assert found in fitting


def test_one_call_written_in_several_ways_is_one_call() -> None:
    table: PathTable[str] = PathTable()
    table.add("GET", "/v1/persons/{id}", "person")
    table.add("GET", "/v1/persons/all", "everyone")
    written = (
        "/v1/persons/7",
        "/v1//persons/7/",
        "/v1/./persons/7?fields=name",
        "/v1/units/../persons/7",
        "/v1/%70ersons/7",
    )
    assert {table.find("get", path) for path in written} == {"person"}
    assert table.find("GET", "/v1/persons/%61ll") == "everyone"
    assert table.find("GET", "/v1/persons/7/8") is None
    assert table.find("POST", "/v1/persons/7") is None
    assert table.find("GET", "/v1/persons/a%2Fb") == "person"


@pytest.mark.parametrize("template", ["v1/persons", "/v1/{id", "/v1/p-{id}", "/v1/persons?id={id}", "/v1/{}"])
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="as in /v1/persons"):
        template_shape(template)


@given(st.text(max_size=60))
def test_no_path_crashes(path: str) -> None:
    table: PathTable[str] = PathTable()
    table.add("", "/{a}/{b}", "two")
    assert table.find("GET", path) in {None, "two"}
