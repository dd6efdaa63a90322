from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from policies import PolicyError
from policies.retention import storage_policy

_FILE = """
default: standard
classes:
  standard: {days: %d, reason: law}
datasets:
  - {pattern: "gateway.*", class: %s}
"""


def test_the_shipped_policy_keeps_the_legal_minimum_and_certificates_three_years() -> None:
    policy = storage_policy()
    assert min(policy.days.values()) >= 180
    assert policy.days[policy.class_of("gateway.certificate_access")] >= 3 * 365
    assert policy.class_of("nginx.access") == policy.default
    today = date(2026, 6, 30)
    assert not policy.expired(policy.default, today - timedelta(days=180), today)
    assert policy.expired(policy.default, today - timedelta(days=181), today)
    assert not policy.expired("from_elsewhere", date(2000, 1, 1), today)


def test_the_bounds_of_plausible_time_move_with_the_present() -> None:
    plausible = storage_policy().plausible
    now = 1_700_000_000_000
    assert plausible.include(now, now)
    assert plausible.include(now + 3_600_000, now)
    assert not plausible.include(now + 3 * 86_400_000, now)
    assert not plausible.include(86_400_000, now)


@pytest.mark.parametrize(("days", "name", "words"), [(179, "standard", "180"), (180, "missing", "missing")])
def test_a_policy_below_the_law_or_with_an_unknown_class_is_refused(
    tmp_path: Path, days: int, name: str, words: str
) -> None:
    path = tmp_path / "classes.yml"
    path.write_text(_FILE % (days, name), encoding="utf-8")
    with pytest.raises(PolicyError, match=words):
        storage_policy(path)
