"""Forms that ask for a grant: the resource first, then who may take which of its fields for what and how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.form_choices import entry_choices, resource_choices
from api.console.form_fields import text_of
from api.console.form_inputs import FormWords, inputs_of
from api.console.rendering import redirect, render
from api.console.translation import catalog, language_of
from api.dependencies import ApiDependencies, Dependencies
from api.grant_forms import Asked, asked_resource, following_cells, new_cells, save_terms, terms_of
from api.problems import ProblemError
from api.register_forms import RefusedEntryError
from api.registry_work import REQUEST
from registry.entries.problems import ValueProblem
from registry.importing import ImportKind
from registry.policy import zone_policy

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(REQUEST))]
Requester = Annotated[Caller, Depends(Requires(REQUEST, form=True))]
_TERMS = ("id", "consumer_id", "purpose", "valid_from", "valid_to", "records_per_day", "subjects_per_day", "masked")
_SHOWN = frozenset({*_TERMS, "fields", "zones"})
_LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class _Draft:
    """What stands in a form; ``grant_id`` None for a grant that is asked for anew."""

    asked: Asked
    cells: Mapping[str, str]
    fields: Sequence[str] = ()
    zones: Sequence[str] = ()
    grant_id: str | None = None

    @classmethod
    def of_form(cls, asked: Asked, form: Form, grant_id: str | None = None) -> _Draft:
        """What was filled in."""
        cells = {column: text_of(form, column) for column in _TERMS}
        if grant_id is not None:
            cells["id"] = grant_id
        fields = [str(each).strip() for each in form.getlist("fields")]
        if asked.fields is None:
            fields = [name for line in fields for each in line.split("\n") if (name := each.strip())]
        return cls(asked, cells, fields, [str(each) for each in form.getlist("zones")], grant_id)

    def values(self) -> dict[str, object]:
        """As the grant's model takes them."""
        of_resource = {"resource_id": self.asked.id, "provider_id": self.asked.provider_id}
        return {**self.cells, **of_resource, "fields": [*self.fields], "zones": [*self.zones]}


@router.get("/grants/new")
def show_new(
    request: Request, dependencies: Dependencies, caller: Reader, resource: str = "", like: str = ""
) -> Response:
    """The form for a resource, or the choice of one; filled like another grant, for the time after it."""
    asked = asked_resource(dependencies, resource[:_LONGEST_ID], caller) if resource else None
    if asked is None:
        return _choose(request, dependencies, caller, resource[:_LONGEST_ID])
    draft = _Draft(asked, new_cells(asked))
    if like:
        grant, _ = terms_of(dependencies, like[:_LONGEST_ID], caller)
        draft = _Draft(asked, following_cells(asked, grant), grant.fields, grant.zones)
    return _page(request, draft, _words(request, dependencies, caller))


@router.post("/grants/new")
def create(request: Request, dependencies: Dependencies, form: Form, caller: Requester) -> Response:
    """Ask for a grant."""
    asked = asked_resource(dependencies, text_of(form, "resource_id")[:_LONGEST_ID], caller)
    if asked is None:
        return _choose(request, dependencies, caller, text_of(form, "resource_id")[:_LONGEST_ID])
    return _save(request, dependencies, _Draft.of_form(asked, form), caller)


@router.get("/grants/{grant_id}/edit")
def show_one(request: Request, grant_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """The terms of a grant that nobody has approved yet."""
    grant, cells = terms_of(dependencies, grant_id, caller)
    draft = _Draft(_asked_for(dependencies, grant.resource_id, caller), cells, grant.fields, grant.zones, grant_id)
    return _page(request, draft, _words(request, dependencies, caller))


@router.post("/grants/{grant_id}/edit")
def change(request: Request, grant_id: str, dependencies: Dependencies, form: Form, caller: Requester) -> Response:
    """Change what is asked for."""
    grant, _ = terms_of(dependencies, grant_id, caller)
    asked = _asked_for(dependencies, grant.resource_id, caller)
    return _save(request, dependencies, _Draft.of_form(asked, form, grant_id), caller)


def _save(request: Request, dependencies: Dependencies, draft: _Draft, caller: Caller) -> Response:
    try:
        grant = save_terms(dependencies, draft.values(), caller, is_new=draft.grant_id is None)
    except RefusedEntryError as error:
        return _page(request, draft, _words(request, dependencies, caller), error.problems)
    done = "grant_requested" if draft.grant_id is None else "grant_changed"
    return redirect(f"/grants/{quote(grant.id)}", done)


def _choose(request: Request, dependencies: ApiDependencies, caller: Caller, unknown: str) -> Response:
    """The choice of a resource; ``unknown`` is an id that names none."""
    context = {
        "active": "grants",
        "unknown": unknown,
        "resources": resource_choices(dependencies, caller),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if unknown else HTTPStatus.OK
    return render(request, "grant_resource.html", context, status)


def _page(request: Request, draft: _Draft, words: FormWords, problems: Sequence[ValueProblem] = ()) -> Response:
    inputs = inputs_of(ImportKind.GRANTS, draft.cells, words, problems)
    context: dict[str, Any] = {
        "active": "grants",
        "words": words.data,
        "draft": draft,
        "inputs": [each for name in _TERMS for each in inputs if each.name == name],
        "refused_inputs": [each for each in inputs if each.errors],
        "zones": [(zone, words.data.zone(zone)) for zone in zone_policy().zones],
        "errors": {each.name: each.errors for each in inputs},
        "further": [words.problem(each) for each in problems if each.column not in _SHOWN],
        "refused": bool(problems),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return render(request, "grant_form.html", context, status)


def _words(request: Request, dependencies: Dependencies, caller: Caller) -> FormWords:
    language = language_of(request)
    return FormWords(DataWords(language), catalog(language), entry_choices(dependencies, caller))


def _asked_for(dependencies: ApiDependencies, resource_id: str, caller: Caller) -> Asked:
    """The resource of a grant that is registered."""
    asked = asked_resource(dependencies, resource_id, caller)
    if asked is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "entry_not_found", f"There is no resource {resource_id} any more")
    return asked
