"""Units and information systems."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.rendering import render
from api.console.translation import language_of
from api.dependencies import Dependencies
from api.form_query import FormQuery
from api.organization_view import list_systems, unit_tree, view_system, view_unit
from api.registry_work import READ, RegisterQuery

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]


class SystemQuery(RegisterQuery, FormQuery):
    """Which systems."""


@router.get("/units")
def show_units(request: Request, dependencies: Dependencies, caller: Reader) -> Response:
    """The units as a tree."""
    context = {"active": "units", "words": DataWords(language_of(request)), "tree": unit_tree(dependencies, caller)}
    return render(request, "units.html", context)


@router.get("/units/{unit_id}")
def show_unit(request: Request, unit_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One unit with its contacts, systems and resources."""
    view = view_unit(dependencies, unit_id, caller)
    return render(request, "unit.html", {"active": "units", "words": DataWords(language_of(request)), "view": view})


@router.get("/systems")
def show_systems(
    request: Request, query: Annotated[SystemQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The systems of a filter."""
    page, names = list_systems(dependencies, query, caller)
    context = {
        "active": "systems",
        "words": DataWords(language_of(request)),
        "query": query,
        "page": page,
        "names": names,
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "systems.html", context)


@router.get("/systems/{system_id}")
def show_system(request: Request, system_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One system."""
    view = view_system(dependencies, system_id, caller)
    return render(request, "system.html", {"active": "systems", "words": DataWords(language_of(request)), "view": view})
