"""Files of the registers in the console: tried, looked at row by row, taken; by whom, and what they are told."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import httpx
import openpyxl
import pytest

SignedIn = Callable[..., httpx.Client]
_PAGE = "/registry/import"
_UNITS = "单位编号,单位名称,层级,上级单位编号\n"


def _post(client: httpx.Client, path: str, /, file: bytes | None = None, **fields: str) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    files = {"file": ("台账.csv", file)} if file is not None else None
    return client.post(path, data={"csrf_token": token} | fields, files=files)


def _tried(client: httpx.Client, kind: str, content: bytes | str) -> tuple[str, str]:
    """The address of a trial, and what its page says."""
    sent = _post(client, _PAGE, content if isinstance(content, bytes) else content.encode(), kind=kind)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"], html.unescape(client.get(sent.headers["location"]).text)


def _rows(page: str, table: str) -> list[list[str]]:
    """The cells of a table of the page, without their marks."""
    found = re.search(rf'aria-labelledby="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL) if found else []
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.split(r"</td>", row)[:-1]] for row in rows]


def _take(client: httpx.Client, trial: str, page: str) -> httpx.Response:
    [version] = re.findall(r'name="version" value="(\d+)"', page)
    return _post(client, trial, action="take", version=version)


def test_a_file_is_tried_looked_at_and_taken(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    name = officer.get("/api/v1/registry/units/lh-gjj").json()["name"]
    trial, page = _tried(officer, "units", f"{_UNITS}lh-new,新设单位,市级,lh\nlh-gjj,改名单位,市级,lh\n")
    assert [row[:3] for row in _rows(page, "results")] == [["2", "新增", "lh-new"], ["3", "变更", "lh-gjj"]]
    added, changed = (row[3] for row in _rows(page, "results"))
    assert ("单位名称 新设单位" in added, "层级 市级" in added) == (True, True)
    assert f"单位名称 {name} → 改名单位" in changed
    assert officer.get("/api/v1/registry/units/lh-new").status_code == 404, "it was only tried"
    taken = _take(officer, trial, page)
    assert taken.headers["location"] == f"{_PAGE}?kind=systems", "what comes next"
    shown = officer.get(taken.headers["location"]).text
    assert "新增 1 条，变更 1 条" in shown
    assert '<option value="systems" selected>' in shown
    assert officer.get("/api/v1/registry/units/lh-gjj").json()["name"] == "改名单位"
    records = sign_in("watcher").get("/api/v1/audit-records", params={"action": "registry:import"}).json()
    [record] = [
        each for each in records["records"] if each["object"]["id"] == "units" and each["actor"]["name"] == "officer"
    ]
    assert (record["after"]["added"], record["after"]["changed"]) == (1, 1)
    assert _post(officer, trial, action="take", version="0").headers["location"] == _PAGE, "it is kept no longer"


@pytest.mark.parametrize(
    ("language", "said", "named"),
    [
        ("zh", ["层级", "请从列表中选择", "没有登记此单位", "与第 2 行对同一编号的内容不一致"], "上级单位编号"),
        ("en", ["Level", "Choose one of the list", "No such unit", "Row 2 says otherwise"], "Parent unit id"),
    ],
)
def test_wrong_rows_are_told_in_the_readers_words(
    sign_in: SignedIn, language: str, said: list[str], named: str
) -> None:
    officer = sign_in("officer")
    officer.cookies.set("fengsui_language", language)
    rows = "lh-a,甲,市级,lh\nlh-b,乙,地级,lh\nlh-c,丙,市级,nowhere\nlh-a,又甲,市级,lh\n"
    _, page = _tried(officer, "units", _UNITS + rows)
    problems = _rows(page, "problems")
    assert [(row[0], row[2]) for row in problems] == [("3", "地级"), ("4", "nowhere"), ("5", "又甲")]
    told = " ".join(" ".join(row) for row in problems)
    assert [each for each in [*said, named] if each not in told] == []
    assert [row[2] for row in _rows(page, "results")] == ["lh-a"], "what is right is shown too"
    assert 'name="action" value="take"' not in page, "and nothing of it can be taken"


def test_a_file_that_is_no_register_is_told_so(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    _, page = _tried(officer, "systems", f"{_UNITS}lh-a,甲,市级,lh\n")
    assert "至少需要这些列：系统编号、系统名称" in page
    _, page = _tried(officer, "units", b"PK\x03\x04broken")
    assert "工作簿损坏" in page
    assert _post(officer, _PAGE, kind="units").status_code == 422, "without a file"
    assert _post(officer, _PAGE, b"id\n", kind="nothing").status_code == 422


def test_what_changed_since_is_looked_at_again(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    trial, page = _tried(officer, "units", f"{_UNITS}lh-late,迟到单位,市级,lh\n")
    other = {"id": "lh-first", "name": "先到单位", "level": "市级", "parent_id": "lh"}
    assert officer.post("/api/v1/registry/units", json=other).status_code == 201
    assert _take(officer, trial, page).headers["location"] == trial
    again = officer.get(trial).text
    assert "请再次确认" in again
    assert officer.get("/api/v1/registry/units/lh-late").status_code == 404
    assert _take(officer, trial, again).headers["location"] == f"{_PAGE}?kind=systems"


def test_a_kept_file_is_its_owners_alone(sign_in: SignedIn) -> None:
    officer, second, police, housing = (sign_in(name) for name in ("officer", "second", "police", "housing"))
    trial, _ = _tried(officer, "units", f"{_UNITS}lh-own,单位,市级,lh\n")
    assert second.get(trial).headers["location"] == _PAGE
    assert housing.get(_PAGE).status_code == 403
    assert "/registry/import" not in housing.get("/units").text
    assert officer.post(_PAGE, data={"kind": "units"}, files={"file": ("u.csv", b"id\n")}).status_code == 403
    _, page = _tried(police, "units", f"{_UNITS}lh-own,单位,市级,lh\n")
    assert "不在您的管辖范围" in " ".join(map(str, _rows(page, "problems")))
    assert _post(officer, trial, action="drop").headers["location"] == _PAGE
    assert officer.get(trial).headers["location"] == _PAGE


@pytest.mark.parametrize("kind", ["units", "systems", "resources", "fields", "consumers", "accounts", "grants"])
def test_a_template_shows_a_row_that_is_never_taken(sign_in: SignedIn, kind: str) -> None:
    officer = sign_in("officer")
    files = [
        officer.get("/api/v1/registry:template", params={"kind": kind, "format": form}).content
        for form in ("csv", "xlsx")
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(files[1])).worksheets[0]
    header, example = sheet.iter_rows(values_only=True)
    lines = files[0].decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].split(",")[0] == example[0]
    assert len(header) == len(example)
    for content in files:
        _, page = _tried(officer, kind, content)
        assert "文件中没有数据行" in page
