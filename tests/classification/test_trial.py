"""The try-out: what detectors say of given values, within its limits, and masked."""

from __future__ import annotations

import pytest

from classification import trial
from classification.grading import default_scheme, load_scheme
from classification.review import ReviewPolicy, review_policy
from classification.sources import Column
from classification.trial import try_column, try_text

_ID = "11010519491231002X"


def _limited(**limits: float) -> ReviewPolicy:
    policy = review_policy()
    return policy.model_copy(update={"try_out": policy.try_out.model_copy(update=limits)})


def test_a_column_is_judged_graded_and_masked() -> None:
    found = try_column(load_scheme("l1_l4"), Column("bz"), ["无", _ID, None, "备注", 7])
    [finding] = found.findings
    assert (finding.found.category, finding.grade, finding.found.hits) == ("resident_id", "L3", 1)
    assert finding.samples == ("110*************2X",)
    assert found.values == 5


def test_a_name_alone_is_judged() -> None:
    found = try_column(default_scheme(), Column("gmsfhm", "公民身份号码"), [])
    assert found.findings[0].found.category == "resident_id"
    assert (found.findings[0].samples, found.values) == ((), 0)


def test_the_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "review_policy", lambda: _limited(seconds=1e-9))
    found = try_column(default_scheme(), Column("x"), [_ID] * 5000)
    assert 0 < found.values < 5000
    assert found.findings[0].found.category == "resident_id"


def test_the_hits_are_limited_and_all_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "review_policy", lambda: _limited(hits=2))
    found = try_text(f"证件 {_ID}\n" * 5)
    assert (len(found.hits), found.found) == (2, 5)
    assert _ID not in found.masked
    assert found.masked.count("110*************2X") == 5


def test_an_empty_text_holds_nothing() -> None:
    assert (try_text("").found, try_text("").masked) == (0, "")
