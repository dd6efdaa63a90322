"""Runs collectors to be killed: a followed file and an HTTP intake into real stores. Argument: the folder.

Everything is imported once; each line on standard input forks a collector, whose process id is answered on standard
output, and, when it has died, its exit status.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path
from types import ModuleType

from collectors.collect import Collector
from collectors.decoders import decode_path
from collectors.delivery import Delivery, DeliverySettings, Pipeline, Stages
from collectors.delivery.checkpoints import RecordedCheckpoints
from collectors.sources.catalog import SourceSurroundings, build_sources
from collectors.sources.config import FileSourceConfig, HttpSourceConfig
from collectors.sources.spool.spool import SpoolSettings
from store.embedded import EmbeddedEventStore


def _plain() -> ModuleType:
    spec = importlib.util.spec_from_file_location("delivery_plain", Path(__file__).with_name("plain.py"))
    assert spec is not None
    assert spec.loader is not None
    plain = importlib.util.module_from_spec(spec)
    sys.modules["delivery_plain"] = plain
    spec.loader.exec_module(plain)
    return plain


def ingest(folder: Path, plain: ModuleType) -> None:
    records = plain.open_records(f"sqlite:///{folder / 'records.db'}")
    store = EmbeddedEventStore(folder / "events")
    pipeline = Pipeline(Stages(plain.normalize, store, plain.match, plain.record_alerts), records)
    delivery = Delivery(pipeline, DeliverySettings(linger_seconds=0.02, group_records=60, queue_records=200))
    followed = FileSourceConfig(
        name="logs", paths=(str(folder / "logs" / "app.log*"),), follow=True, poll_seconds=0.02, batch_records=20
    )
    pushed = HttpSourceConfig(
        name="push",
        listen="127.0.0.1:0",
        token_sha256=(hashlib.sha256(b"token").hexdigest(),),
        batch_records=20,
        spool=SpoolSettings(segment_bytes=8192),
    )
    around = SourceSurroundings(folder / "spool", RecordedCheckpoints(records), lambda _: decode_path, plain.normalize)
    sources = build_sources((followed, pushed), around)
    collector = Collector(sources, delivery, records)
    collector.start()
    address = sources[1]._server.address
    fresh = folder / "port.new"
    fresh.write_text(str(address[1]))
    fresh.rename(folder / "port")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(1) and os.getppid() != 1:
        pass
    collector.stop()
    store.close()
    records.close()


def main(folder: Path) -> None:
    plain = _plain()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            ingest(folder, plain)
            os._exit(0)
        print(child, flush=True)  # noqa: T201 (the answer)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
