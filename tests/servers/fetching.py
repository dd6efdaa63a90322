"""Servers fetched through Maven into a folder that outlives the tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.lacking import lacking

CACHE = "FENGSUI_SERVERS"
_FOLDER = Path(__file__).parent
_PATIENCE_SECONDS = 1_800


def cache_folder() -> Path:
    """Where servers are kept; root's servers run as another user, who can't read root's home."""
    default = Path("/var/cache/fengsui-servers") if os.getuid() == 0 else Path.home() / ".cache" / "fengsui-servers"
    return Path(os.environ.get(CACHE) or default).absolute()


def fetched(name: str, pom: str, arrange: Callable[[Path], Path], **properties: str) -> Path:
    """The folder of a server; the first time it is unpacked by a Maven project and ``arrange`` says where it lies.

    ``properties`` are the project's, beside the folder it unpacks into.
    """
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / name
    with (cache / ".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test runs beside each other fetch once
        if not home.is_dir():
            with TemporaryDirectory(dir=cache) as work:
                _run_maven(_FOLDER / pom, Path(work), properties)
                arranged = arrange(Path(work) / "unpacked")
                arranged.chmod(0o755)
                arranged.rename(home)
    return home


def _run_maven(pom: Path, work: Path, properties: Mapping[str, str]) -> None:
    """Unpack what a project names, with a repository of its own that goes with ``work``: the archives are large."""
    maven = shutil.which("mvn")
    if not maven:
        lacking(f"no Maven to fetch {pom.stem.partition('-')[2]} with: apt-get install maven")
    given = {**properties, "unpacked": str(work / "unpacked"), "maven.repo.local": str(work / "m2")}
    command = [maven, "-B", "-q", "-f", str(pom), *(f"-D{name}={value}" for name, value in given.items())]
    done = subprocess.run(
        [*command, "generate-resources"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        told = (done.stdout + done.stderr).strip().splitlines()
        lacking(f"Maven can't fetch {pom.stem.partition('-')[2]}: {told[0] if told else done.returncode}")
