"""Schemes are policy: complete, consistent with their standard, and refused when they are not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from classification.grading import Scheme, UnknownGradeError, UnknownSchemeError, load_scheme, scheme_names
from classification.identifiers import load_identifiers
from classification.masking import masking_policy

_MATRIX = {
    # GB/T 43697-2024 table 1: object → grade by some, serious and very serious harm
    "national_security": ("important", "core", "core"),
    "economy": ("general", "important", "core"),
    "social_order": ("general", "important", "core"),
    "public_interest": ("general", "important", "core"),
    "organizations": ("general", "general", "general"),
    "individuals": ("general", "general", "general"),
}


def test_the_schemes_are_found_and_their_grades_ordered() -> None:
    assert scheme_names() == ("gbt43697", "l1_l4")
    assert list(load_scheme("gbt43697").grade_ids) == [*(f"general_{n}" for n in range(1, 5)), "important", "core"]
    assert list(load_scheme("l1_l4").grade_ids) == ["L1", "L2", "L3", "L4"]


def test_the_matrix_is_the_standards() -> None:
    scheme = load_scheme("gbt43697")
    found = {
        name: tuple(row[degree].partition("_")[0] for degree in ("general", "serious", "especially_serious"))
        for name, row in scheme.matrix.items()
    }
    assert found == _MATRIX


@pytest.mark.parametrize("name", scheme_names())
def test_more_harm_never_means_a_lower_grade(name: str) -> None:
    scheme = load_scheme(name)
    for row in scheme.matrix.values():
        ranks = [scheme.rank(row[degree]) for degree in ("general", "serious", "especially_serious")]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("name", scheme_names())
def test_a_scheme_grades_every_identifier_and_masks_have_them_all(name: str) -> None:
    identifiers = load_identifiers().identifiers.keys()
    assert load_scheme(name).categories.keys() == identifiers
    assert masking_policy().categories.keys() == identifiers
    combined = {category for rule in load_scheme(name).combinations for group in rule.all_of for category in group}
    assert combined <= identifiers


@pytest.mark.parametrize("name", ["nothing", "../masking", "gbt43697.yml", ""])
def test_another_name_is_refused_with_the_choice(name: str) -> None:
    with pytest.raises(UnknownSchemeError, match="gbt43697, l1_l4"):
        load_scheme(name)


def test_a_grade_of_another_scheme_is_refused() -> None:
    scheme = load_scheme("l1_l4")
    for ask in (lambda: scheme.rank("core"), lambda: scheme.highest(["L1", "core"])):
        with pytest.raises(UnknownGradeError, match=r"'core'.*L1, L2, L3, L4"):
            ask()
    assert scheme.highest(["L1", None, "L3", "L2"]) == "L3"
    assert scheme.highest([None]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"categories": {"a": {"grade": "L9"}}},
        {"categories": {"a": {}}},
        {"categories": {"a": {"grade": "L1", "object": "o", "degree": "d"}}},
        {"categories": {"a": {"object": "nobody", "degree": "some"}}},
        {"volumes": [{"id": "v", "from_grade": "L9", "subjects": 1, "grade": "L1", "why": {"zh": "", "en": ""}}]},
        {"combinations": [{"id": "c", "all_of": [["a"]], "grade": "L1", "why": {"zh": "", "en": ""}}]},
        {"matrix": {"nobody": {}}},
        {"confidence_minimum": 1.5},
        {"grades": []},
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Scheme.model_validate(load_scheme("l1_l4").model_dump() | change)
