"""Rules follow their files; what breaks on disk does not break what is in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from detection.following import FollowedRules
from detection.routing import RoutingPolicy
from detection.rules import ReadingCache

RULE = "title: {id}\nid: {id}\nlogsource: {{product: test}}\ndetection: {{s: {{f: {value}}}, condition: s}}\n"


class Files:
    def __init__(self, folder: Path, policy: RoutingPolicy) -> None:
        self.folder = folder
        self._clock = 1_700_000_000
        self.write("a.yml", RULE.format(id="a", value="x"))
        self.write("sub/b.yml", RULE.format(id="b", value="x"))
        self.rules = FollowedRules([folder], policy, ReadingCache(folder.parent / "cache"))

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self._clock += 1
        os.utime(path, (self._clock, self._clock))

    def settle(self) -> bool:
        return self.rules.look() | self.rules.look()

    def ids(self) -> list[str]:
        return [rule.id for rule in self.rules.rule_set.rules]

    def problems(self) -> list[tuple[str, str]]:
        return [(each.path.name, each.reason) for each in self.rules.rule_set.unsupported]


@pytest.fixture
def files(tmp_path: Path, test_policy: RoutingPolicy) -> Files:
    return Files(tmp_path / "rules", test_policy)


def test_nothing_changes_while_files_stay(files: Files) -> None:
    before = files.rules.rule_set
    assert not files.settle()
    files.write("a.yml", RULE.format(id="a", value="x"))
    assert not files.settle(), "written again with the same content"
    assert files.rules.rule_set is before


def test_added_changed_and_removed_files_take_hold(files: Files) -> None:
    kept = files.rules.rule_set.rules[1]
    files.write("c.yml", RULE.format(id="c", value="y"))
    files.write("a.yml", RULE.format(id="a", value="z"))
    assert files.settle()
    assert files.ids() == ["a", "c", "b"]
    assert files.rules.rule_set.rules[2] is kept
    (files.folder / "a.yml").unlink()
    (files.folder / "sub" / "b.yml").rename(files.folder / "0.yml")
    assert files.settle()
    assert files.ids() == ["b", "c"]
    assert files.problems() == []


def test_a_file_being_written_is_left_alone_until_it_rests(files: Files) -> None:
    whole = RULE.format(id="a", value="z")
    for cut in (0, 20, 60):
        files.write("a.yml", whole[:cut])
        assert not files.rules.look()
        assert files.ids() == ["a", "b"]
    files.write("a.yml", whole)
    assert files.settle()
    assert files.ids() == ["a", "b"]
    assert files.problems() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title: [\n", "not valid YAML"),
        (RULE.format(id="c", value="x").replace("{f:", "{f|contians:"), "unknown modifier 'contians'"),
        (RULE.format(id="c", value="x").replace("product: test", "product: toaster"), "logsource"),
        (RULE.format(id="b", value="x"), "id b is already that of"),
    ],
)
def test_a_broken_file_leaves_its_last_good_version_in_force(files: Files, text: str, reason: str) -> None:
    files.write("sub/c.yml", RULE.format(id="c", value="good"))
    assert files.settle()
    good = files.rules.rule_set.rules
    files.write("sub/c.yml", text)
    assert files.settle()
    assert files.rules.rule_set.rules == good
    [(name, problem)] = files.problems()
    assert name == "c.yml"
    assert reason in problem
    assert problem.endswith("stays in force")
    files.write("sub/c.yml", RULE.format(id="c", value="mended"))
    assert files.settle()
    assert files.ids() == ["a", "b", "c"]
    assert files.rules.rule_set.rules[2] is not good[2]
    assert files.problems() == []


def test_what_never_was_good_is_only_told_of_and_its_neighbors_change(files: Files) -> None:
    broken = RULE.format(id="n", value="x").replace("{f:", "{f|nonsense:")
    files.write("d.yml", RULE.format(id="d", value="1") + "---\n" + broken)
    assert files.settle()
    assert files.ids() == ["a", "d", "b"]
    files.write("d.yml", RULE.format(id="d2", value="2") + "---\n" + broken)
    assert files.settle()
    assert files.ids() == ["a", "d2", "b"]
    [(name, reason)] = files.problems()
    assert name == "d.yml"
    assert "stays in force" not in reason


def test_a_folder_that_is_gone_for_a_while_takes_nothing_away(files: Files) -> None:
    files.folder.rename(files.folder.with_name("elsewhere"))
    assert files.settle()
    assert files.ids() == ["a", "b"]
    [(name, reason)] = files.problems()
    assert (name, "it is gone" in reason) == ("rules", True)
    files.folder.with_name("elsewhere").rename(files.folder)
    assert files.settle()
    assert files.ids() == ["a", "b"]
    assert files.problems() == []


def test_a_folder_that_comes_later_is_followed(tmp_path: Path, test_policy: RoutingPolicy) -> None:
    rules = FollowedRules([tmp_path / "later"], test_policy)
    assert len(rules.rule_set.unsupported) == 1
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.yml").write_text(RULE.format(id="a", value="x"), encoding="utf-8")
    assert rules.look() | rules.look()
    assert [rule.id for rule in rules.rule_set.rules] == ["a"]
    assert rules.rule_set.unsupported == []


def test_a_correlation_whose_rule_is_gone_is_told_of(files: Files) -> None:
    files.write(
        "many.yml",
        "title: M\nid: m\n"
        "correlation: {type: event_count, rules: [a], group-by: [u], timespan: 5m, condition: {gte: 3}}\n",
    )
    assert files.settle()
    assert [each.id for each in files.rules.rule_set.correlations] == ["m"]
    (files.folder / "a.yml").unlink()
    assert files.settle()
    assert files.rules.rule_set.correlations == []
    assert [name for name, _ in files.problems()] == ["many.yml"]
