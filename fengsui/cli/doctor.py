"""``doctor``: what is missing on this machine, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import typer

from collectors.sources.pcap import tshark_version
from collectors.transport import look_at_brokers
from detection import load_rules
from detection.rules import default_reading_cache
from fengsui.allocator import in_use, preloading
from fengsui.cli.options import DataDir
from fengsui.errors import USER_ERRORS
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines
from fengsui.settings import Settings, load_settings

FREE_DISK_BYTES = 5 * 1024**3
_SHOWN_PROBLEMS = 3
_BROKER_SECONDS = 10
Status = Literal["ok", "missing", "broken"]
_SIGNS = {"ok": "✓", "missing": "○", "broken": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing that Fengsui needs; ``missing`` switches something off, ``broken`` stops it."""

    check: str
    status: Status
    detail: str
    fix: str = ""


def doctor(data_dir: DataDir = None) -> None:
    """Say what is missing on this machine and how to get it; exit 1 when something must be mended first."""
    findings = list(_examine(data_dir))
    write_lines(asdict(finding) for finding in findings)
    for finding in findings:
        say(f"{_SIGNS[finding.status]} {finding.check}: {finding.detail}{f' → {finding.fix}' if finding.fix else ''}")
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)


def _examine(data_dir: Path | None) -> Iterator[Finding]:
    yield Finding("python", "ok", sys.version.split()[0])
    yield _tshark()
    yield _allocator()
    try:
        settings = load_settings(data_dir=data_dir)
    except USER_ERRORS as error:
        yield Finding("settings", "broken", str(error), "correct the setting")
        return
    yield Finding("settings", "ok", f"{len(settings.sources)} sources")
    for examine in (_data_dir, _disk, _tracing, _rules, _event_store, _kafka):
        yield _guarded(examine, settings)


def _guarded(examine: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return examine(settings)
    except (OSError, *USER_ERRORS) as error:
        return Finding(examine.__name__.strip("_"), "broken", str(error), "see the message")


def _tshark() -> Finding:
    version = tshark_version()
    if version is None:
        return Finding("tshark", "missing", "packet captures are switched off", "as root: apt-get install tshark")
    return Finding("tshark", "ok", version)


def _allocator() -> Finding:
    if in_use():
        return Finding("jemalloc", "ok", "in use")
    if found := preloading():
        return Finding("jemalloc", "ok", *found.values())
    fix = "as root: apt-get install libjemalloc2 (dnf install jemalloc); leave LD_PRELOAD unset"
    return Finding("jemalloc", "missing", "events are taken in more slowly, with more memory", fix)


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    existing = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            "data_dir", "broken", f"{existing} can't be written", "give this user the folder, or set data_dir"
        )
    return Finding("data_dir", "ok", str(folder.resolve()))


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 1024**3:.1f} GiB free"
    if free < FREE_DISK_BYTES:
        return Finding("disk", "broken", detail, "free some space, or set data_dir to a larger disk")
    return Finding("disk", "ok", detail)


def _tracing(settings: Settings) -> Finding:
    if settings.monitoring.tracing_endpoint is None:
        return Finding("tracing", "ok", "off")
    if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter") is None:
        return Finding("tracing", "broken", "its packages are not installed", "pip install 'fengsui[tracing]'")
    return Finding("tracing", "ok", str(settings.monitoring.tracing_endpoint))


def _rules(settings: Settings) -> Finding:
    rule_set = load_rules(settings.detection.rules, cache=default_reading_cache())
    rules, correlations = len(rule_set.rules), len(rule_set.correlations)
    detail = f"{rules} rules and {correlations} correlations loaded, {len(rule_set.unsupported)} can't be evaluated"
    if rule_set.unsupported:
        shown = [f"{each.path}:{each.line}: {each.reason}" for each in rule_set.unsupported[:_SHOWN_PROBLEMS]]
        return Finding("rules", "missing", "; ".join([detail, *shown]), "`fengsui rules check` names every one")
    return Finding("rules", "ok", detail)


def _event_store(settings: Settings) -> Finding:
    if settings.store is None:
        return Finding("event_store", "ok", "embedded")
    from store.elasticsearch.condition import condition_of  # noqa: PLC0415 (the client takes a second to load)

    condition = condition_of(settings.store)
    detail = "; ".join([condition.summary, *condition.broken, *condition.lacks])
    if condition.broken:
        return Finding("event_store", "broken", detail, "see the message")
    return Finding("event_store", "missing" if condition.lacks else "ok", detail)


def _kafka(settings: Settings) -> Finding:
    if settings.kafka is None:
        return Finding("kafka", "ok", "not used")
    brokers = look_at_brokers(settings.kafka, _BROKER_SECONDS)
    topics = ", ".join(f"{name} with {number} partitions" for name, number in sorted(brokers.partitions.items()))
    return Finding("kafka", "ok", f"{brokers.count} brokers; {topics or 'no topic yet: the first process makes them'}")
