"""The tables are what their generator writes, and a look at them finds what they were made to hold."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from classification.columns import ColumnJudge
from samples.generate.__main__ import write
from samples.generate.tables import FILES

_TABLES = Path(__file__).resolve().parents[2] / "samples" / "tables"
_IDENTITY = re.compile(r"[0-9]{6}([0-9]{4})[0-9]{7}[0-9X]")


def test_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert {path.name for path in _TABLES.iterdir()} == set(FILES)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (_TABLES / name).read_bytes(), name


def test_nobody_with_an_identity_number_ever_got_one() -> None:
    years = {int(year) for path in _TABLES.iterdir() for year in _IDENTITY.findall(path.read_text(encoding="utf-8"))}
    assert years
    assert max(years) < 1900


@pytest.mark.parametrize(
    ("table", "column", "category"),
    [
        ("resident", "name", "person_name"),
        ("resident", "id_number", "resident_id"),
        ("resident", "mobile", "mobile_phone"),
        ("resident", "home_address", "address"),
        ("enterprise", "企业名称", "company_name"),
        ("enterprise", "统一社会信用代码", "unified_social_credit_code"),
        ("enterprise", "邮箱", "email"),
        ("hotline", "内容", "resident_id"),
        ("legacy_export", "c2", "resident_id"),
        ("legacy_export", "c3", "mobile_phone"),
        ("legacy_export", "c1", None),
        ("legacy_export", "c4", None),
        ("code", "label", None),
    ],
)
def test_a_column_is_found_to_hold_what_it_does(table: str, column: str, category: str | None) -> None:
    with (_TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    judge = ColumnJudge(column, siblings=[name for name in rows[0] if name != column])
    judge.add([row[column] for row in rows])
    found = [finding.category for finding in judge.findings()]
    assert found[:1] == [category] if category else not found
