"""A line to a node that can be cut: a TCP proxy on the loopback address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 16_384


class CutLine:
    """Passes bytes on until told to cut: within what is asked, or before what is answered."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname or "", address.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._guard = threading.Lock()
        self._asked_cuts = self._answer_cuts = 0
        self._asked_after = 0
        self.cuts = 0
        self.down = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_asking(self, times: int, after_bytes: int) -> None:
        """Cut the next connections once so many bytes went over them to the node."""
        with self._guard:
            self._asked_cuts, self._asked_after = times, after_bytes

    def cut_answering(self, times: int) -> None:
        """Cut the next answers to large requests: the node has done what it was asked, and nobody hears of it."""
        with self._guard:
            self._answer_cuts = times

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.down:
            client.close()
            return
        with suppress(OSError), client, socket.create_connection(self._target) as node:
            asked = [0]
            answers = threading.Thread(target=self._answer, args=(client, node, asked), daemon=True)
            answers.start()
            while chunk := client.recv(_CHUNK):
                asked[0] += len(chunk)
                if self.down or self._takes_cut(asked[0]):
                    return
                node.sendall(chunk)

    def _answer(self, client: socket.socket, node: socket.socket, asked: list[int]) -> None:
        with suppress(OSError):
            while chunk := node.recv(_CHUNK):
                if self._loses_answer(asked[0]):
                    break
                client.sendall(chunk)
                asked[0] = 0
            client.shutdown(socket.SHUT_RDWR)

    def _takes_cut(self, asked: int) -> bool:
        with self._guard:
            if not self._asked_cuts or asked < self._asked_after:
                return False
            self._asked_cuts -= 1
            self.cuts += 1
            return True

    def _loses_answer(self, asked: int) -> bool:
        with self._guard:
            if not self._answer_cuts or asked < _CHUNK:
                return False
            self._answer_cuts -= 1
            self.cuts += 1
            return True


@contextmanager
def cut_line(target: str) -> Iterator[CutLine]:
    """A line to a node, until the end of the block."""
    line = CutLine(target)
    try:
        yield line
    finally:
        line.close()
