"""Reads a playbook from JSON or YAML, within limits of size and depth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from playbooks.cacao.checking import check
from playbooks.cacao.model import Playbook
from playbooks.errors import InvalidPlaybookError, Problem
from playbooks.policy import run_policy


@dataclass(frozen=True, slots=True)
class LoadedPlaybook:
    """A playbook that was checked; ``text`` is its one JSON text and ``digest`` (SM3) names the version."""

    playbook: Playbook
    text: str
    digest: str


def load_playbook(text: str) -> LoadedPlaybook:
    """Read and check a playbook.

    Raises:
        InvalidPlaybookError: it is too large, is neither JSON nor YAML, or breaks CACAO 2.0; names every place.
    """
    limits = run_policy().documents
    if len(text.encode("utf-8", "replace")) > limits.bytes:
        raise _invalid("", f"larger than {limits.bytes} bytes; split it into several playbooks")
    document = _parsed(text)
    _check_depth(document, limits.depth)
    try:
        playbook = Playbook.model_validate(document)
    except ValidationError as error:
        raise InvalidPlaybookError(_problems(error)) from error
    problems = check(playbook)
    if len(playbook.workflow) > limits.steps:
        problems.append(Problem("workflow", f"more than {limits.steps} steps; split it into several playbooks"))
    if problems:
        raise InvalidPlaybookError(problems)
    return _as_loaded(playbook, document)


def with_credentials(loaded: LoadedPlaybook, definitions: Mapping[str, Mapping[str, Any]]) -> LoadedPlaybook:
    """A checked playbook with other ``authentication_info_definitions``."""
    document = {**json.loads(loaded.text), "authentication_info_definitions": definitions}
    return _as_loaded(Playbook.model_validate(document), document)


def _as_loaded(playbook: Playbook, document: object) -> LoadedPlaybook:
    whole = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return LoadedPlaybook(playbook, whole, hashlib.new("sm3", whole.encode("utf-8", "surrogatepass")).hexdigest())


def restore_playbook(text: str) -> Playbook:
    """A playbook that was checked when it was kept."""
    return Playbook.model_validate_json(text)


def _parsed(text: str) -> object:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, object_pairs_hook=_unique)
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 (a SafeLoader without aliases and dates)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise _invalid("", f"neither JSON nor YAML: {reason}; correct it there") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise ValueError(f"{twice[:100]} stands twice in one object")
    return dict(pairs)


class _PlainLoader(yaml.SafeLoader):
    """Texts stay texts (times too), names stand once, and nothing refers to anything else in the file."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases: a few of them can stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in PyYAML's stubs
            raise yaml.MarkedYAMLError("while composing", None, "aliases are not taken", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 (PyYAML's own signature)
        """Refuse a name that stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError("while reading", None, f"{key.value} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _check_depth(document: object, deepest: int) -> None:
    level, nodes = 0, [document]
    while nodes:
        level += 1
        if level > deepest:
            raise _invalid("", f"nested deeper than {deepest} levels; flatten it")
        inner = [node.values() if isinstance(node, dict) else node for node in nodes if isinstance(node, dict | list)]
        nodes = [item for items in inner for item in items]


def _problems(error: ValidationError) -> list[Problem]:
    return [
        Problem(".".join(str(part) for part in each["loc"]) or "playbook", each["msg"])
        for each in error.errors(include_url=False, include_input=False)[:50]
    ]


def _invalid(place: str, reason: str) -> InvalidPlaybookError:
    return InvalidPlaybookError([Problem(place or "playbook", reason)])
