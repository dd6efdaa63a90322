from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import event_id, field_table, flatten
from events.event import MAX_DEPTH, NestingError

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
documents = st.dictionaries(st.text("abc", min_size=1, max_size=2), scalars, max_size=4)


def test_nested_names_become_dotted_and_lists_keep_their_order() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": None}}, "l": [1, "x"], "m": [{"k": 1}, {"k": 2, "n": [3, 4]}]}) == {
        "a.b": 1,
        "a.c.d": None,
        "l": [1, "x"],
        "m.k": [1, 2],
        "m.n": [3, 4],
    }


def test_a_prefix_stands_before_every_name_and_empty_containers_vanish() -> None:
    assert flatten({"b": 1, "e": {}, "l": []}, "aws.cloudtrail.") == {"aws.cloudtrail.b": 1}


def test_two_spellings_of_one_name_keep_both_values() -> None:
    assert flatten({"a": {"b": 1}, "a.b": 2}) == {"a.b": [1, 2]}


@given(
    st.recursive(documents, lambda inner: st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner, max_size=3))
)
def test_no_scalar_of_a_document_is_lost(document: dict[str, object]) -> None:
    def count(node: object) -> int:
        return sum(map(count, node.values())) if isinstance(node, dict) else 1

    event = flatten(document)
    assert sum(len(value) if isinstance(value, list) else 1 for value in event.values()) == count(document)


def test_nesting_beyond_any_honest_log_is_refused() -> None:
    document: dict[str, object] = {"leaf": 1}
    for _ in range(MAX_DEPTH * 2):
        document = {"a": document}
    with pytest.raises(NestingError, match="nested more than"):
        flatten(document)
    deep: list[object] = []
    for _ in range(MAX_DEPTH * 2):
        deep = [deep]
    with pytest.raises(NestingError):
        flatten({"a": deep})


@given(st.text(max_size=20), st.integers(0, 2**70), st.binary(max_size=50))
def test_an_event_id_is_the_same_on_replay_and_differs_by_each_part(source: str, position: int, raw: bytes) -> None:
    identity = event_id(source, position, raw)
    others = {event_id(source + "x", position, raw), event_id(source, position + 1, raw)}
    assert identity == event_id(source, position, raw)
    assert len(identity) == 32
    assert len(others | {identity, event_id(source, position, raw + b"x")}) == 4


def test_the_field_table_knows_each_name_once() -> None:
    types = field_table().types
    assert types["@timestamp"] == "date"
    assert types["source.ip"] == "ip"
    assert types["winlog.event_data.CommandLine"] == "keyword"
    assert field_table().type_of("nobody.knows.this") is None
