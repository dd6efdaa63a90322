"""Write the city's day into a folder: ``python -m samples.generate [FOLDER]`` (default: ``samples/city``)."""

from __future__ import annotations

import sys
from pathlib import Path

from samples.generate.catalog import FILES

_DEFAULT = Path(__file__).resolve().parent.parent / "city"


def write(folder: Path) -> None:
    """Write every file, replacing what is there under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in FILES.items():
        (folder / name).write_bytes(render())


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT)
