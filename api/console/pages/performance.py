"""How well incidents and notices are dealt with: 及时整改率, MTTA and MTTR over the months."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.rendering import render
from api.console.translation import Catalog, catalog, language_of
from api.dependencies import Dependencies
from api.performance_view import PERFORMANCE, Month, view_performance

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(PERFORMANCE))]
RANGES = (3, 6, 12, 24)
_MS_PER_HOUR = 3_600_000


@router.get("/performance")
def show(
    request: Request, dependencies: Dependencies, caller: Reader, months: Literal["3", "6", "12", "24"] = "12"
) -> Response:
    """The figures of the last months."""
    view = view_performance(dependencies, int(months), caller)
    words = catalog(language_of(request))
    context = {
        "active": "performance",
        "view": view,
        "chosen": int(months),
        "ranges": RANGES,
        "rate_chart": _rates(view.months, words),
        "time_chart": _times(view.months, words),
    }
    return render(request, "performance.html", context)


def _rates(months: list[Month], words: Catalog) -> dict[str, Any]:
    """The rates in per cent; a month in which nothing is decided has no point."""
    return {
        "labels": [month.name for month in months],
        "unit": "%",
        "maximum": 100,
        "target": round(100 * months[-1].figures.target_rate),
        "target_name": words("performance.target", n=round(100 * months[-1].figures.target_rate)),
        "series": [
            _series(
                words("performance.headline"), "accent", [_percent(m.figures.rectified_in_time_rate) for m in months]
            ),
            _series(words("performance.incidents"), "medium", [_percent(m.figures.incidents.rate) for m in months]),
            _series(words("performance.notices"), "good", [_percent(m.figures.notices.rate) for m in months]),
        ],
    }


def _times(months: list[Month], words: Catalog) -> dict[str, Any]:
    return {
        "labels": [month.name for month in months],
        "unit": "h",
        "series": [
            _series(words("performance.mtta"), "accent", [_hours(month.figures.mtta_ms) for month in months]),
            _series(words("performance.mttr"), "medium", [_hours(month.figures.mttr_ms) for month in months]),
        ],
    }


def _series(name: str, color: str, points: list[float | None]) -> dict[str, Any]:
    return {"name": name, "color": color, "points": points}


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)


def _hours(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / _MS_PER_HOUR, 2)
