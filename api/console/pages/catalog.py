"""The data catalog: its list, and one resource with all that is known around it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import Caller
from api.catalog_query import UNGRADED, CatalogQuery, catalog_choices
from api.console.data_words import DataWords
from api.console.rendering import render
from api.console.translation import language_of
from api.dependencies import Dependencies
from api.registry_work import READ
from api.resource_view import RECENT_DAYS, view_resource

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]


@router.get("/catalog")
def show_list(
    request: Request, query: Annotated[CatalogQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The resources of a filter."""
    context = {
        "active": "catalog",
        "words": DataWords(language_of(request)),
        "query": query,
        "page": query.page(dependencies, caller),
        "choices": catalog_choices(dependencies, caller),
        "ungraded": UNGRADED,
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "catalog.html", context)


@router.get("/catalog/{resource_id}")
def show_one(request: Request, resource_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One resource."""
    context = {
        "active": "catalog",
        "words": DataWords(language_of(request)),
        "view": view_resource(dependencies, resource_id, caller),
        "days": RECENT_DAYS,
    }
    return render(request, "resource.html", context)
