"""What of the data folder goes into a backup, beside the records: spools, event days, attachments, keys, settings."""

from __future__ import annotations

from pathlib import Path

import orjson
from sqlalchemy.engine import make_url

from fengsui.backup.files import Copying
from fengsui.settings import SHIPPED_RULES, Settings
from store.embedded.copying import commits
from store.embedded.layout import folder_of, list_indexes

DATA = "data"
"""Folder of a backup that mirrors the data folder."""
ANCHORS = "anchors"
"""Folder of a backup with the copies of checkpoints that lie elsewhere."""
_SETTINGS_COPY = "settings.json"
_SITE = "site"
_KEYS = ("*.key", "*.keys", "*.secret", "audit/*.key", "audit/*.pub", "source-secrets/*", "demo-accounts.txt")
_DIGEST_DIGITS = 64


def copy_spools(settings: Settings, copying: Copying) -> None:
    """What was pushed and waits; a segment that is delivered meanwhile is in the records and the event store."""
    for path in _files(settings.spool_dir):
        _copy_if_there(copying, path, settings.data_dir)


def copy_anchors(settings: Settings, copying: Copying) -> None:
    """The copies of checkpoints, in the data folder and elsewhere."""
    own, *elsewhere = settings.anchor_files
    if own.exists():
        copying.copy(own, f"{DATA}/audit/{own.name}")
    for number, path in enumerate(elsewhere):
        if path.exists():
            copying.copy(path, f"{ANCHORS}/{number}.ndjson")


def copy_event_days(settings: Settings, copying: Copying) -> int:
    """Every day of the embedded event store as of one commit each; returns the number of events."""
    events = 0
    for key in list_indexes(settings.events_dir):
        folder = folder_of(settings.events_dir, key)
        parent = f"{DATA}/events/{folder.relative_to(settings.events_dir).as_posix()}"
        try:
            events += _copy_index(folder, parent, copying)
        except FileNotFoundError:  # dropped by retention meanwhile
            copying.keep_only(parent, ())
    return events


def copy_attachments(settings: Settings, copying: Copying) -> None:
    """Attached files, each named by its digest; what has another name is being written."""
    for path in _files(settings.attachments_dir):
        if len(path.name) == _DIGEST_DIGITS:
            copying.copy_unchanging(path, f"{DATA}/{path.relative_to(settings.data_dir).as_posix()}")


def copy_site(settings: Settings, copying: Copying) -> None:
    """The settings without secrets, and the site's own policies and rules."""
    told = settings.model_dump(mode="json")
    if settings.records_url:
        told["records_url"] = make_url(settings.records_url).render_as_string(hide_password=True)
    copying.write(orjson.dumps(told, option=orjson.OPT_INDENT_2), _SETTINGS_COPY)
    own_rules = [folder for folder in settings.detection.rules if folder.resolve() != SHIPPED_RULES]
    places = {f"rules-{number}": folder for number, folder in enumerate(own_rules)}
    if settings.policies:
        places["policies"] = settings.policies
    for name, folder in places.items():
        for path in _files(folder):
            copying.copy(path, f"{_SITE}/{name}/{path.relative_to(folder).as_posix()}")


def copy_keys(settings: Settings, copying: Copying) -> None:
    """Keys and other secrets of the data folder."""
    found = {path for pattern in _KEYS for path in settings.data_dir.glob(pattern) if path.is_file()}
    for path in sorted(found):
        copying.copy(path, f"{DATA}/{path.relative_to(settings.data_dir).as_posix()}")


def _copy_index(folder: Path, parent: str, copying: Copying) -> int:
    for commit in commits(folder):
        copying.keep_only(parent, commit.files)
        try:
            for name in commit.files:
                if f"{parent}/{name}" not in copying.entries:
                    copying.copy_unchanging(folder / name, f"{parent}/{name}")
        except FileNotFoundError:  # merged away meanwhile
            continue
        for name, content in commit.descriptions.items():
            copying.write(content, f"{parent}/{name}")
        return commit.events
    return 0


def _copy_if_there(copying: Copying, path: Path, data_dir: Path) -> None:
    try:
        copying.copy(path, f"{DATA}/{path.relative_to(data_dir).as_posix()}")
    except FileNotFoundError:  # delivered meanwhile
        return


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
