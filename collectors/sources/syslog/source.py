"""The syslog source: a listener in a thread of its own in front of a spool."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Sequence

import structlog

from collectors.record import Checkpoint, RecordBatch
from collectors.sources.config import SyslogSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.spool import Message, Spool, SpoolError
from collectors.sources.spool_source import SpoolSource
from collectors.sources.syslog.listener import SyslogListener

_RETRY_SECONDS = 0.5
_DATAGRAMS_HELD = 20_000  # while the spool is busy; beyond, datagrams are dropped and counted
_FRAME_MESSAGES = 2_000
_PART_BYTES = 1 << 20
_PARTS_IN_SPOOL = 8  # so that a part finds room in a spool of any size
_log = structlog.get_logger(__name__)


class SyslogSource:
    """Spools what syslog senders push. TCP senders wait while the spool is full; datagrams are dropped and counted."""

    def __init__(self, config: SyslogSourceConfig, spool: Spool, checkpoints: Checkpoints) -> None:
        """Prepare; ``open`` begins to listen."""
        self.name = config.name
        self._spool = spool
        self._reading = SpoolSource(config, spool, checkpoints)
        self._listener = SyslogListener(config, self._take, self._take_datagram)
        self._datagrams: deque[Message] = deque()
        self._dropped = 0
        self._dropped_lock = threading.Lock()
        self._part_bytes = min(_PART_BYTES, config.spool.max_bytes // _PARTS_IN_SPOOL)
        self._loop = asyncio.new_event_loop()
        self._arrived = asyncio.Event()
        self._stopping = asyncio.Event()
        self._thread: threading.Thread | None = None

    @property
    def addresses(self) -> dict[str, list[tuple[str, int]]]:
        """Where it listens, by ``udp``, ``tcp`` and ``tls``."""
        return self._listener.addresses

    def open(self) -> None:
        """Begin to listen.

        Raises:
            SourceError: an address can't be listened at.
        """
        self._loop.run_until_complete(self._listener.open())
        self._thread = threading.Thread(target=self._run, name=f"syslog {self.name}")
        self._thread.start()

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """What was spooled, until ``stop``."""
        return self._reading.batches(stop)

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Forget what is delivered."""
        self._reading.acknowledge(checkpoint)

    def take_dropped(self) -> int:
        """Datagrams dropped since the last call."""
        with self._dropped_lock:
            dropped, self._dropped = self._dropped, 0
        return dropped

    def close(self) -> None:
        """Stop listening and close the spool."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()
        self._spool.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        spooling = asyncio.create_task(self._spool_datagrams())
        await self._stopping.wait()
        await self._listener.close()
        self._arrived.set()
        await spooling
        await self._loop.shutdown_default_executor()

    async def _take(self, messages: Sequence[Message]) -> None:
        """Spool messages of a connection, however long it takes; given up only when the source stops."""
        for part in _parts(messages, self._part_bytes):
            await self._take_part(part)

    async def _take_part(self, messages: Sequence[Message]) -> None:
        while True:
            try:
                await asyncio.to_thread(self._spool.append, messages)
            except SpoolError as error:
                if self._stopping.is_set():
                    self._drop(len(messages), error)
                    return
                await self._pause(messages, error)
            else:
                return

    async def _pause(self, messages: Sequence[Message], error: SpoolError) -> None:
        try:
            await asyncio.sleep(_RETRY_SECONDS)
        except asyncio.CancelledError:
            self._drop(len(messages), error)
            raise

    def _take_datagram(self, message: Message) -> None:
        if len(self._datagrams) >= _DATAGRAMS_HELD:
            self._drop(1, None)
            return
        self._datagrams.append(message)
        self._arrived.set()

    async def _spool_datagrams(self) -> None:
        """Spool datagrams as they come, many in a frame."""
        while not (self._stopping.is_set() and not self._datagrams):
            await self._arrived.wait()
            self._arrived.clear()
            while self._datagrams:
                count = min(len(self._datagrams), _FRAME_MESSAGES)
                messages = [self._datagrams.popleft() for _ in range(count)]
                try:
                    await asyncio.to_thread(self._spool.append, messages)
                except SpoolError as error:
                    self._drop(count, error)

    def _drop(self, count: int, error: SpoolError | None) -> None:
        with self._dropped_lock:
            if not self._dropped:
                _log.warning("messages dropped", source=self.name, why=str(error or "they come faster than the disk"))
            self._dropped += count


def _parts(messages: Sequence[Message], most: int) -> Iterator[Sequence[Message]]:
    """The messages in runs of about ``most`` bytes."""
    start = size = 0
    for number, message in enumerate(messages):
        if size and size + len(message.data) > most:
            yield messages[start:number]
            start, size = number, 0
        size += len(message.data)
    yield messages[start:]
