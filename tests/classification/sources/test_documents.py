"""JSON, NDJSON, text, Parquet, frames, folders."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classification.sources import FrameSource, open_source
from tests.classification.sources.reading import read_file, read_source

PERSON = {"name": "张伟", "contact": {"phone": "13800000001", "mails": ["a@example.cn", "b@example.cn"]}, "age": 30}


def _write(folder: Path, content: str, name: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content", "prefix"),
    [
        ("a.ndjson", "\n".join([json.dumps(PERSON)] * 3), ""),
        ("lines.json", "\n".join([json.dumps(PERSON)] * 3), ""),
        ("many.json", json.dumps(PERSON, indent=2) * 3, ""),
        ("array.json", json.dumps([PERSON] * 3, ensure_ascii=False, indent=1), "[]."),
        ("wrapped", json.dumps({"code": 0, "data": [PERSON] * 3}), "data[]."),
    ],
)
def test_documents_of_every_shape_become_field_paths(tmp_path: Path, name: str, content: str, prefix: str) -> None:
    found = read_file(_write(tmp_path, content, name))
    assert found.columns[f"{prefix}contact.phone"] == ["13800000001"] * 3
    assert sorted(map(str, found.columns[f"{prefix}contact.mails[]"])) == ["a@example.cn"] * 3 + ["b@example.cn"] * 3
    assert found.columns[f"{prefix}age"] == [30] * 3
    assert found.rows == (1 if name == "wrapped" else 3)


def test_a_key_that_is_data_is_a_value(tmp_path: Path) -> None:
    filed = {"people": {f"1380000000{n}": {"name": "x"} for n in range(3)}}
    for name in ("a.json", "a.ndjson"):
        found = read_file(_write(tmp_path, json.dumps(filed), name))
        assert sorted(found.columns) == ["people.*", "people.*.name"]
        assert sorted(map(str, found.columns["people.*"])) == [f"1380000000{n}" for n in range(3)]


def test_endless_keys_and_nesting_stay_bounded(tmp_path: Path) -> None:
    wide = "\n".join(json.dumps({f"k{n}a": n}) for n in range(5000))
    assert len(read_file(_write(tmp_path, wide, "wide.ndjson")).columns) == 2001
    deep = "[" * 3000 + '"13800000001"' + "]" * 3000
    found = read_file(_write(tmp_path, deep, "deep.json"))
    assert [value for values in found.columns.values() for value in values] == ["13800000001"]


def test_broken_documents_are_told_and_the_rest_read(tmp_path: Path) -> None:
    lines = read_file(_write(tmp_path, '{"a": 1}\n{"a": \n{"a": 2}\n', "a.ndjson"))
    assert (lines.columns["a"], lines.problems) == ([1, 2], ["1 lines are no JSON; write one document a line"])
    whole = read_file(_write(tmp_path, '[{"a": 1}, {"a": 2}, {"a"', "b.json"))
    assert whole.columns["[].a"] == [1, 2]
    assert whole.broken == "it stops being JSON before its end; write it again"


def test_text_is_read_as_text(tmp_path: Path) -> None:
    text = "2024-01-01 10:00:00 user 13800000001, from 10.0.0.1\n" * 3
    for name in ("app.log", "notes.txt", "README"):
        found = read_file(_write(tmp_path, text if name == "app.log" else f"[note] {text}\nvery, free, prose\n", name))
        assert "13800000001" in found.text
        assert not found.columns


def test_a_line_without_end_comes_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "one.log"
    path.write_bytes(b"x" * 20_000_000 + b"13800000001")
    found = read_file(path)
    assert found.text.endswith("13800000001")
    assert len(found.text) == 20_000_011


def test_parquet_with_nested_columns(tmp_path: Path) -> None:
    schema = pa.schema(
        [
            pa.field("sjhm", pa.string(), metadata={"comment": "手机号码"}),
            pa.field("contact", pa.struct([("mail", pa.string()), ("tags", pa.list_(pa.string()))])),
            pa.field("kind", pa.dictionary(pa.int8(), pa.string())),
            pa.field("raw", pa.binary()),
        ]
    )
    rows = [
        {"sjhm": "13800000001", "contact": {"mail": "a@example.cn", "tags": ["x", "y"]}, "kind": "k", "raw": b"\xff\0"},
        {"sjhm": None, "contact": None, "kind": "k", "raw": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "a.parquet", row_group_size=1)
    found = read_file(tmp_path / "a.parquet")
    assert dict(found.columns) == {
        "sjhm": ["13800000001"],
        "contact.mail": ["a@example.cn"],
        "contact.tags[]": ["x", "y"],
        "kind": ["k", "k"],
        "raw": [None],
    }
    assert (found.rows, found.comments["sjhm"], found.types["sjhm"]) == (2, "手机号码", "string")
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(data[: len(data) // 2])
    assert read_file(tmp_path / "cut.parquet").broken == "no whole Parquet file, or an encrypted one; write it again"


def test_a_frame_is_a_source() -> None:
    frame = pd.DataFrame([["13800000001", 1.0, None], ["13800000002", 2.5, "x"]], columns=["phone", "n", "phone"])
    found, _ = read_source(FrameSource(frame, "people"))
    assert dict(found["people"].columns) == {"phone": ["13800000001", "13800000002"], "n": [1, 2.5], "phone_3": ["x"]}
    empty, _ = read_source(FrameSource(pd.DataFrame({"a": []})))
    assert dict(empty["frame"].columns) == {"a": []}


def test_a_folder_gives_every_file_and_says_what_it_can_not_read(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    _write(tmp_path / "deep" / "er", "a,b\n1,2\n", "x.csv")
    with sqlite3.connect(tmp_path / "city.db") as connection:
        connection.execute("CREATE TABLE people (phone TEXT)")
    connection.close()
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    found, problems = read_source(open_source(str(tmp_path)))
    assert sorted(name.rpartition("/")[2] for name in found) == ["city.db#people", "x.csv"]
    assert sorted(problems) == [
        "No such file or directory; give this user the right to read it",
        "binary data of no known kind; export it as CSV, Excel, Parquet, JSON or text",
    ]
    assert read_source(open_source(str(tmp_path / "pipe")))[1] == ["a device, pipe or socket and no file; name a file"]
