"""A guide says the same in English and in Chinese, so that a change to one is noticed in the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
MADE_FOR_BOTH = "access.md"
NAMES = sorted(path.name for path in (PROJECT / "docs").glob("*.md") if path.name != MADE_FOR_BOTH)
PAIRS = [(PROJECT / "README.md", PROJECT / "README.zh-CN.md")]
PAIRS += [(PROJECT / "docs" / name, PROJECT / "docs/zh-CN" / name) for name in NAMES]
PAGES = [page for pair in PAIRS for page in pair]

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_COMMENT = re.compile(r"\s+# .*")
_HEADING = re.compile(r"^(#+) (.*)", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def _name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def _prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def _headings(page: Path) -> list[int]:
    return [len(marks) for marks, _ in _HEADING.findall(_prose(page))]


def _blocks(page: Path) -> list[str]:
    """What is shown to be typed, without its comments, which are in the page's language."""
    return [_COMMENT.sub("", block) for block in _FENCED.findall(page.read_text(encoding="utf-8"))]


def _rows(page: Path) -> int:
    return sum(line.startswith("|") for line in _prose(page).splitlines())


def _code(page: Path) -> set[str]:
    return {" ".join(each.split()) for each in _CODE.findall(_prose(page))}


def _numbers(page: Path) -> set[str]:
    return set(_NUMBER.findall(_LINK.sub("]", _CODE.sub("", _prose(page)))))


def _anchors(page: Path) -> set[str]:
    """The fragments under which headings are reached: lower case, no punctuation, hyphens for blanks."""
    titles = [title.lower() for _, title in _HEADING.findall(_prose(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def test_every_guide_is_there_in_both_languages() -> None:
    assert sorted(path.name for path in (PROJECT / "docs/zh-CN").glob("*.md")) == NAMES
    for english, chinese in PAIRS[1:]:
        assert f"[中文](zh-CN/{english.name})" in english.read_text(encoding="utf-8"), english.name
        assert f"[English](../{english.name})" in chinese.read_text(encoding="utf-8"), chinese.name


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=map(_name, PAGES[::2]))
def test_both_have_the_same_build_commands_names_and_figures(english: Path, chinese: Path) -> None:
    assert _headings(chinese) == _headings(english)
    assert _blocks(chinese) == _blocks(english)
    assert _rows(chinese) == _rows(english)
    assert _code(chinese) == _code(english)
    assert _numbers(chinese) == _numbers(english)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_prose(page)):
        path, _, anchor = link.partition("#")
        if "://" not in link:
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link
