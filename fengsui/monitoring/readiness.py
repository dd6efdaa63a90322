"""What must hold, beside the stores, for a process to be ready: room on the disk, and its keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from api.readiness import OK, Check
from collectors.collect import Activity, Collector
from fengsui.settings import Settings


def check_surroundings(settings: Settings) -> dict[str, Check]:
    """The checks of the data folder's disk and of the keys that are in it now."""
    held = [path for path in settings.key_files if path.exists()]
    return {
        "disk": lambda: _disk(settings.data_dir, settings.monitoring.least_free_bytes),
        "keys": lambda: _keys(held),
    }


def check_collecting(collector: Collector) -> dict[str, Check]:
    """The check of the sources and of delivery: names those that fail and are tried again."""

    def sources() -> str:
        states = collector.status()
        failed = [each.name for each in states if each.activity is Activity.FAILED]
        if failed:
            return f"failing: {', '.join(failed)}"
        return "delivery is failing" if any(each.error for each in states) else OK

    return {"sources": sources}


def _disk(folder: Path, least: int) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "the data folder can't be read"
    return OK if free >= least else "too little room"


def _keys(files: Sequence[Path]) -> str:
    """Keys are made at the first start: one that is gone later is lost, and a new one would not open what it sealed."""
    missing = [path.name for path in files if not os.access(path, os.R_OK)]
    return f"missing or unreadable: {', '.join(missing)}" if missing else OK
