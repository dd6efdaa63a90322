"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from classification.sources.contract import Batch, Column, Piece
from classification.sources.errors import UnreadableError
from classification.sources.policy import scan_policy
from classification.sources.values import CellCutter, cut_problem, plain_value

_COMMENT_KEYS = (b"comment", b"description")


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file, read whole, some rows at a time; nested columns come as field paths."""

    path: Path
    name: str
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """Its rows.

        Raises:
            UnreadableError: it is damaged or encrypted.
        """
        limits = scan_policy().limits
        cutter = CellCutter(limits.cell_characters)
        try:
            with pq.ParquetFile(self.path) as file:
                yield from _header(file.schema_arrow)
                for part in file.iter_batches(batch_size=limits.batch_rows):
                    yield _batch(part, cutter)
        except (pa.ArrowException, OSError, MemoryError) as error:
            message = "no whole Parquet file, or an encrypted one; write it again"
            raise UnreadableError(message, "damaged") from error
        if cutter.cut:
            yield cut_problem(self.name, cutter)


def _header(schema: pa.Schema) -> Iterator[Batch]:
    """The columns without rows, so that an empty file shows them."""
    leaves = [leaf for field in schema for leaf in _leaves(field.name, field, pa.array([], field.type))]
    yield Batch(tuple(column for column, _ in leaves), [[] for _ in leaves], 0)


def _batch(part: pa.RecordBatch, cutter: CellCutter) -> Batch:
    leaves = [
        leaf
        for field, values in zip(part.schema, part.columns, strict=True)
        for leaf in _leaves(field.name, field, values)
    ]
    values = [cutter.shorten([plain_value(value) for value in each.drop_null().to_pylist()]) for _, each in leaves]
    return Batch(tuple(column for column, _ in leaves), values, part.num_rows)


def _leaves(path: str, field: pa.Field, values: pa.Array) -> Iterator[tuple[Column, pa.Array]]:
    """The scalar columns below a column: fields of structs by name, elements of lists and maps as ``[]``."""
    kind = field.type
    if pa.types.is_dictionary(kind):
        yield Column(path, _comment(field), str(kind.value_type)), values.dictionary_decode()
    elif pa.types.is_struct(kind):
        for number, inner in enumerate(kind):
            yield from _leaves(f"{path}.{inner.name}", inner, values.field(number))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(f"{path}[]", kind.value_field, values.flatten())
    elif pa.types.is_map(kind):
        yield from _leaves(f"{path}[].key", kind.key_field, values.keys)
        yield from _leaves(f"{path}[].value", kind.item_field, values.items)
    else:
        yield Column(path, _comment(field), str(kind)), values


def _comment(field: pa.Field) -> str:
    metadata = field.metadata or {}
    return next((metadata[key].decode("utf-8", "replace") for key in _COMMENT_KEYS if key in metadata), "")
