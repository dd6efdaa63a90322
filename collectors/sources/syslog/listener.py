"""The sockets of a syslog source, in one asyncio loop; what they receive goes to ``take`` or ``take_datagram``."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from collectors.sources.config import SyslogSourceConfig, TlsConfig, host_and_port
from collectors.sources.contract import SourceError
from collectors.sources.spool import Message
from collectors.sources.syslog.framing import SyslogFraming

_READ_BYTES = 1 << 16
_RECEIVE_BUFFER_BYTES = 8 << 20  # what the kernel may hold of datagrams while the spool syncs

Take = Callable[[Sequence[Message]], Awaitable[None]]


class SyslogListener:
    """Listens at the addresses of a configuration.

    ``addresses`` maps ``udp``, ``tcp`` and ``tls`` to what is listened at, with the ports that were taken.
    """

    def __init__(self, config: SyslogSourceConfig, take: Take, take_datagram: Callable[[Message], None]) -> None:
        """Keep the configuration; ``take`` returns when the messages are on disk."""
        self._config = config
        self._take = take
        self._take_datagram = take_datagram
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.addresses: dict[str, list[tuple[str, int]]] = {"udp": [], "tcp": [], "tls": []}

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            SourceError: an address can't be listened at or the certificate can't be used.
        """
        secure = tls_context(self._config.certificate) if self._config.certificate else None
        for address in self._config.udp:
            await self._open_at(address, "udp", None)
        for address in self._config.tcp:
            await self._open_at(address, "tcp", None)
        for address in self._config.tls:
            await self._open_at(address, "tls", secure)

    async def close(self) -> None:
        """Stop listening; what connections have sent so far is still taken."""
        for transport in self._transports:
            transport.close()
        for server in self._servers:
            server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _open_at(self, address: str, kind: str, secure: ssl.SSLContext | None) -> None:
        host, port = host_and_port(address)
        try:
            if kind == "udp":
                self.addresses[kind].append(await self._open_datagrams(host, port))
                return
            server = await asyncio.start_server(self._connected, host, port, ssl=secure, limit=_READ_BYTES)
        except OSError as error:
            detail = f"{self._config.name}: can't listen at {kind} {address} ({error.strerror or error})"
            raise SourceError(f"{detail}; free the port or choose another") from error
        self._servers.append(server)
        self.addresses[kind] += [sock.getsockname()[:2] for sock in server.sockets]

    async def _open_datagrams(self, host: str, port: int) -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._config.max_message_bytes, self._take_datagram), (host, port)
        )
        self._transports.append(transport)
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        name = sock.getsockname()
        return str(name[0]), int(name[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= self._config.max_connections:
            writer.close()
            return
        self._connections.add(task)
        framing = SyslogFraming(self._config.max_message_bytes, peer_name(writer.get_extra_info("peername")))
        try:
            with suppress(TimeoutError, ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await self._receive(reader, framing)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, framing: SyslogFraming) -> None:
        """Take what the peer sends; not reading while the spool is full is what makes it wait."""
        try:
            while data := await asyncio.wait_for(reader.read(_READ_BYTES), self._config.idle_seconds):
                if messages := framing.feed(data):
                    await self._take(messages)
        finally:
            if messages := framing.finish():
                await self._take(messages)


class _Datagrams(asyncio.DatagramProtocol):
    """One message a datagram (RFC 5426 §3.1)."""

    def __init__(self, max_bytes: int, take: Callable[[Message], None]) -> None:
        self._max = max_bytes
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Pass on a message."""
        data = data.rstrip(b"\n\r\x00")
        if data:
            self._take(Message(data[: self._max], peer_name(addr), len(data), is_cut=len(data) > self._max))


def peer_name(address: Sequence[object] | None) -> str | None:
    """``ip:port`` or ``[v6]:port`` of a socket's peer; an IPv4 peer of an IPv6 socket is shown as IPv4."""
    if not address:
        return None
    host = str(address[0]).removeprefix("::ffff:")
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"


def tls_context(config: TlsConfig) -> ssl.SSLContext:
    """A server's TLS, 1.2 at least (RFC 9662 §4).

    Raises:
        SourceError: certificate or key can't be read.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(config.certificate, config.key)
        if config.client_ca is not None:
            context.load_verify_locations(config.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        detail = f"{config.certificate}: can't be used with {config.key} ({error.strerror or type(error).__name__})"
        raise SourceError(f"{detail}; give the PEM files of one certificate and its key") from error
    return context
