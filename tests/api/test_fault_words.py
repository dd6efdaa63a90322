"""What is wrong is named in the code and told in words: each name has its words, and no words are left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from api.console.translation import catalog

_PACKAGES = ("api", "classification", "detection", "store", "fengsui")
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_PREFIX = "fault."


def _faults_in(tree: ast.AST) -> Iterator[str]:
    """Names that stand last among what an error or problem is made of, or behind a message in a pair."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name(called) | ast.Attribute(_, called), [_, *_, ast.Constant(str(name))]):
                if called.endswith(("Error", "error", "Problem")) and _NAME.fullmatch(name):
                    yield name
            case ast.Tuple(
                [ast.Constant(str(text)) | ast.JoinedStr([ast.Constant(str(text)), *_]), ast.Constant(str(name))]
            ):
                if " " in text and _NAME.fullmatch(name):
                    yield name


def test_every_fault_has_words_and_no_words_are_of_none(project: Path) -> None:
    named = {
        fault
        for package in _PACKAGES
        for path in (project / package).rglob("*.py")
        for fault in _faults_in(ast.parse(path.read_text("utf-8")))
    }
    told = {key.removeprefix(_PREFIX) for key in catalog("zh").messages if key.startswith(_PREFIX)}
    assert named == told
