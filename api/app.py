"""Puts the application together."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig

from api.caller import CallerMiddleware
from api.characters import check_characters
from api.console import PAGES, render_problem
from api.dependencies import ApiDependencies
from api.description import DescribedApi
from api.headers import SecurityHeadersMiddleware
from api.problems import install_problem_handlers
from api.request_figures import RequestFigures, RequestFiguresMiddleware
from api.routes import ROUTERS
from api.signing import check_secret_key

_STATIC = Path(__file__).parent / "console" / "static"
_UNTRACED = ("/static/", "/healthz", "/readyz", "/metrics")
_TELEMETRY: TelemetryConfig = {
    "auto_configure": False,  # what leaves the process is decided where the process is put together
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "exclude": lambda scope: scope["path"].startswith(_UNTRACED),
}


def create_app(dependencies: ApiDependencies) -> FastAPI:
    """The web application: the API under ``/api/v1``, the console at ``/``.

    Raises:
        ValueError: the secret key is too short.
    """
    check_secret_key(dependencies.secret_key)
    app = DescribedApi(
        title="Fengsui 烽燧",
        version="1",
        summary="Alerts, events and the state of collection",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=dependencies.settings.maximum_body_bytes,
        telemetry=_TELEMETRY,
        dependencies=[Depends(check_characters)],
    )
    app.state.dependencies = dependencies
    app.state.render_problem = render_problem
    for router in (*ROUTERS, *PAGES):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    install_problem_handlers(app)
    _add_middleware(app, dependencies)
    return app


def _add_middleware(app: FastAPI, dependencies: ApiDependencies) -> None:
    """What every request passes through, the innermost first."""
    settings = dependencies.settings
    app.add_middleware(
        CallerMiddleware,
        records=dependencies.records,
        provider=dependencies.provider,
        secure_cookies=settings.secure_cookies,
    )
    app.add_middleware(SecurityHeadersMiddleware, secure=settings.secure_cookies)
    app.add_middleware(RequestFiguresMiddleware, figures=RequestFigures(dependencies.figures))
