"""Where the settings stand."""

from __future__ import annotations

import os
from pathlib import Path

SETTINGS_FILE = Path("fengsui.toml")


def settings_file() -> Path:
    """The settings file of this process: ``FENGSUI_SETTINGS``, else ``fengsui.toml`` in its folder."""
    return Path(os.environ.get("FENGSUI_SETTINGS", SETTINGS_FILE))
