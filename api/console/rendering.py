"""Renders a page: its template, the reader's language and theme, and what every page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.caller import caller_of
from api.console import formatting
from api.console.histograms import LEVELS
from api.console.navigation import first_page, navigation_of
from api.console.translation import Catalog, catalog, language_of
from api.dependencies import dependencies_of
from api.reminder_work import unseen_reminders
from api.signing import csrf_token
from events import now_ms
from registry.policy import import_policy

THEME_COOKIE = "fengsui_theme"
THEMES = ("auto", "light", "dark")
_NOTICE_COOKIE = "fengsui_notice"
_NOTICE = re.compile(r"[a-z_]{1,40}(:\d{1,6}){0,2}")
_NOTICE_SECONDS = 20
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": formatting.number,
        "duration": formatting.duration,
        "value_text": formatting.value_text,
        "half": formatting.half,
        "half_of_lines": formatting.half_of_lines,
        "attack_name": formatting.attack_name,
        "event_time_ms": formatting.event_time_ms,
        "event_line": formatting.event_line,
    }
    environment.globals |= {"url": formatting.url, "level_names": _level_names}
    return environment


def render(request: Request, template: str, context: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The page of a template; a notice left by the request before is shown once."""
    notice = request.cookies.get(_NOTICE_COOKIE, "")
    html = _environment().get_template(template).render({**_shared(request), **context, "notice": _notice(notice)})
    response = HTMLResponse(html, status)
    if notice:
        response.delete_cookie(_NOTICE_COOKIE, path="/")
    return response


def redirect(path: str, notice: str = "") -> Response:
    """Send the browser on after a change, with a notice for the next page (``key``, ``key:3`` or ``key:3:1``)."""
    response = RedirectResponse(local_path(path), HTTPStatus.SEE_OTHER)
    if notice:
        response.set_cookie(_NOTICE_COOKIE, notice, max_age=_NOTICE_SECONDS, httponly=True, samesite="lax", path="/")
    return response


def local_path(path: object) -> str:
    """A path of this site as given, the queue for anything that leads elsewhere."""
    text = str(path)
    leads_away = not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable()
    return "/alerts" if leads_away else text


def _level_names(catalog_: Catalog) -> dict[str, str]:
    return {level: catalog_(f"level.{level}") for level in LEVELS}


def _notice(cookie: str) -> tuple[str, list[int]] | None:
    if not _NOTICE.fullmatch(cookie):
        return None
    key, *numbers = cookie.split(":")
    return key, [int(each) for each in numbers]


def _shared(request: Request) -> dict[str, Any]:
    dependencies, principal = dependencies_of(request), caller_of(request).principal
    language = language_of(request)
    zone = dependencies.settings.time_zone
    theme = request.cookies.get(THEME_COOKIE, "auto")

    def moment(value: int | None, *, precise: bool = False) -> Any:  # noqa: ANN401 (markup)
        return formatting.time_element(value, zone, precise=precise)

    def day(value: int | None, *, last: bool = False) -> Any:  # noqa: ANN401 (as above)
        return formatting.day_element(value, import_policy().zone, last=last)

    return {
        "day": day,
        "t": catalog(language),
        "language": language,
        "theme": theme if theme in THEMES else "auto",
        "zone": zone.key,
        "zone_name": formatting.zone_name(zone, now_ms()),
        "principal": principal,
        "may": principal.may if principal else lambda _scope: False,
        "navigation": navigation_of(principal),
        "home": first_page(principal),
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "unseen_reminders": unseen_reminders(dependencies, principal),
        "csrf_token": csrf_token(dependencies.secret_key, principal.session_id or "") if principal else "",
        "moment": moment,
    }
