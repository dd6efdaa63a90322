"""The rules as Sigma documents: valid by an independent parser, and written to the project's own conventions."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.plugins import InstalledSigmaPlugins
from sigma.validation import SigmaValidator

from detection import load_rules

_CONTENT = Path(__file__).resolve().parents[3] / "detection" / "content"
_PATHS = sorted(_CONTENT.rglob("*.yml"))
_DOWNLOADING = {"attacktag", "d3_fendtag"}
"""Validators that fetch their lists from the internet; the form of ATT&CK tags is tested below."""
_TAG = re.compile(r"attack\.(?:t\d{4}(?:\.\d{3})?|[a-z]+(?:-[a-z]+)*)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_KEYS = {
    *("title", "id", "status", "description", "references", "author", "date", "tags"),
    *("falsepositives", "level", "fengsui"),
}
_SINGLE, _SEVERAL = {"logsource", "detection"}, {"correlation", "name"}
"""What a rule over one record has beside, and what one over several."""


def test_an_independent_parser_finds_no_error_and_no_issue() -> None:
    known = InstalledSigmaPlugins.autodiscover().validators
    validator = SigmaValidator([known[name] for name in known if name not in _DOWNLOADING])
    rules = SigmaCollection.load_ruleset([str(_CONTENT)], collect_errors=True)

    assert len(rules.rules) == len(_PATHS)
    assert [error for rule in rules.rules for error in rule.errors] == []
    assert [str(issue) for issue in validator.validate_rules(iter(rules.rules))] == []


def test_the_product_can_evaluate_every_rule() -> None:
    rules = load_rules([_CONTENT])

    assert rules.unsupported == []
    assert len(rules.rules) + len(rules.correlations) == len(_PATHS)


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: path.stem)
def test_rule_is_written_to_the_conventions(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    chinese, _, english = document["title"].partition(" / ")

    assert set(document) in (_KEYS | _SINGLE, _KEYS | _SINGLE | {"name"}, _KEYS | _SEVERAL)
    assert document.get("name", path.stem) == path.stem
    assert UUID(document["id"]).version == 4
    assert document["author"] == "Fengsui"
    assert _CHINESE.search(chinese)
    assert english.isascii()
    assert english
    assert len(document["title"]) <= 256
    assert _CHINESE.search(document["description"].splitlines()[0])
    assert document["description"].splitlines()[1].isascii()
    assert all(_TAG.fullmatch(tag) for tag in document["tags"])
    assert document["fengsui"]["entities"]
