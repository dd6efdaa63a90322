"""Gives Kibana a data view of Fengsui's events. May be run again.

Usage: data_view.py KIBANA_URL CREDENTIALS

Signs in as ``elastic`` with CREDENTIALS/elastic.password and trusts CREDENTIALS/ca.crt.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import httpx

VIEW = {
    "data_view": {
        "id": "fengsui-events",
        "name": "Fengsui 烽燧",
        "title": "fengsui-events-*",
        "timeFieldName": "@timestamp",
    },
    "override": True,
}
_ARGUMENTS = 2


def main(arguments: list[str]) -> int:
    """Make the view; returns the exit status."""
    if len(arguments) != _ARGUMENTS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    kibana, credentials = arguments[0], Path(arguments[1])
    password = (credentials / "elastic.password").read_text(encoding="ascii").strip()
    answer = httpx.post(
        f"{kibana}/api/data_views/data_view",
        json=VIEW,
        headers={"kbn-xsrf": "fengsui"},
        auth=("elastic", password),
        verify=ssl.create_default_context(cafile=credentials / "ca.crt"),
        timeout=60,
    )
    answer.raise_for_status()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
