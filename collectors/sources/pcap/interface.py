"""pyshark's live capture, mended where it leaves processes and pipes behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import Any

import pyshark
from pyshark.tshark.tshark import get_process_path

_PATIENCE_SECONDS = 3.0


class InterfaceCapture(pyshark.LiveCapture):  # type: ignore[misc] # pyshark is untyped
    """Captures from one interface; ``end`` leaves neither a process nor a pipe.

    pyshark keeps both ends of the pipe between dumpcap and tshark open in this process, so tshark (and the second
    dumpcap it starts to read from the pipe) never learns that the first dumpcap has ended.
    """

    async def _get_tshark_process(self, packet_count: int | None = None, stdin: int | None = None) -> Any:  # noqa: ANN401, ARG002 (pyshark's signature)
        self._verify_capture_parameters()
        arguments = [get_process_path(process_name="dumpcap"), *self._get_dumpcap_parameters()]
        read, write = os.pipe()
        try:
            dumpcap = await asyncio.create_subprocess_exec(
                *arguments, stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.DEVNULL
            )
            self._created_new_process(arguments, dumpcap, process_name="Dumpcap")
            return await super(pyshark.LiveCapture, self)._get_tshark_process(packet_count=packet_count, stdin=read)
        finally:
            os.close(read)
            os.close(write)

    async def end(self) -> None:
        """End dumpcap, let tshark come to its end (it ends its own dumpcap then), and await both."""
        for process in sorted(self._running_processes, key=lambda each: each.stdout is not None):
            if process.stdout is None and process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(_gone(process), _PATIENCE_SECONDS)
            except TimeoutError:
                process.terminate()  # tshark ends its dumpcap on this signal, but not when killed
                await _gone(process)
        self._running_processes.clear()
        await asyncio.gather(*self._stderr_handling_tasks)


async def _gone(process: asyncio.subprocess.Process) -> None:
    if process.stdout is not None:
        await process.stdout.read()  # a full pipe would keep its end from being noticed
    await process.wait()
