"""Makes what the containers know each other by: certificates, and passwords that nobody has to think of.

Usage: credentials.py FOLDER

Each part gets a folder FOLDER/NAME with its certificate and the passwords that it needs, readable by its user alone;
mount that folder into its container and no other. What is there already stays, so that it may run at each start.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent))

import certificates

_USERS = {
    "elasticsearch": 1000,
    "elasticsearch-2": 1000,
    "elasticsearch-3": 1000,
    "kibana": 1000,
    "kafka": 1000,
    "postgres": 999,
    "prometheus": 65534,
    "init": 10001,
    "serve": 10001,
    "collect": 10001,
    "work": 10001,
    "detection-worker": 10001,
}
"""The parts, with the users that they run as in docker-compose.yml."""
_FENGSUI = ("serve", "collect", "work", "detection-worker")
_PASSWORDS = {
    "elastic": ("elasticsearch", "elasticsearch-2", "elasticsearch-3", "init"),
    "kibana_system": ("kibana", "init"),
    "elasticsearch": ("init", *_FENGSUI),
    "postgres": ("postgres", "init", *_FENGSUI),
    "kafka": ("kafka", *_FENGSUI),
}
"""Who needs which password; only ``init``, which prepares the cluster and ends, has that of its superuser."""
_BYTES = 32
_OWNER_READS = 0o400


def main(arguments: list[str]) -> int:
    """Make what is missing; returns the exit status."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder = Path(arguments[0])
    snapshots = folder / "snapshots"
    if snapshots.is_dir():  # a new volume belongs to root
        os.chown(snapshots, _USERS["elasticsearch"], _USERS["elasticsearch"])
    certificates.main([str(folder), *(f"{name}:{uid}" for name, uid in _USERS.items())])
    for name, parts in _PASSWORDS.items():
        password = _password(folder / "ca" / f"{name}.password")
        for part in parts:
            _give(folder / part / f"{name}.password", password, _USERS[part])
    return 0


def _password(path: Path) -> str:
    """A password, made once; it lies beside the authority's key, which no part is given."""
    if not path.exists():
        path.touch(mode=_OWNER_READS | 0o200)
        path.write_text(secrets.token_urlsafe(_BYTES), encoding="ascii")
    return path.read_text(encoding="ascii")


def _give(path: Path, password: str, uid: int) -> None:
    if path.exists():
        return
    path.touch(mode=_OWNER_READS | 0o200)
    path.write_text(password, encoding="ascii")
    path.chmod(_OWNER_READS)
    os.chown(path, uid, uid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
