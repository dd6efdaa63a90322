"""Playbooks are read, checked with place and reason, and hold against the standard's own schemas and examples."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from playbooks import InvalidPlaybookError
from playbooks.cacao import EXTENSION_ID, load_playbook
from playbooks.library import shipped_playbooks
from playbooks.triggers import response_policies
from tests.playbooks.conftest import http_step, own_step, playbook, step, target

A, END = step("action", 2), step("end", 9)


def _document() -> dict[str, Any]:
    return playbook(1, {A: http_step("GET / HTTP/1.1", END)}, target_definitions=target(80))


def _places(document: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidPlaybookError) as refused:
        load_playbook(json.dumps(document))
    return [problem.place for problem in refused.value.problems]


def test_json_and_yaml_are_the_same_playbook() -> None:
    document = _document()
    assert load_playbook(json.dumps(document)).digest == load_playbook(yaml.safe_dump(document)).digest


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda document: document.pop("name"), "name"),
        (lambda document: document.update(spec_version="cacao-1.1"), "spec_version"),
        (lambda document: document.update(unheard_of=1), "unheard_of"),
        (lambda document: document.update(workflow_start=A), "workflow_start"),
        (lambda document: document["workflow"][A].update(on_completion=step("end", 7)), f"workflow.{A}.on_completion"),
        (lambda document: document["workflow"][A].update(agent="nobody"), f"workflow.{A}.agent"),
        (lambda document: document["workflow"][A].update(type="end"), f"workflow.{A}.end"),
        (lambda document: document["workflow"][A].update(on_completion=A), f"workflow.{A}"),
        (
            lambda document: document["workflow"][A].update(step_extensions={EXTENSION_ID: {"retry": {"attempts": 0}}}),
            f"workflow.{A}.step_extensions.retry.attempts",
        ),
        (
            lambda document: document["workflow"].update(
                {A: {"type": "if-condition", "condition": "__import__('os')", "on_true": END, "on_completion": END}}
            ),
            f"workflow.{A}.type",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_place(change: Any, place: str) -> None:  # noqa: ANN401 (a lambda)
    document = copy.deepcopy(_document())
    change(document)
    assert any(found.startswith(place) for found in _places(document)), _places(document)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 1, "a": 2}',
        "a: &a [x]\nb: *a",
        "a: 1\na: 2",
        "!!python/object/apply:os.system [true]",
        "[" * 5000,
        '{"a": ' * 60 + "1" + "}" * 60,
        '{"pad": "' + "x" * (1 << 20) + '"}',
    ],
)
def test_hostile_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidPlaybookError):
        load_playbook(text)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_anything_that_is_no_playbook_is_refused(value: object) -> None:
    with pytest.raises(InvalidPlaybookError):
        load_playbook(json.dumps(value))


def test_shipped_playbooks_load_and_policies_name_them() -> None:
    shipped = shipped_playbooks()
    assert len(shipped) == 6
    assert {policy.playbook for policy in response_policies().policies.values()} == set(shipped)
    for loaded in shipped.values():
        assert " / " in loaded.playbook.name


def test_a_manual_step_needs_a_json_schema_for_its_answer() -> None:
    ask = own_step("manual", END, {}, answer={"type": "no such type"})
    assert _places(playbook(2, {A: ask})) == [f"workflow.{A}.step_extensions.answer"]


@pytest.mark.shared_data
def test_own_playbooks_are_valid_by_the_standards_schemas(shared_data: Path) -> None:
    folder = shared_data / "cacao/schemas/schemas"
    registry: Registry[Any] = Registry()
    for file in folder.rglob("*.json"):
        schema = json.loads(file.read_text(encoding="utf-8"))
        registry = registry.with_resource(schema["$id"], Resource(contents=schema, specification=DRAFT7))
    root = json.loads((folder / "playbook.json").read_text(encoding="utf-8"))
    validator = Draft7Validator(root, registry=registry)
    for loaded in shipped_playbooks().values():
        assert [error.message for error in validator.iter_errors(json.loads(loaded.text))] == []
