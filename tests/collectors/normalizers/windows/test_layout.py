"""Moving the values of a document in one step gives what placing them one by one gives."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.windows import flat, layout, nxlog

_names = st.sampled_from(
    [
        "EventID", "Keywords", "Channel", "Hostname", "Computer", "Message", "Image", "ProcessID", "ExecutionProcessID",
        "ThreadID", "EventType", "AccountName", "tags", "host", "@timestamp", "Level", "RecordNumber", "Data", "A.B",
        "A",
    ]
)  # fmt: skip
_values = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**63 - 1), st.floats(allow_nan=False), st.text(max_size=5),
    st.sampled_from(["INFO", "4688", "-1"]), st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["B", "C"]), st.integers(-9, 9) | st.text(max_size=2), max_size=2),
)  # fmt: skip
_documents = st.dictionaries(_names, _values, max_size=12)


@pytest.mark.parametrize("dialect", [flat, nxlog])
@given(documents=st.lists(_documents, min_size=1, max_size=4))
def test_the_layout_changes_nothing_but_the_order(dialect: ModuleType, documents: list[dict[str, Any]]) -> None:
    for document in documents:
        at_once: dict[str, Any] = {}
        one_by_one: dict[str, Any] = {}
        dialect._LAYOUTS.put(at_once, document)
        for name, value in document.items():
            dialect._place(one_by_one, name, value)
        assert _without_none(at_once) == _without_none(one_by_one)


def test_layouts_are_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_REMEMBERED", 20)
    layouts = layout.Layouts(lambda name, _: name, lambda _name, _kind: None, flat._place)
    for number in range(100):
        event: dict[str, Any] = {}
        layouts.put(event, {f"a{number}": "x", "b": "y"})
        assert event == {f"a{number}": "x", "b": "y"}
    assert len(layouts._known) <= 20


def _without_none(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if value is not None}
