"""The site's own policies: what the settings name holds in this process and in all that it starts."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from fengsui.settings_file import settings_file
from policies import SITE_FOLDER, PolicyError, unknown_policies

_SETTING = "policies"


def adopt_site_policies() -> None:
    """Let every policy be looked for in the site's folder first; to be called before a part reads any.

    The folder is named by ``FENGSUI_POLICIES`` or, where that is not set, by ``policies`` of the settings file.

    Raises:
        PolicyError: there is no such folder, or a file in it has the name of no policy.
    """
    named = os.environ.get(SITE_FOLDER) or _in_settings_file()
    if not named:
        return
    folder = Path(named).resolve()
    if not folder.is_dir():
        raise PolicyError(f"policies: {folder} is no folder; name the one that holds the site's own policies")
    for name in unknown_policies(folder):
        raise PolicyError(f"policies: {folder / name} is named like no shipped policy; see the folder policies/")
    os.environ[SITE_FOLDER] = str(folder)


def _in_settings_file() -> str | None:
    """The setting; None also where the file can't be read, which whoever loads the settings says."""
    try:
        named = tomllib.loads(settings_file().read_text(encoding="utf-8")).get(_SETTING)
    except (OSError, ValueError):
        return None
    return named if isinstance(named, str) else None
