"""``work``: what takes long and runs beside everything else: scans of data."""

from __future__ import annotations

import signal
import threading
from contextlib import closing

from classification.scans import DataSourceRegister
from classification.scans.worker import ScanWorkers
from fengsui.processes.foundation import open_records, prepare_data_dir, secrets_key
from fengsui.settings import Settings


def run_work(settings: Settings) -> None:
    """Work until told to end; what is unfinished then is gone on with at the next start."""
    prepare_data_dir(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with closing(open_records(settings)) as records:
        workers = ScanWorkers(records, DataSourceRegister(secrets_key(settings), settings.scan_limits))
        workers.start()
        stop.wait()
        workers.stop()
