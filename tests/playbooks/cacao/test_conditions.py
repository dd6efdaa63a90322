"""Conditions compare and nothing else."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks import VariableError
from playbooks.cacao import parse_condition
from playbooks.cacao.variables import fill, fill_content, fill_target
from playbooks.errors import ConditionError

VALUES = {"__ip__": "10.1.2.3", "__n__": "9", "__s__": "it's", "__t__": "TRUE", "__none__": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__n__:value < 10", True),
        ("__n__:value < '10'", True),
        ("__s__:value = 'it\\'s'", True),
        ("__s__:value != 'it\\'s' OR __n__:value >= 9.0", True),
        ("NOT (__n__:value = 9 AND __t__:value = true)", False),
        ("[__ip__:value ISSUBSET '10.0.0.0/8']", True),
        ("__ip__:value NOT ISSUBSET '192.168.0.0/16'", True),
        ("'10.0.0.0/8' ISSUPERSET __ip__:value", True),
        ("__s__:value LIKE 'i_''s' OR __s__:value LIKE 'it%'", None),
        ("__s__:value LIKE 'i_%s'", True),
        ("__s__:value LIKE '*'", False),
        ("__ip__:value MATCHES '^10\\\\.'", True),
        ("__n__:value IN ('8', '9')", True),
        ("__n__:value NOT IN (8, 10)", True),
        ("__n__:value = 1 AND __n__:value = 1 OR __n__:value = 9", True),
    ],
)
def test_comparisons(text: str, expected: bool | None) -> None:  # noqa: FBT001 (a table's column)
    if expected is None:
        with pytest.raises(ConditionError):
            parse_condition(text)
    else:
        assert parse_condition(text)(VALUES) is expected


@pytest.mark.parametrize(
    "text", ["", "1", "__n__:value", "__n__:value = ", "a = 'b'", "(" * 99 + "1 = 1", "1 = 1 1", "__n__:value.x = 1"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(text)


def test_regular_expressions_have_a_time_limit() -> None:
    with pytest.raises(ConditionError, match="MATCHES"):
        parse_condition("__a__:value MATCHES '(a|aa|aaa)+$'")({"__a__": "a" * 60_000 + "b"})


def test_a_variable_without_value_is_told() -> None:
    for name in ("__none__", "__unknown__"):
        with pytest.raises(VariableError, match=name):
            parse_condition(f"{name}:value = 'x'")(VALUES)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        verdict = parse_condition(text)(VALUES)
    except (ConditionError, VariableError):
        return
    assert verdict in {True, False}


@given(st.text(max_size=40))
def test_values_stay_where_they_stand(value: str) -> None:
    known = {"__v__": value}
    assert json.loads(fill_content('{"a": "<__v__:value>"}', known)) == {"a": f"<{value}>"}
    try:
        target = fill_target("/x/__v__:value/y", known)
    except UnicodeEncodeError:
        return
    assert target.count("/") == 3
    assert unquote(target) == f"/x/{value}/y"


def test_a_value_that_looks_like_a_variable_stays_a_value() -> None:
    assert fill("__a__:value", {"__a__": "__b__:value", "__b__": "secret"}) == "__b__:value"
