"""Every recorded case of the public rules' own regression set finds the rule it was recorded for."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from detection import Matcher, RuleSet, load_rules
from fengsui.offline import ReadOptions, read_files

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def public_rules(shared_data: Path) -> RuleSet:
    return load_rules(sorted((shared_data / "sigma").glob("rules*")))


def test_the_public_rules_load_but_for_missing_placeholder_values(public_rules: RuleSet) -> None:
    assert len(public_rules.rules) > 3_000
    assert [each.reason for each in public_rules.unsupported if "placeholder" not in each.reason] == []
    assert all(each.line > 1 for each in public_rules.unsupported)


def test_every_recorded_case_finds_its_rule(shared_data: Path, public_rules: RuleSet) -> None:
    cases = list((shared_data / "sigma" / "regression_data").rglob("info.yml"))
    logs = {file: case for case in cases for file in case.parent.iterdir() if file.suffix in {".evtx", ".json", ".raw"}}
    matcher = Matcher(public_rules)
    found: dict[Path, Counter[str]] = defaultdict(Counter)
    for batch in read_files(list(logs), ReadOptions(None, None)):
        found[Path(batch.file)].update(match.rule.id for match in matcher.match(batch.events))
    missed = []
    for log, case in logs.items():
        info = yaml.safe_load(case.read_text(encoding="utf-8"))
        least = max(test.get("match_count") or 1 for test in info.get("regression_tests_info") or [{}])
        missed += [(log.name, rule["id"]) for rule in info["rule_metadata"] if found[log][rule["id"]] < least]
    assert len(logs) > 100
    assert missed == []
    assert matcher.timeouts == 0
