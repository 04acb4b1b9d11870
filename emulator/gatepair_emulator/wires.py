"""What a node is connected with: heartbeats, the line to the peer, and the addresses it answers on.

Everything a node does on a network goes through ``Wires``. ``KernelWires`` are real sockets of this
machine. ``LocalWires`` stay within one process: many light pairs can then share it, and tests can run
whole nodes in simulated time. The protocol above is the same code either way.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from attrs import define, field

from gatepair_emulator.ha.heartbeats import Carrier, UdpCarrier
from gatepair_emulator.ha.link import Line
from gatepair_emulator.wire.server import Endpoint, Listener, bound_socket

if TYPE_CHECKING:
    from gatepair_emulator.ha.link import Writer

Received = Callable[[bytes, str], None]
Serve = Callable[[Line], Awaitable[None]]


class Closable(Protocol):
    """Something that is given up."""

    def close(self) -> None:
        """Give it up at once."""
        ...


class Wires(Protocol):
    """The connections of one node."""

    async def carry(self, endpoint: Endpoint, received: Received) -> Carrier:
        """Carry datagrams from and to an address of the node."""
        ...

    async def answer(self, endpoint: Endpoint, serve: Serve) -> Closable:
        """Answer calls of the peer."""
        ...

    async def call(self, sender: str, endpoint: Endpoint) -> Line:
        """Call the peer; OSError if nobody answers."""
        ...

    async def listen(self, listener: Listener) -> None:
        """Open a listener for clients or users."""
        ...

    def hold(self, address: str, port: int) -> Closable:
        """Hold an address as this node's own; OSError if another one has it."""
        ...


class KernelWires:
    """Sockets of this machine."""

    async def carry(self, endpoint: Endpoint, received: Received) -> Carrier:
        """Carry datagrams over UDP."""
        return await UdpCarrier.open(endpoint, received)

    async def answer(self, endpoint: Endpoint, serve: Serve) -> Closable:
        """Answer calls over TCP."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await serve(Line(reader, writer))

        return await asyncio.start_server(connected, sock=bound_socket(endpoint))

    async def call(self, sender: str, endpoint: Endpoint) -> Line:
        """Call over TCP."""
        streams = await asyncio.open_connection(endpoint.address, endpoint.port, local_addr=(sender, 0))
        return Line(*streams)

    async def listen(self, listener: Listener) -> None:
        """Bind the listener's address."""
        await listener.open()

    def hold(self, address: str, port: int) -> Closable:
        """Claim an address on the machine, as ARP does on a network: one node holds it at a time."""
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((address, port))
        except OSError:
            claim.close()
            raise
        return claim


@define
class LocalWires:
    """Wires between nodes of one process; clients still come in through real listeners.

    Attributes:
        listeners: Whether listeners are opened for real; otherwise nobody outside can come in.
    """

    listeners: bool = True
    _receivers: dict[Endpoint, Received] = field(factory=dict[Endpoint, Received])
    _servers: dict[Endpoint, Serve] = field(factory=dict[Endpoint, Serve])
    _held: set[str] = field(factory=set[str])
    _running: set[asyncio.Future[None]] = field(factory=set[asyncio.Future[None]])

    async def carry(self, endpoint: Endpoint, received: Received) -> Carrier:
        """Carry datagrams to whoever carries for the other address."""
        self._receivers[endpoint] = received
        return _LocalCarrier(self, endpoint)

    def deliver(self, datagram: bytes, sender: str, receiver: Endpoint) -> None:
        """Hand a datagram over in the next round of the event loop; nobody there loses it."""
        received = self._receivers.get(receiver)
        if received is not None:
            asyncio.get_running_loop().call_soon(received, datagram, sender)

    def forget(self, endpoint: Endpoint) -> None:
        """Deliver and answer there no more."""
        self._receivers.pop(endpoint, None)
        self._servers.pop(endpoint, None)

    async def answer(self, endpoint: Endpoint, serve: Serve) -> Closable:
        """Answer calls from nodes of this process."""
        self._servers[endpoint] = serve
        return _Released(lambda: self._servers.pop(endpoint, None))

    async def call(self, sender: str, endpoint: Endpoint) -> Line:
        """Call a node of this process."""
        serve = self._servers.get(endpoint)
        if serve is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"{sender}: nobody answers at {endpoint}")
        ours, theirs = _Stream(), _Stream()
        answering = asyncio.ensure_future(serve(Line(theirs.reader, _LocalWriter(ours, theirs))))
        self._running.add(answering)
        answering.add_done_callback(self._running.discard)
        return Line(ours.reader, _LocalWriter(theirs, ours))

    async def listen(self, listener: Listener) -> None:
        """Open a listener, if listeners are wanted."""
        if self.listeners:
            await listener.open()

    def hold(self, address: str, port: int) -> Closable:  # noqa: ARG002 - kernels hold ports too
        """Hold an address among the nodes of this process."""
        if address in self._held:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self._held.add(address)
        return _Released(lambda: self._held.discard(address))


class _LocalCarrier:
    def __init__(self, wires: LocalWires, endpoint: Endpoint) -> None:
        self._wires = wires
        self._endpoint = endpoint

    def send(self, datagram: bytes, address: str) -> None:
        place = Endpoint(address=address, port=self._endpoint.port)
        self._wires.deliver(datagram, self._endpoint.address, place)

    def close(self) -> None:
        self._wires.forget(self._endpoint)


@define
class _Stream:
    """One direction of a line within the process."""

    reader: asyncio.StreamReader = field(factory=asyncio.StreamReader)
    ended: bool = False

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            self.reader.feed_eof()


class _LocalWriter:
    """The sending end of a line within the process."""

    def __init__(self, there: _Stream, here: _Stream) -> None:
        self._there = there
        self._here = here

    @property
    def transport(self) -> _LocalWriter:
        return self

    def write(self, data: bytes) -> None:
        if not self._there.ended:
            self._there.reader.feed_data(data)

    async def drain(self) -> None:
        if self._there.ended:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))

    def close(self) -> None:
        self._there.end()

    def abort(self) -> None:
        self._there.end()
        self._here.end()


class _Released:
    def __init__(self, release: Callable[[], object]) -> None:
        self._release = release

    def close(self) -> None:
        self._release()


def _conforms(there: _Stream) -> tuple[Wires, Wires, Writer]:  # pyright: ignore[reportUnusedFunction]  # holds the classes to the protocols
    return KernelWires(), LocalWires(), _LocalWriter(there, there)
