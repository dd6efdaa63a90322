"""The console's list of rules follows the files, and names what broke there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.rule_catalog import RuleCatalog
from fengsui.rule_reload import LookTimes
from tests.patience import until

RULE = "title: {title}\nid: {title}\nlogsource: {{product: linux}}\ndetection: {{s: {{f: x}}, condition: s}}\n"


def test_the_list_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "one.yml").write_text(RULE.format(title="one"), encoding="utf-8")
    catalog = RuleCatalog([folder], LookTimes(100))
    assert list(catalog.summaries()) == []
    catalog.follow_in_background()
    until(lambda: [each.title for each in catalog.summaries()] == ["one"])
    (folder / "two.yml").write_text(RULE.format(title="two"), encoding="utf-8")
    (folder / "one.yml").write_text("title: [broken\n", encoding="utf-8")
    until(lambda: [each.title for each in catalog.summaries()] == ["one", "two", "one.yml"])
    assert [rule.id for rule in catalog.rules()] == ["one", "two"]
    [problem] = [each for each in catalog.summaries() if each.problem]
    assert problem.path == str(folder / "one.yml")
    assert "stays in force" in str(problem.problem)
