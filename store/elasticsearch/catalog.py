"""The indexes held, and the typed fields that each was made with."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from elasticsearch import BadRequestError, NotFoundError

from events import FieldType, field_table
from store.elasticsearch.connection import Connection, root_cause
from store.elasticsearch.mapping import layout_of
from store.elasticsearch.names import IndexNames
from store.elasticsearch.settings import ElasticsearchSettings
from store.errors import StoreError
from store.placement import IndexKey

_TIMED_OUT = 408
_EXISTS = "resource_already_exists_exception"

Types: TypeAlias = Mapping[str, FieldType]
_Form: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What indexes are made with: their typed fields, and the texts whose words they hold without their places."""

    types: Types
    unplaced: frozenset[str] = frozenset()


class Catalog:
    """Looks indexes up. Safe between threads."""

    def __init__(self, connection: Connection, settings: ElasticsearchSettings) -> None:
        """Nothing is asked before it is needed."""
        self._connection = connection
        self.names = IndexNames(settings.index_prefix)
        self._forms: dict[IndexKey, _Form] = {}
        self._layouts: dict[_Form, Layout] = {}
        self._guard = threading.Lock()

    def held(self) -> list[IndexKey]:
        """The indexes that can be asked, oldest day first, implausible times last."""
        return self.open_and_closed()[0]

    def open_and_closed(self) -> tuple[list[IndexKey], list[IndexKey]]:
        """The same, and those that someone has closed, which answer nothing."""
        answer = self._connection.client.indices.resolve_index(
            name=self.names.pattern, expand_wildcards="all", filter_path="indices.name,indices.attributes"
        )
        named: dict[bool, list[str]] = {True: [], False: []}
        for index in answer.get("indices", []):
            named["closed" in index["attributes"]].append(index["name"])
        return self.names.keys(named[False]), self.names.keys(named[True])

    def remaining(self) -> list[IndexKey]:
        """The indexes held, without those that are being dropped: they are named until their shards are gone."""
        client = self._connection.client.options(ignore_status=_TIMED_OUT)
        client.cluster.health(wait_for_events="languid", timeout="5s", filter_path="timed_out")
        return self.held()

    def holds(self, names: Iterable[str]) -> bool:
        """Whether indexes can all be asked still: retention may have dropped one while it was asked."""
        return {self.names.name(key) for key in self.remaining()}.issuperset(names)

    def by_layout(self, keys: Sequence[IndexKey]) -> list[tuple[Layout, list[IndexKey]]]:
        """Indexes by what they were made with; what is gone meanwhile is left out.

        Raises:
            StoreError: an index was not made by this product's templates.
        """
        with self._guard:
            unknown = [key for key in keys if key not in self._forms]
            self._learn(unknown)
            if any(key not in self._forms for key in unknown):
                self._refuse_foreign(unknown)
            groups: dict[_Form, list[IndexKey]] = defaultdict(list)
            for key in keys:
                if key in self._forms:
                    groups[self._forms[key]].append(key)
            return [(self._layouts[form], group) for form, group in groups.items()]

    def types_for_writing(self, key: IndexKey) -> Types:
        """The typed fields of an index, which is made where it is missing.

        Raises:
            StoreError: there are no templates to make it by, or those of another version.
        """
        found = self.by_layout([key]) or self._made(key)
        return found[0][0].types

    def forget(self, key: IndexKey) -> None:
        """An index is gone."""
        with self._guard:
            self._forms.pop(key, None)

    def _refuse_foreign(self, keys: Sequence[IndexKey]) -> None:
        """What is there without our fields would be searched in vain."""
        for key in set(self.held()).intersection(keys).difference(self._forms):
            raise StoreError(
                f"{self._connection.where}: the index {self.names.name(key)} was not made by Fengsui's templates; "
                "run `fengsui store init`, reindex what is in it from its source, and delete it"
            )

    def _learn(self, unknown: Sequence[IndexKey]) -> None:
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
                unplaced = meta.get("unplaced", [])
                form = self._forms[key] = (meta["layout"], *unplaced)
                if form not in self._layouts:
                    types = {field: FieldType(kind) for field, kind in meta["fields"].items()}
                    self._layouts[form] = Layout(types, frozenset(unplaced))

    def _made(self, key: IndexKey) -> list[tuple[Layout, list[IndexKey]]]:
        """A new index; it is taken back where the templates don't make it as this version wants it."""
        indices, name = self._connection.client.indices, self.names.name(key)
        try:
            indices.create(index=name)
        except BadRequestError as error:
            if root_cause(error).get("type") != _EXISTS:
                raise
            return self.by_layout([key])  # another process of ours was first
        with self._guard:
            self._learn([key])
            form = self._forms.get(key)
            if form and form[0] == layout_of(field_table().types):
                return [(self._layouts[form], [key])]
            state = "of another version" if self._forms.pop(key, None) else "missing"
        indices.delete(index=name)
        raise StoreError(f"{self._connection.where}: the index templates are {state}; run `fengsui store init`")
