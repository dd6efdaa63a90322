"""What kind of data a file holds, by its content first and its name second."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import ijson
import orjson

from classification.sources.contract import Resource
from classification.sources.csv_file import CsvFile
from classification.sources.delimited_rows import sniff_delimiter
from classification.sources.encodings import HEAD_BYTES, detect_encoding, read_head
from classification.sources.errors import UnreadableError
from classification.sources.json_file import JsonFile
from classification.sources.parquet_file import ParquetFile
from classification.sources.text_file import TextFile
from classification.sources.workbook import sheets_of, zip_members

_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_PARQUET_MAGIC = b"PAR1"
SQLITE_MAGIC = b"SQLite format 3\0"
_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_BINARY_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet"})
_JSON_SUFFIXES = frozenset({".json", ".geojson"})
_LINE_SUFFIXES = frozenset({".ndjson", ".jsonl"})
_TEXT_SUFFIXES = frozenset({".log", ".md", ".sql", ".xml", ".html", ".htm", ".eml"})
_SNIFFED_LINES = 50
_MIN_TABLE_LINES = 3
_TABLE_SHARE = 0.9
_JSON_SAMPLE = 1 << 14
_STRICT_JSON = ijson.get_backend("python")
"""Unlike the faster ones it tells a text that is cut from one that is no JSON."""


def resources_in(path: Path, name: str) -> Iterator[Resource]:
    """The resources in a file; one that is empty is a text without lines.

    Raises:
        UnreadableError: it can't be opened, is damaged or locked, or holds nothing that is read here.
    """
    head = read_head(path)
    if head.startswith((_ZIP_MAGIC, _OLE_MAGIC)):
        _check_workbook(path, head)
        yield from sheets_of(path, name)
    elif head.startswith(_PARQUET_MAGIC):
        yield ParquetFile(path, name)
    elif head:
        yield _text_resource(path, name, head)
    elif path.suffix.lower() in _BINARY_SUFFIXES:
        raise UnreadableError("it is empty; fetch the file again", "empty")
    else:
        yield TextFile(path, name, "utf-8")


def _check_workbook(path: Path, head: bytes) -> None:
    """An Office document of another kind, or an archive, is told from a damaged workbook."""
    if head.startswith(_OLE_MAGIC):
        return
    if zip_members(path).keys().isdisjoint(_WORKBOOK_PARTS):
        message = "an archive or document that is no workbook; unpack it, or export its tables as CSV"
        raise UnreadableError(message, "unknown_kind")


def _text_resource(path: Path, name: str, head: bytes) -> Resource:
    encoding = detect_encoding(head)
    if encoding is None:
        message = "binary data of no known kind; export it as CSV, Excel, Parquet, JSON or text"
        raise UnreadableError(message, "unknown_kind")
    text = head.decode(encoding, "ignore").removeprefix("\ufeff")
    whole_lines = text if len(head) < HEAD_BYTES else text.rpartition("\n")[0] or text
    suffix = _suffix(path)
    if suffix in _TABLE_SUFFIXES:
        return CsvFile(path, name, encoding, sniff_delimiter(whole_lines) or ",")
    if suffix in _TEXT_SUFFIXES:
        return TextFile(path, name, encoding)
    if (by_line := _json_shape(whole_lines, suffix)) is not None:
        return JsonFile(path, name, encoding, by_line)
    delimiter = sniff_delimiter(whole_lines)
    if delimiter is not None and _is_table(whole_lines, delimiter):
        return CsvFile(path, name, encoding, delimiter)
    return TextFile(path, name, encoding)


def _json_shape(text: str, suffix: str) -> bool | None:
    """Whether it is JSON with a document a line (True) or of another shape (False); None for no JSON.

    A name that says JSON is believed, so that a broken document is told and not taken for prose.
    """
    if suffix in _LINE_SUFFIXES:
        return True
    if not _begins_as_json(text):
        return False if suffix in _JSON_SUFFIXES else None
    lines = [line for line in text.split("\n") if line.strip()][:_SNIFFED_LINES]
    return len(lines) > 1 and all(line.lstrip()[0] in "{[" and _is_document(line) for line in lines)


def _begins_as_json(text: str) -> bool:
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        for _ in _STRICT_JSON.basic_parse(text[:_JSON_SAMPLE].encode("utf-8", "replace"), multiple_values=True):
            pass
    except ijson.IncompleteJSONError:
        return len(text) > _JSON_SAMPLE
    except (ijson.JSONError, ValueError):
        return False
    return True


def _is_document(line: str) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_table(text: str, delimiter: str) -> bool:
    """Whether nearly all lines have the same number of fields; what a name does not say takes some lines to believe."""
    widths = [len(row) for row in csv.reader(text.splitlines()[:_SNIFFED_LINES], delimiter=delimiter) if row]
    return len(widths) >= _MIN_TABLE_LINES and widths.count(widths[0]) >= len(widths) * _TABLE_SHARE


def _suffix(path: Path) -> str:
    """The last suffix, in lower case, of what may be packed as gzip."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
