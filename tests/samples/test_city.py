"""The city's day through the real collectors and rules: all is understood, the story is found and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from collectors.record import NormalizedBatch
from detection import Matcher, RuleSet, load_rules
from detection.correlation import Correlator, episodes, for_whole_input, load_correlation_policy, silent_rules
from samples.generate import story
from samples.generate.catalog import FILES

Collect = Callable[[str], NormalizedBatch]
Expected = dict[str, dict[str, dict[str, Any]]]

_FIRST, _END = "2026-11-17T16:00:00.000Z", "2026-11-18T16:30:00.000Z"
"""The day at +08:00, and the half hour in which its last sessions end."""


@pytest.fixture(scope="module")
def rules(project: Path) -> RuleSet:
    return load_rules([project / "detection" / "content"])


@pytest.fixture(scope="module")
def matcher(rules: RuleSet) -> Matcher:
    return Matcher(rules)


@pytest.mark.parametrize("name", sorted(FILES))
def test_file_is_recognized_and_only_what_is_broken_is_left_over(
    name: str, collect: Collect, expected: Expected
) -> None:
    batch = collect(name)

    assert Counter(event["event.dataset"] for event in batch.events) == expected["events"][name]
    assert Counter(letter.reason.value for letter in batch.dead_letters) == expected["dead_letters"].get(name, {})


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_event_happened_on_the_day(name: str, collect: Collect) -> None:
    moments = [str(event["@timestamp"]) for event in collect(name).events]

    assert min(moments) >= _FIRST
    assert max(moments) < _END


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_story_is_found_and_the_background_is_quiet(
    name: str, collect: Collect, expected: Expected, matcher: Matcher
) -> None:
    matches = matcher.match(collect(name).events)
    found = Counter(stem for match in matches if (stem := match.rule.path.stem) not in expected["silent"])
    wanted = {rule: files[name] for rule, files in expected["matches"].items() if name in files}

    assert set(found) == set(wanted)
    for rule, count in wanted.items():
        assert found[rule] >= count["at_least"], rule
        assert found[rule] == count["exactly"], rule


def test_every_rule_has_its_place_in_the_story(project: Path, expected: Expected) -> None:
    rules = {path.stem for path in (project / "detection" / "content").rglob("*.yml")}

    assert {*expected["matches"], *expected["correlations"], *expected["silent"], *expected["elsewhere"]} == rules
    assert {name for files in expected["matches"].values() for name in files} <= set(FILES)


@pytest.mark.parametrize("order", [sorted(FILES), sorted(FILES, reverse=True)], ids=["forward", "backward"])
def test_what_only_several_records_show_is_found_whatever_the_order_of_files(
    order: list[str], collect: Collect, expected: Expected, matcher: Matcher, rules: RuleSet
) -> None:
    correlator = Correlator(rules, for_whole_input(load_correlation_policy()))

    found = [match for name in order for match in correlator.observe(matcher.match(collect(name).events))]
    told = episodes([*found, *correlator.finish()])

    assert {rule.path.stem for rule in rules.rules if rule.id in silent_rules(rules.correlations)} == set(
        expected["silent"]
    )
    assert Counter(each.rule.path.stem for each in told) == {
        rule: wanted["episodes"] for rule, wanted in expected["correlations"].items()
    }
    for each in told:
        wanted = expected["correlations"][each.rule.path.stem]
        assert (len(each.events), each.group) == (wanted["events"], wanted["group"]), each.rule.path.stem


def test_every_step_that_one_record_shows_is_seen_at_its_time(collect: Collect, matcher: Matcher) -> None:
    steps = {
        "gateway_unmasked_personal_fields_at_night": ("gateway-access.ndjson", story.MISUSE_FIRST_CALL),
        "firewall_administration_port_outbound": ("firewall.log", story.DUMP_LEAVES),
        "sshd_password_login_from_outside": ("sshd.log", story.INTRUSION_LOGIN),
        "sudo_shell": ("sshd.log", story.INTRUSION_SUDO),
        "webserver_script_in_upload_folder": ("nginx-access.log", story.SHELL_USE),
        "process_powershell_encoded_command": ("windows-sysmon.ndjson", story.ENCODED_POWERSHELL),
        "process_access_lsass_memory": ("windows-sysmon.ndjson", story.MEMORY_ACCESS),
        "security_log_cleared": ("windows-sysmon.ndjson", story.LOG_CLEARED),
        "aliyun_actiontrail_stopped": ("aliyun-actiontrail.json", story.ALIYUN_TRAIL_STOPPED),
        "aws_cloudtrail_stopped": ("aws-cloudtrail.json.gz", story.AWS_TRAIL_STOPPED),
        "audit_pod_shell": ("kubernetes-audit.ndjson", story.POD_EXEC),
    }
    for rule, (name, moment) in steps.items():
        matches = [match for match in matcher.match(collect(name).events) if match.rule.path.stem == rule]
        first = min(str(match.event["@timestamp"]) for match in matches)
        assert first[:16] == f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}", rule


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_match_has_the_entities_that_its_rule_groups_by(name: str, collect: Collect, matcher: Matcher) -> None:
    missing = {
        (match.rule.path.stem, entity)
        for match in matcher.match(collect(name).events)
        for entity in match.rule.settings.entities or ()
        if entity not in match.event
    }

    assert missing == set()
