"""The catalogs hold what the standard counts, and a system's levels choose from them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pydantic import ValidationError

from compliance.control_set import control_set
from compliance.errors import ComplianceError
from policies.compliance import Importance, Item, Level, Protection, control_catalog

# GB/T 22239-2019: control points and items of the general requirements, layer by layer
_LEVEL_2 = [(10, 15), (3, 4), (6, 11), (10, 23), (2, 4), (4, 6), (5, 9), (4, 7), (10, 25), (14, 31)]
_LEVEL_3 = [(10, 22), (3, 8), (6, 20), (11, 34), (4, 12), (4, 7), (5, 14), (4, 12), (10, 34), (14, 48)]


@pytest.mark.parametrize(("level", "counts"), [(2, _LEVEL_2), (3, _LEVEL_3)])
def test_holds_every_item_of_the_standard(level: Level, counts: list[tuple[int, int]]) -> None:
    catalog = control_catalog(level)
    found = [(len(d.control_points), sum(len(p.items) for p in d.control_points)) for d in catalog.domains]
    assert found == counts
    refs = [each.item.ref for each in catalog.items()]
    assert len(set(refs)) == len(refs) == sum(items for _, items in counts)
    assert all(ref.startswith(f"{level + 5}.1.") for ref in refs)


@pytest.mark.parametrize("level", [2, 3])
def test_every_layer_point_and_item_is_named_in_both_languages(level: Level) -> None:
    named = [(each.domain.name, each.control_point.name, each.item.label) for each in control_catalog(level).items()]
    chinese, english = {w.zh for names in named for w in names}, {w.en for names in named for w in names}
    assert all(re.search("[\u4e00-\u9fff]", text) for text in chinese)
    assert not [text for text in english if not text.isascii()]
    assert len(english) == len(chinese), "two different names are the same in English"


@pytest.mark.parametrize("missing", ["en", "zh"])
def test_a_label_lacking_a_language_is_refused(missing: str) -> None:
    item = next(control_catalog(2).items()).item.model_dump(mode="json")
    del item["label"][missing]
    with pytest.raises(ValidationError, match=f"label.{missing}"):
        Item.model_validate(item)


def test_importance_is_that_of_the_report_template() -> None:
    counts = Counter(each.item.importance for each in control_catalog(3).items())
    assert counts == {Importance.ORDINARY: 65, Importance.IMPORTANT: 107, Importance.KEY: 39}


@pytest.mark.parametrize(("s", "a", "count"), [(2, 2, 135), (3, 3, 211)])
def test_equal_levels_take_one_catalog_whole(s: int, a: int, count: int) -> None:
    assert [each.item.ref for each in control_set(s, a)] == [each.item.ref for each in control_catalog(s).items()]
    assert len(control_set(s, a)) == count


def test_unequal_levels_take_each_item_from_its_own_level() -> None:
    chosen = control_set(2, 3)
    levels = {each.item.sag: {other.level for other in chosen if other.item.sag is each.item.sag} for each in chosen}
    assert levels == {Protection.INFORMATION: {2}, Protection.SERVICE: {3}, Protection.GENERAL: {3}}
    information = [each for each in control_catalog(3).items() if each.item.sag is Protection.INFORMATION]
    replaced = [each for each in control_catalog(2).items() if each.item.sag is Protection.INFORMATION]
    assert len(chosen) == 211 - len(information) + len(replaced)


def test_a_level_without_a_catalog_is_refused() -> None:
    with pytest.raises(ComplianceError, match=r"level \[1\]"):
        control_set(1, 3)
