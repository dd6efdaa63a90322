"""What the logs say, and what they must not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.settings import MonitoringSettings

SECRET = "身份证 110101199003074557"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def _stumble() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


def test_a_line_is_json_on_standard_error_with_the_request_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(MonitoringSettings(log_format="json"), "serve")
    with bound_contextvars(request_id="r-1"):
        structlog.get_logger("any").warning("clock", code="first_report")
    structlog.get_logger("any").debug("not at this level")
    shown = capsys.readouterr()
    line = json.loads(shown.err)
    assert shown.out == ""
    assert line.pop("@timestamp").endswith("Z")
    assert line == {
        "message": "clock",
        "log.level": "warning",
        "service.name": "fengsui",
        "process": "serve",
        "code": "first_report",
        "request_id": "r-1",
    }


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_is_named_with_its_place_but_its_text_is_not_written(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    configure_logs(MonitoringSettings.model_validate({"log_format": form}), "serve")
    for log in (structlog.get_logger("ours"), logging.getLogger("a.library")):
        try:
            _stumble()
        except RuntimeError:
            log.exception("request_failed")
    shown = capsys.readouterr().err
    assert "1101011990" not in shown
    assert shown.count("RuntimeError") == shown.count("_stumble") == 2
    if form == "json":
        assert [json.loads(line)["error.type"] for line in shown.splitlines()] == [["RuntimeError", "ValueError"]] * 2
