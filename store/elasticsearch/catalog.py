"""The indexes held, and the typed fields that each was made with."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from elasticsearch import NotFoundError

from events import FieldType, field_table
from store.elasticsearch.connection import Connection
from store.elasticsearch.mapping import layout_of
from store.elasticsearch.names import IndexNames
from store.elasticsearch.settings import ElasticsearchSettings
from store.elasticsearch.templates import installed_layout
from store.errors import StoreError
from store.placement import IndexKey

Types: TypeAlias = Mapping[str, FieldType]


class Catalog:
    """Looks indexes up. Safe between threads."""

    def __init__(self, connection: Connection, settings: ElasticsearchSettings) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self._settings = settings
        self.names = IndexNames(settings.index_prefix)
        self._layouts: dict[IndexKey, str] = {}
        self._types: dict[str, Types] = {}
        self._guard = threading.Lock()

    def held(self) -> list[IndexKey]:
        """The indexes held, oldest day first, implausible times last."""
        answer = self._connection.client.indices.resolve_index(
            name=self.names.pattern, expand_wildcards="open", filter_path="indices.name"
        )
        return self.names.keys(index["name"] for index in answer.get("indices", []))

    def by_types(self, keys: Sequence[IndexKey]) -> list[tuple[Types, list[IndexKey]]]:
        """Indexes by the typed fields that they were made with; what is gone meanwhile is left out.

        Raises:
            StoreError: an index was not made by this product's templates.
        """
        with self._guard:
            self._learn(key for key in keys if key not in self._layouts)
            groups: dict[str, list[IndexKey]] = defaultdict(list)
            for key in keys:
                if key in self._layouts:
                    groups[self._layouts[key]].append(key)
            return [(self._types[layout], group) for layout, group in groups.items()]

    def types_for_writing(self, key: IndexKey) -> Types:
        """The typed fields of an index, or of the templates where it is yet to be made.

        Raises:
            StoreError: the templates are missing or of another version.
        """
        for types, _keys in self.by_types([key]):
            return types
        return self._types_of_templates()

    def forget(self, key: IndexKey) -> None:
        """An index is gone."""
        with self._guard:
            self._layouts.pop(key, None)

    def _learn(self, keys: Iterable[IndexKey]) -> None:
        unknown = list(keys)
        if not unknown:
            return
        try:
            answer = self._connection.client.indices.get_mapping(
                index=self.names.expression(unknown),
                ignore_unavailable=True,
                allow_no_indices=True,
                filter_path="*.mappings._meta",
            )
        except NotFoundError:
            return
        for name, held in answer.items():
            meta = held["mappings"]["_meta"]
            if (key := self.names.key(name)) is not None and "layout" in meta:
                self._layouts[key] = meta["layout"]
                self._types.setdefault(
                    meta["layout"], {field: FieldType(kind) for field, kind in meta["fields"].items()}
                )

    def _types_of_templates(self) -> Types:
        layout = installed_layout(self._connection.client, self._settings)
        expected = field_table().types
        if layout != layout_of(expected):
            state = "missing" if layout is None else "of another version"
            raise StoreError(f"{self._connection.where}: the index templates are {state}; run `fengsui store init`")
        return expected
