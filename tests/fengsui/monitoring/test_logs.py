"""What the logs say, and what they must not."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from collectors.delivery import Delivery, DeliverySettings
from collectors.record import RecordBatch
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.settings import MonitoringSettings
from fengsui.output import say
from fengsui.processes.housekeeping import Rounds
from tests.patience import PATIENCE_SECONDS

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


def _broken_pipe() -> int:
    """A pipe that nobody reads any more, as when a service's log reader has died."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def _full() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@pytest.mark.parametrize("lost", [_broken_pipe, _full, None])
def test_delivery_and_rounds_go_on_where_no_line_can_be_written(
    lost: Callable[[], int] | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stream = os.fdopen(lost(), "w", buffering=1) if lost else (tmp_path / "log").open("w", encoding="utf-8")
    if lost is None:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logs(MonitoringSettings(log_format="json"), "collect")
    attempts: list[int] = []
    delivered, turned = threading.Event(), threading.Event()

    class FailsAtFirst:
        def deliver(self, _batches: Sequence[RecordBatch], /) -> None:
            attempts.append(1)
            if len(attempts) < 3:
                raise OSError("no")

    def turn() -> None:
        attempts.append(1)
        logging.getLogger("a.library").error("no")
        if turned.is_set():
            raise OSError("no")
        turned.set()

    delivery = Delivery(FailsAtFirst(), DeliverySettings(retry_first_seconds=0.01))
    rounds = Rounds([turn])
    delivery.start()
    rounds.start()
    delivery.submit(RecordBatch("devices", "a", [], []), delivered.set)
    say("nobody hears this")
    assert delivered.wait(PATIENCE_SECONDS)
    assert turned.wait(PATIENCE_SECONDS)
    delivery.stop()
    rounds.stop()
    with suppress(OSError, ValueError):
        stream.close()


def test_a_file_name_that_is_no_text_is_written_as_json_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(MonitoringSettings(log_format="json"), "collect")
    name = os.fsdecode("日志.log".encode("gb18030"))
    structlog.get_logger("any").warning("file can't be read", path=name, inode=1 << 70)
    line = json.loads(capsys.readouterr().err)
    assert (line["path"], line["inode"]) == (name, 1 << 70)
