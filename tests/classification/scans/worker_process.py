"""A worker in a process of its own, to be killed: ``python worker_process.py RECORDS_URL FOLDER``."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from classification.scans import DataSourceRegister, SourceLimits
from classification.scans.worker import ScanWorkers
from store.records import RecordsDatabase

KEY = b"k" * 32

if __name__ == "__main__":
    url, folder = sys.argv[1:]
    ScanWorkers(RecordsDatabase(url), DataSourceRegister(KEY, SourceLimits((Path(folder),)))).start()
    threading.Event().wait()
