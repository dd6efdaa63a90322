"""Forms of the registry: register and change units, systems, resources, consumers and accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.form_choices import entry_choices
from api.console.form_fields import text_of
from api.console.form_inputs import FormWords, inputs_of
from api.console.rendering import redirect, render
from api.console.translation import catalog, language_of
from api.dependencies import Dependencies
from api.register_forms import REGISTERS, RefusedEntryError, save_entry
from api.registry_work import WRITE, read_entry
from registry.entries.problems import ValueProblem
from registry.importing import ImportKind
from registry.importing.columns import columns_of, row_values

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(WRITE))]
Writer = Annotated[Caller, Depends(Requires(WRITE, form=True))]
_PAGES = {
    ImportKind.UNITS: "/units",
    ImportKind.SYSTEMS: "/systems",
    ImportKind.RESOURCES: "/catalog",
    ImportKind.CONSUMERS: "/consumers",
    ImportKind.ACCOUNTS: "/consumers",
}
_FIELD_PARTS = ("name", "label", "grade", "categories")
_BLANK_ROWS = 4
_LONGEST_GIVEN = 255


class RegisterName(StrEnum):
    """The registers that have a form."""

    UNITS = "units"
    SYSTEMS = "systems"
    RESOURCES = "resources"
    CONSUMERS = "consumers"
    ACCOUNTS = "accounts"

    @property
    def kind(self) -> ImportKind:
        """The register's kind."""
        return ImportKind(self.value)


Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """The entry that an address names; ``entry_id`` None for one that is to be registered."""

    register: RegisterName
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """What stands in a form: the cells of the entry, and of a resource the rows of its fields."""

    kind: ImportKind
    entry_id: str | None
    cells: Mapping[str, str]
    rows: Sequence[Row] = ()

    @classmethod
    def of_form(cls, target: Target, form: Form) -> _Draft:
        """What was filled in."""
        kind = target.register.kind
        cells = {column: text_of(form, column) for column in columns_of(kind)}
        if target.entry_id is not None:
            cells["id"] = target.entry_id
        return cls(kind, target.entry_id, cells, _field_rows(form) if kind is ImportKind.RESOURCES else [])

    def values(self) -> dict[str, object]:
        """As the entry's model takes them."""
        if self.kind is not ImportKind.RESOURCES:
            return dict(self.cells)
        return {**self.cells, "fields": [{name: part for name, part in row.items() if part} for row in self.rows]}


def target_of(register: RegisterName, entry_id: str) -> Target:
    """The entry that the address names."""
    return Target(register, entry_id)


@router.get("/registry/{register}/new")
def show_new(request: Request, register: RegisterName, dependencies: Dependencies, caller: Reader) -> Response:
    """An empty form; values may be given in the address, as the consumer for which an account is registered."""
    cells = {column: request.query_params.get(column, "")[:_LONGEST_GIVEN] for column in columns_of(register.kind)}
    return _page(request, _Draft(register.kind, None, cells), _words(request, dependencies, caller))


@router.post("/registry/{register}/new")
def create(
    request: Request, register: RegisterName, dependencies: Dependencies, form: Form, caller: Writer
) -> Response:
    """Register an entry."""
    return _save(request, _Draft.of_form(Target(register), form), dependencies, caller)


@router.get("/registry/{register}/{entry_id}/edit")
def show_one(
    request: Request, target: Annotated[Target, Depends(target_of)], dependencies: Dependencies, caller: Reader
) -> Response:
    """The form of an entry."""
    kind = target.register.kind
    document = read_entry(dependencies, REGISTERS[kind], str(target.entry_id), caller).document()
    rows = [{**each, "categories": ";".join(each["categories"])} for each in document.get("fields") or ()]
    draft = _Draft(kind, target.entry_id, row_values(kind, document), rows)
    return _page(request, draft, _words(request, dependencies, caller))


@router.post("/registry/{register}/{entry_id}/edit")
def change(
    request: Request,
    target: Annotated[Target, Depends(target_of)],
    dependencies: Dependencies,
    form: Form,
    caller: Writer,
) -> Response:
    """Change an entry."""
    return _save(request, _Draft.of_form(target, form), dependencies, caller)


def _save(request: Request, draft: _Draft, dependencies: Dependencies, caller: Caller) -> Response:
    try:
        entry = save_entry(dependencies, draft.kind, draft.values(), caller, draft.entry_id)
    except RefusedEntryError as error:
        return _page(request, draft, _words(request, dependencies, caller), error.problems)
    shown = entry.consumer_id if draft.kind is ImportKind.ACCOUNTS else entry.id
    done = "entry_registered" if draft.entry_id is None else "entry_changed"
    return redirect(f"{_PAGES[draft.kind]}/{quote(shown)}", done)


def _page(request: Request, draft: _Draft, words: FormWords, problems: Sequence[ValueProblem] = ()) -> Response:
    columns, path = columns_of(draft.kind), _PAGES[draft.kind]
    has_rows = draft.kind is ImportKind.RESOURCES
    context: dict[str, Any] = {
        "active": path[1:],
        "words": words.data,
        "kind": draft.kind.value,
        "list": path,
        "entry_id": draft.entry_id,
        "inputs": inputs_of(draft.kind, draft.cells, words, problems),
        "rows": [*draft.rows, *_blank_rows()] if has_rows else None,
        "row_errors": [words.problem(each) for each in problems if each.column == "fields"],
        "further": [words.problem(each) for each in problems if each.column not in {*columns, "fields"}],
        "refused": bool(problems),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return render(request, "register_form.html", context, status)


def _words(request: Request, dependencies: Dependencies, caller: Caller) -> FormWords:
    language = language_of(request)
    return FormWords(DataWords(language), catalog(language), entry_choices(dependencies, caller))


def _field_rows(form: Form) -> list[Row]:
    """The rows of a resource's fields that have anything in them."""
    parts = [[str(value).strip() for value in form.getlist(f"field_{part}")] for part in _FIELD_PARTS]
    rows = [dict(zip(_FIELD_PARTS, row, strict=True)) for row in zip(*parts, strict=False)]
    return [row for row in rows if any(row.values())]


def _blank_rows() -> list[Row]:
    return [dict.fromkeys(_FIELD_PARTS, "") for _ in range(_BLANK_ROWS)]
