"""Figures of the data folder: what the spools hold, and how much room is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fengsui.settings import Settings


class FolderFigures(Collector):
    """Looks at the folders when it is scraped."""

    def __init__(self, settings: Settings) -> None:
        """Keep where they are."""
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """What is there now."""
        free = GaugeMetricFamily("fengsui_disk_free_bytes", "Room left where the data folder lies")
        free.add_metric([], shutil.disk_usage(self._settings.data_dir).free)
        yield free
        spools = GaugeMetricFamily("fengsui_spool_bytes", "Bytes of pushed records on disk", labels=["source"])
        for folder in _folders(self._settings.spool_dir):
            spools.add_metric([folder.name], _bytes_of(folder))
        yield spools


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _bytes_of(folder: Path) -> int:
    total = 0
    for path in folder.iterdir():
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # delivered meanwhile
            continue
    return total
