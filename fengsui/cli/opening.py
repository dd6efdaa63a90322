"""What a command opens for as long as it runs, and who acts through it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from audit import Actor
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.settings import load_settings
from store.records import RecordsDatabase


@contextmanager
def opened_records(data_dir: Path | None) -> Iterator[RecordsDatabase]:
    """The records database of the settings, in this data folder where one is named."""
    settings = load_settings(data_dir=data_dir)
    prepare_data_dir(settings)
    with closing(open_records(settings)) as records:
        yield records


def operator() -> Actor:
    """Whoever sits at this machine, by the account that runs the program."""
    return Actor("system", "command-line", getpass.getuser())
