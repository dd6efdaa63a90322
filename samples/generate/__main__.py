"""Write the city into a folder: ``python -m samples.generate [FOLDER]`` (default: ``samples``).

Its day goes into ``city``, its registers into ``registry``, tables to be scanned into ``tables``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from samples.generate import registry, tables
from samples.generate.catalog import FILES

_DEFAULT = Path(__file__).resolve().parent.parent


def write(folder: Path, files: Mapping[str, Callable[[], bytes]] = FILES) -> None:
    """Write every file, replacing what is there under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in files.items():
        (folder / name).write_bytes(render())


if __name__ == "__main__":
    base = Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT
    write(base / "city")
    write(base / "registry", registry.FILES)
    write(base / "tables", tables.FILES)
