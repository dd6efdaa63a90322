"""From configuration to sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors.normalizers.catalog import NORMALIZERS
from collectors.sources.config import (
    AnySourceConfig,
    FileSourceConfig,
    HttpSourceConfig,
    PcapSourceConfig,
    SourceConfig,
    SyslogSourceConfig,
)
from collectors.sources.contract import Checkpoints, Source, SourceError
from collectors.sources.file import FileSource
from collectors.sources.file.container_reading import Decode
from collectors.sources.http import HttpSource, IntakeServer
from collectors.sources.live import LiveSource
from collectors.sources.recording import Normalize
from collectors.sources.replay import ReplaySource
from collectors.sources.spool import Spool
from collectors.sources.spool.spool import SpoolSettings
from collectors.sources.syslog import SyslogSource


@dataclass(frozen=True, slots=True)
class SourceSurroundings:
    """What sources need from outside.

    Attributes:
        spool_folder: holds a folder for the spool of each source that is pushed to.
        decode: opens files that are no plain lines (``collectors.decoders.decode_path``).
        normalize: tells a recording's times (``collectors.normalizers.chain.normalize``).
    """

    spool_folder: Path
    checkpoints: Checkpoints
    decode: Callable[[FileSourceConfig], Decode]
    normalize: Normalize


def build_sources(configs: Sequence[AnySourceConfig], surroundings: SourceSurroundings) -> list[Source]:
    """The sources of a configuration; none is open yet.

    Raises:
        SourceError: two have one name, a format is not known, or a spool can't be opened.
    """
    _check(configs)
    return list(_build_all(configs, surroundings))


def _check(configs: Sequence[SourceConfig]) -> None:
    formats = {normalizer.name for normalizer in NORMALIZERS}
    names: set[str] = set()
    for config in configs:
        if config.name in names:
            raise SourceError(f"sources: {config.name} stands there twice; give each source a name of its own")
        names.add(config.name)
        if config.format is not None and config.format not in formats:
            known = ", ".join(sorted(formats))
            raise SourceError(f"sources: {config.name}: no format is called {config.format}; known are {known}")


def _build_all(configs: Sequence[AnySourceConfig], around: SourceSurroundings) -> Iterator[Source]:
    servers: dict[str, IntakeServer] = {}
    for config in configs:
        match config:
            case FileSourceConfig(pace="daily"):
                yield ReplaySource(config, around.checkpoints, around.decode(config), around.normalize)
            case FileSourceConfig():
                yield FileSource(config, around.checkpoints, around.decode(config))
            case SyslogSourceConfig():
                yield SyslogSource(config, _spool(config, config.spool, around), around.checkpoints)
            case HttpSourceConfig():
                server = servers.setdefault(config.listen, IntakeServer(config.listen))
                yield HttpSource(config, _spool(config, config.spool, around), around.checkpoints, server)
            case PcapSourceConfig():
                yield LiveSource(config)


def _spool(config: SourceConfig, settings: SpoolSettings, around: SourceSurroundings) -> Spool:
    return Spool(around.spool_folder / config.name, settings)
