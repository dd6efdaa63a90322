"""The one place that says how logs are written: a line of JSON on standard error for each thing that happened.

Neither values of records nor the texts of exceptions, which may hold them, are written: of an exception its type and
where it was raised. Logging never fails: a line that can't be written is lost, what it tells of goes on.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor

from fengsui.monitoring.settings import MonitoringSettings

_SERVICE = "fengsui"
_FRAMES = 12
"""Innermost frames of an exception that are written."""


def configure_logs(settings: MonitoringSettings, process: str) -> None:
    """Write this process's logs, and those of the libraries from warnings on, to standard error.

    Args:
        settings: form and level.
        process: named in every line.
    """
    stream = LosableStream(sys.stderr)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _named(process),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="@timestamp"),
        exception_without_text,
    ]
    people: list[Processor] = [structlog.dev.ConsoleRenderer(timestamp_key="@timestamp")]
    rendering = _json_lines() if as_json else people
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", stream)),
        cache_logger_on_first_use=False,
    )
    _take_over_libraries(stream, shared, rendering)


class LosableStream:
    """A stream to which writing never fails: what a closed file, a broken pipe or a full disk refuses is dropped."""

    def __init__(self, stream: TextIO | None) -> None:
        """Wrap a stream; None (standard error was closed at the start) takes nothing."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if possible."""
        with suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if possible."""
        with suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person reads along."""
        with suppress(OSError, ValueError):
            return self._stream is not None and self._stream.isatty()
        return False


def exception_without_text(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Exchange an exception for its types, outermost first, and the places of its innermost frames."""
    raised = event.pop("exc_info", None)
    if raised is True or isinstance(raised, tuple):
        raised = sys.exc_info()[1] if raised is True else raised[1]
    if isinstance(raised, BaseException):
        frames = traceback.extract_tb(raised.__traceback__)[-_FRAMES:]
        event["error.type"] = [type(each).__name__ for each in _chain(raised)]
        event["error.frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def _named(process: str) -> Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> EventDict:
        event["service.name"], event["process"] = _SERVICE, process
        return event

    return add


def _json_lines() -> list[Processor]:
    """Names of fields after ECS, where it has one."""
    return [
        structlog.processors.EventRenamer("message"),
        _level_after_ecs,
        structlog.processors.JSONRenderer(serializer=lambda event, **_: _as_json(event)),
    ]


def _as_json(event: EventDict) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:  # a file's name that is no UTF-8, a number of more than 64 bits
        return json.dumps(event, default=str)


def _level_after_ecs(_logger: object, _method: str, event: EventDict) -> EventDict:
    event["log.level"] = event.pop("level", "info")
    return event


def _take_over_libraries(stream: LosableStream, shared: list[Processor], rendering: list[Processor]) -> None:
    """What libraries log by the standard way, in the same form."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
