"""Live capture from a network interface through pyshark, in a thread and event loop of its own."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from collectors.record import Record
from collectors.sources.pcap.capture import document_record
from collectors.sources.pcap.errors import TsharkFailedError, TsharkMissingError
from collectors.sources.pcap.exchange import Document
from collectors.sources.pcap.fields import FIELDS, PREFERENCES
from collectors.sources.pcap.flows import FlowLimits, FlowTable
from collectors.sources.pcap.frame import read_frame
from collectors.sources.pcap.tshark import AGGREGATOR, tshark_version

_ASKED_FOR = frozenset(FIELDS)
_WAIT_SECONDS = 0.5
_SHUTDOWN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How an interface is listened to.

    Attributes:
        capture_filter: in libpcap's syntax; None captures all.
        waiting_frames: how many dissected frames may wait; what comes while so many wait is dropped.
        on_dropped: told of each dropped frame, in the capture's own thread.
        limits: how conversations are kept.
    """

    capture_filter: str | None = None
    waiting_frames: int = 10_000
    on_dropped: Callable[[], None] = lambda: None
    limits: FlowLimits = field(default_factory=FlowLimits)


def live_capture(interface: str, stop: threading.Event, options: LiveOptions | None = None) -> Iterator[Record]:
    """The documents of an interface's traffic as they complete, until ``stop`` is set; then what is still open.

    The capture ends, with its processes, when the iterator is exhausted or closed.

    Raises:
        TsharkMissingError: tshark is not installed.
        TsharkFailedError: the interface does not exist or may not be listened to, or the capture broke off.
    """
    if tshark_version() is None:
        raise TsharkMissingError
    chosen = options or LiveOptions()
    table = FlowTable(chosen.limits)
    numbers = count()
    capture = _CaptureThread(interface, chosen)
    capture.start()
    try:
        for values in capture.frames(stop):
            # Where nothing comes, the clock ends conversations.
            documents = table.end_idle(time.time_ns() // 1000) if values is None else _documents(table, values)
            for document in documents:
                yield document_record(next(numbers), document)
        for document in table.finish():
            yield document_record(next(numbers), document)
    finally:
        capture.end()


def _documents(table: FlowTable, values: dict[str, str]) -> Iterator[Document]:
    try:
        frame = read_frame(values)
        if frame is not None:
            yield from table.observe(frame)
    except (ValueError, KeyError, IndexError):
        return  # a frame the dissector could not make sense of carries no flow


class _CaptureThread(threading.Thread):
    """Runs pyshark's coroutine; hands over the fields of each packet through a bounded queue."""

    def __init__(self, interface: str, options: LiveOptions) -> None:
        super().__init__(name=f"capture-{interface}", daemon=True)
        self._interface = interface
        self._filter = options.capture_filter
        self._waiting: queue.Queue[dict[str, str]] = queue.Queue(options.waiting_frames)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._failed: Exception | None = None
        self._on_dropped = options.on_dropped

    def frames(self, stop: threading.Event) -> Iterator[dict[str, str] | None]:
        """Frames as they come, None where none came for a moment; ends when ``stop`` is set."""
        while not stop.is_set():
            try:
                yield self._waiting.get(timeout=_WAIT_SECONDS)
            except queue.Empty:
                if not self.is_alive():
                    raise TsharkFailedError(
                        f"live capture on {self._interface}: ended by itself; check the interface's name, the capture "
                        "filter and the right to capture (root, or dumpcap with cap_net_raw)"
                    ) from self._failed
                yield None
        self.end()
        while not self._waiting.empty():
            yield self._waiting.get_nowait()

    def run(self) -> None:
        """Capture until cancelled."""
        asyncio.set_event_loop(self._loop)
        try:
            self._task = self._loop.create_task(self._capture())
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 (pyshark's own errors have no common root; told to the reader)
            self._failed = error
        finally:
            self._loop.close()

    def end(self) -> None:
        """Stop capturing and wait until its processes are gone."""
        if self.is_alive() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)
        self.join(_SHUTDOWN_SECONDS)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _capture(self) -> None:
        from collectors.sources.pcap.interface import InterfaceCapture  # noqa: PLC0415 (only live capture needs pyshark)

        capture = InterfaceCapture(
            self._interface, bpf_filter=self._filter, eventloop=self._loop, override_prefs=dict(PREFERENCES)
        )
        try:
            await capture.packets_from_tshark(self._offer, close_tshark=False)
        finally:
            await asyncio.shield(capture.end())

    def _offer(self, packet: Any) -> None:  # noqa: ANN401 (pyshark is untyped)
        try:
            self._waiting.put_nowait(packet_fields(packet))
        except queue.Full:
            self._on_dropped()


def packet_fields(packet: Any) -> dict[str, str]:  # noqa: ANN401 (pyshark is untyped)
    """The fields of a pyshark packet by tshark's names, in the form that tshark's rows have."""
    frame = packet.frame_info
    values: dict[str, list[str]] = {}
    for layer in packet.layers:
        for container in layer._all_fields.values():  # noqa: SLF001 (the public names have lost their dots)
            for each in container.all_fields:
                if each.name in _ASKED_FOR:
                    values.setdefault(each.name, []).append(each.show or each.raw_value or "")
    row = {name: AGGREGATOR.join(found) for name, found in values.items()}
    row |= {"frame.number": str(packet.number), "frame.time_epoch": str(packet.sniff_timestamp)}
    return row | {"frame.len": str(packet.length), "frame.protocols": str(frame.protocols)}
