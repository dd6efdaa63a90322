"""The loaded rules, and why some are not in force."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.histograms import LEVELS
from api.console.rendering import render
from api.dependencies import Dependencies

router = APIRouter(include_in_schema=False)
_SHOWN = 500


@router.get("/rules")
def show(
    request: Request,
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("rules:read"))],
    text: Annotated[str, Query(max_length=256)] = "",
) -> Response:
    """Rules whose title, id or tags hold a text; the most severe first."""
    rules, wanted = dependencies.rules(), text.strip().casefold()
    rank = {level: index for index, level in enumerate(LEVELS)}
    found = [rule for rule in rules if wanted in " ".join((rule.title, rule.id, *rule.tags)).casefold()]
    found.sort(key=lambda rule: (rule.problem is None, rank.get(rule.level, len(rank)), rule.title))
    context = {
        "active": "rules",
        "text": text,
        "total": len(rules),
        "found": len(found),
        "not_in_force": sum(rule.problem is not None for rule in rules),
        "rules": found[:_SHOWN],
    }
    return render(request, "rules.html", context)
