"""Records written in any format, compression and encoding come back as they were."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.decoders import DecodeOptions, decode_path
from collectors.record import DeadLetter, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]

Documents = list[dict[str, object]]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
documents = st.lists(st.dictionaries(st.text(max_size=8), values, min_size=1, max_size=4), min_size=1, max_size=6)
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n,;"'), min_size=1, max_size=10)
rows = st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6)


def plain(data: bytes) -> bytes:
    return data


def gzip_members(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/inner.log", data)
    return file.getvalue()


def zip_in_gzip(data: bytes) -> bytes:
    return gzip.compress(zipped(data))


def gzip_in_zip(data: bytes) -> bytes:
    return zipped(gzip.compress(data))


LAYOUTS: dict[str, Callable[[Documents], str]] = {
    "ndjson": lambda items: "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items),
    "ndjson with CRLF": lambda items: "\r\n".join(json.dumps(item) for item in items),
    "pretty": lambda items: "\n".join(json.dumps(item, indent=2, ensure_ascii=False) for item in items),
    "concatenated": lambda items: "".join(json.dumps(item) for item in items),
    "array": lambda items: json.dumps(items, ensure_ascii=False),
    "pretty array": lambda items: json.dumps(items, indent=4),
    "CloudTrail": lambda items: json.dumps({"Records": items}),
    "list": lambda items: json.dumps(
        {"kind": "List", "metadata": {"v": ""}, "items": items, "nextPage": [1]}, indent=1
    ),
}
packings = st.sampled_from([plain, gzip_members, bz2.compress, zipped, zip_in_gzip, gzip_in_zip])
roughly = settings(max_examples=25)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]


def decoded(tmp_path: Path, data: bytes, decoder: str | None = None, encoding: str | None = None) -> list[Record]:
    path = tmp_path / "sample"
    path.write_bytes(data)
    items = [item for stream in decode_path(path, DecodeOptions(decoder, encoding)) for item in stream]
    assert all(isinstance(item, Record) for item in items), items
    return items


@pytest.mark.parametrize("layout", LAYOUTS)
@roughly
@given(packing=packings, items=documents, encoding=st.sampled_from(ENCODINGS))
def test_json(tmp_path: Path, packing: Callable[[bytes], bytes], layout: str, items: Documents, encoding: str) -> None:
    data = LAYOUTS[layout](items).encode(encoding)
    told = "utf-16-be" if encoding == "utf-16-be" else None
    records = decoded(tmp_path, packing(data), **({"encoding": told} if told else {}))
    assert [record.document for record in records] == items
    positions = [record.position for record in records]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@roughly
@given(packing=packings, table=rows, encoding=st.sampled_from([*ENCODINGS, "gb18030"]))
def test_csv(
    tmp_path: Path, packing: Callable[[bytes], bytes], delimiter: str, table: list[tuple[str, ...]], encoding: str
) -> None:
    names = ["时间", "user name", "action"]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *table])
    told = {} if encoding in {"utf-8", "utf-8-sig", "utf-16"} else {"encoding": encoding}
    data = packing(text.getvalue().replace("\r\n", "\n").encode(encoding))
    records = decoded(tmp_path, data, **told)
    assert [record.document for record in records] == [dict(zip(names, row, strict=True)) for row in table]


@roughly
@given(
    packing=packings,
    texts=st.lists(
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=20),
        min_size=1,
    ),
    encoding=st.sampled_from([*ENCODINGS, "gb18030"]),
)
def test_lines(tmp_path: Path, packing: Callable[[bytes], bytes], texts: list[str], encoding: str) -> None:
    lines = [f"Jun 14 15:16:01 combo app[{number}]: {text}" for number, text in enumerate(texts)]
    told = {} if encoding in {"utf-8", "utf-8-sig", "utf-16"} else {"encoding": encoding}
    records = decoded(tmp_path, packing("\n".join(lines).encode(encoding)), decoder="lines", **told)
    assert [record.text for record in records] == lines


@pytest.mark.parametrize("layout", ["%s", "<?xml version='1.0'?>\n<Events>%s</Events>"])
@roughly
@given(
    packing=packings,
    commands=st.lists(
        st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20),
        min_size=1,
    ),
    encoding=st.sampled_from(ENCODINGS[:3]),
)
def test_xml(
    tmp_path: Path, packing: Callable[[bytes], bytes], layout: str, commands: list[str], encoding: str
) -> None:
    events = "".join(
        f"<Event xmlns='urn:e'><System><EventID>{number}</EventID></System><EventData>"
        f"<Data Name='CommandLine'>{escape(command)}</Data></EventData></Event>\n"
        for number, command in enumerate(commands)
    )
    records = decoded(tmp_path, packing((layout % events).encode(encoding)))
    assert [record.document for record in records] == [
        {
            "Event": {
                "#attributes": {"xmlns": "urn:e"},
                "System": {"EventID": number},
                "EventData": {"CommandLine": command},
            }
        }
        for number, command in enumerate(commands)
    ]
