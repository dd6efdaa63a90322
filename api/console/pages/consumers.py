"""Consumers of data: their list, and one with its accounts and grants."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.rendering import render
from api.console.translation import language_of
from api.consumer_view import ConsumerQuery, list_consumers, view_consumer
from api.dependencies import Dependencies
from api.registry_work import READ
from events import now_ms
from registry import ConsumerKind

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]


@router.get("/consumers")
def show_list(
    request: Request, query: Annotated[ConsumerQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The consumers of a filter."""
    page, units = list_consumers(dependencies, query, caller)
    context = {
        "active": "consumers",
        "words": DataWords(language_of(request)),
        "query": query,
        "page": page,
        "units": units,
        "kinds": [kind.value for kind in ConsumerKind],
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "consumers.html", context)


@router.get("/consumers/{consumer_id}")
def show_one(request: Request, consumer_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One consumer."""
    context = {
        "active": "consumers",
        "words": DataWords(language_of(request)),
        "view": view_consumer(dependencies, consumer_id, caller),
        "now": now_ms(),
    }
    return render(request, "consumer.html", context)
