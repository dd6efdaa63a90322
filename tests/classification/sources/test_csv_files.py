"""Delimited text of every sort: every row is looked at, whatever is wrong with some."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.examination import Examiner
from classification.sources import open_source
from classification.sources.delimited_rows import RowReader, sniff_delimiter
from classification.sources.encodings import detect_encoding
from tests.classification.sources.reading import read_file

TABLE = "姓名,电话,单位\n张伟,13800000001,市大数据局\n李娜,13800000002,民政局\n"
_CELLS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=("Cs",)), max_size=12)


def _write(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "big5hkscs"]
)
def test_any_encoding_gives_the_same_table(tmp_path: Path, encoding: str) -> None:
    table = (
        TABLE * 1
        if encoding != "big5hkscs"
        else "姓名,電話,單位\n陳偉,13800000001,衛生福利部\n林娜,13800000002,內政部\n"
    )
    content = read_file(_write(tmp_path, table.encode(encoding)))
    expected = [*csv.reader(io.StringIO(table))]
    assert [*content.columns] == expected[0]
    assert [list(row) for row in zip(*content.columns.values(), strict=True)] == expected[1:]
    assert (content.rows, content.problems) == (2, [])


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01", "，"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    content = read_file(_write(tmp_path, TABLE.replace(",", delimiter).encode()))
    assert content.columns["电话"] == ["13800000001", "13800000002"]


def test_western_text_is_read_too(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, "name,city\nJosé,Málaga\n".encode("cp1252")))
    assert content.columns["name"] == ["José"]


def test_a_line_in_another_encoding_costs_nothing(tmp_path: Path) -> None:
    raw = b"name,phone\n" + b"\n".join([b"ok,1"] * 200_000) + b"\n" + "张伟,2\n".encode("gb18030") + b"\xff\xff,3\n"
    content = read_file(_write(tmp_path, raw))
    assert content.columns["name"][-2:] == ["张伟", "��"]
    assert content.columns["phone"][-2:] == ["2", "3"]
    assert content.problems == ["1 lines are not in utf-8; save the file in one encoding"]


def test_ragged_rows_lose_nothing(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, b"a,b\n1\n2,3\n4,5,6,7\n\n8,9\n"))
    assert {name: sorted(map(str, values)) for name, values in content.columns.items()} == {
        "a": [*"1248"],
        "b": [*"359"],
        "column_3": ["6"],
        "column_4": ["7"],
    }
    assert content.rows == 4


def test_columns_of_one_name_and_of_none_are_told_apart(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, b"phone,,phone,phone\na,b,c,d\n"))
    assert [*content.columns] == ["phone", "column_2", "phone_3", "phone_4"]


def test_a_row_of_an_absurd_width_stays_bounded(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, b"a,b\n1,2\n" + b",".join([b"x"] * 50_000) + b"\n"))
    assert len(content.columns) == 2001
    assert sum(map(len, content.columns.values())) == 50_002


def test_a_header_alone_shows_its_columns(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, "姓名,身份证号\n".encode()))
    assert dict(content.columns) == {"姓名": [], "身份证号": []}
    assert content.rows == 0


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, b""))
    assert (content.rows, content.text, content.broken) == (0, "", None)


@pytest.mark.parametrize("first", ["张伟,13800000001,市大数据局", "zhang@example.cn,a,b", "1,2,3", "2024-01-01,5,x"])
def test_data_in_the_first_row_never_becomes_a_name(tmp_path: Path, first: str) -> None:
    content = read_file(_write(tmp_path, f"{first}\n李娜,13800000002,民政局\n".encode()))
    assert [*content.columns] == ["column_1", "column_2", "column_3"]
    assert [values[0] for values in content.columns.values()] == first.split(",")


def test_a_value_that_comes_again_is_no_name(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, "张伟,男\n李娜,女\n王强,男\n".encode()))
    assert [*content.columns] == ["column_1", "column_2"]


def test_a_title_above_the_header_is_data(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, f"联系人 13800000009,,\n{TABLE}".encode()))
    assert content.columns["姓名"] == ["联系人 13800000009", "张伟", "李娜"]


def test_quoted_cells_hold_newlines_delimiters_and_quotes(tmp_path: Path) -> None:
    content = read_file(_write(tmp_path, b'a,b\r\n"x,\r\n""y""",1\r\nz,"2"\r\n'))
    assert dict(content.columns) == {"a": ['x,\n"y"', "z"], "b": ["1", "2"]}


def test_a_megabyte_in_one_cell_is_read_whole(tmp_path: Path) -> None:
    cell = "字" * 700_000 + "13800000001"
    content = read_file(_write(tmp_path, f'a,b\n1,"{cell}"\n2,{cell}\n'.encode()))
    assert content.columns["b"] == [cell, cell]


def test_a_quote_that_never_closes_costs_its_line_alone(tmp_path: Path) -> None:
    rows = "".join(f"{number},x\n" for number in range(1000))
    content = read_file(_write(tmp_path, f'a,b\n1,"open\n{rows}'.encode()))
    assert content.columns["a"] == ["1", *map(str, range(1000))]
    assert content.columns["b"][0] == '"open'
    assert content.problems == [
        "1 quoted fields are never closed, their lines were split as they stand; mend the quotes"
    ]


def test_an_open_quote_in_a_huge_file_takes_no_memory() -> None:
    reader = RowReader(",", row_characters=100_000)
    blocks = ('a,"b\n' if n == 0 else "1,2\n" * 5_000 for n in range(100))
    tracemalloc.start()
    rows = sum(len(portion) for portion in reader.rows(blocks))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (rows, reader.broken_quotes) == (1 + 99 * 5_000, 1)
    assert peak < 60_000_000


def test_four_times_the_file_takes_the_memory_of_one(tmp_path: Path) -> None:
    one, four = (_peak_of_classifying(tmp_path, rows) for rows in (3_000, 12_000))
    assert four < 1.4 * one
    assert four < 20_000_000


def _peak_of_classifying(folder: Path, rows: int) -> int:
    """Bytes held at most while a file of three kilobytes a row is classified."""
    path = folder / f"{rows}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("编号,备注\n")
        file.writelines(f"{row},{'说明 note ' * 250}{row}\n" for row in range(rows))
    (resource,) = open_source(str(path)).resources()
    examiner = Examiner()
    tracemalloc.start()
    examination = examiner.examine(resource)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (examination.rows, examination.is_whole) == (rows, True)
    return peak


def test_quotes_that_never_work_end_in_plain_splitting() -> None:
    reader = RowReader(",", row_characters=10)
    rows = [row for portion in reader.rows(['"a,b\n' + "x,y\n" * 5] * 500) for row in portion]
    assert len(rows) == 500 * 6
    assert reader.broken_quotes <= 101


@given(
    table=st.lists(st.lists(_CELLS, min_size=2, max_size=4).filter(any), min_size=1, max_size=6),
    cut=st.integers(1, 7),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_what_a_csv_writer_writes_is_read_back(table: list[list[str]], cut: int, delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(table)
    lines = text.getvalue().split("\n")[:-1]
    blocks = ["".join(f"{line}\n" for line in lines[start : start + cut]) for start in range(0, len(lines), cut)]
    rows = [row for portion in RowReader(delimiter, 10**6).rows(blocks) for row in portion]
    assert rows == table


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_broken(raw: bytes) -> None:
    encoding = detect_encoding(raw)
    assert encoding is None or isinstance(raw.decode(encoding, "replace"), str)
    text = raw.decode(encoding or "latin-1", "replace").replace("\r", "\n")
    lines = [line for line in text.split("\n") if line]
    rows = [row for portion in RowReader(sniff_delimiter(text) or ",", 100).rows([text]) for row in portion]
    assert len(rows) <= len(lines)
    assert bool(rows) == bool(lines)


def test_packed_files_are_read_and_damaged_ones_told(tmp_path: Path) -> None:
    packed = gzip.compress(TABLE.encode() * 20_000)
    assert read_file(_write(tmp_path, packed, "table.csv.gz")).rows > 40_000
    cut = read_file(_write(tmp_path, packed[:-200], "cut.csv.gz"))
    assert cut.broken == "the compressed data is damaged; fetch the file again"
