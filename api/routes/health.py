"""``/healthz`` and ``/readyz``, for supervisors; ``/metrics``, for Prometheus."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.exposition import choose_encoder

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.problems import COMMON_RESPONSES
from api.readiness import check_stores, run_checks

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "A part is not ready; the answer names it"}})
def readyz(response: Response, dependencies: Dependencies) -> dict[str, str]:
    """Whether both stores can be read, the disk has room and the keys are there."""
    checks = check_stores(dependencies.records, dependencies.events)
    is_ready, states = run_checks({**checks, **dependencies.readiness})
    if not is_ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return states


@router.get("/metrics", responses={401: COMMON_RESPONSES[401], 403: COMMON_RESPONSES[403]}, response_class=Response)
def metrics(
    request: Request, dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("metrics:read"))]
) -> Response:
    """The figures of this process and of the records, in Prometheus' text format (OpenMetrics where asked for)."""
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(dependencies.figures), media_type=media_type)
