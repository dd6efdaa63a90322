"""A process that is watched: its figures from the start, its listener for as long as it works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from prometheus_client import CollectorRegistry, GCCollector, Info, ProcessCollector

from api.readiness import Check
from fengsui.monitoring.folder_figures import FolderFigures
from fengsui.monitoring.listener import Listener
from fengsui.monitoring.settings import Port
from fengsui.settings import Settings


def process_figures(settings: Settings, process: str) -> CollectorRegistry:
    """The figures that every process has: its version, what it takes of the machine, and its folder."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    Info("fengsui", "Version and process", registry=registry).info({"version": version("fengsui"), "process": process})
    registry.register(FolderFigures(settings))
    return registry


@contextmanager
def listening(
    settings: Settings, port: Port | None, figures: CollectorRegistry, checks: Mapping[str, Check]
) -> Iterator[None]:
    """Answer Prometheus and supervisors for the length of a block, where a port is set.

    Raises:
        FengsuiError: the address is taken.
    """
    if port is None:
        yield
        return
    listener = Listener(settings.monitoring, port, figures, checks)
    listener.start()
    try:
        yield
    finally:
        listener.stop()
