"""Heartbeats on the wire: sent on each interface, received, counted, and lost on purpose."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Protocol, cast

from attrs import define, field

from gatepair_emulator.ha.messages import Hello, decode_hello, encode_hello

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair_emulator.wire.server import Endpoint

_RECENT_S = 5.0


class Carrier(Protocol):
    """Whatever carries datagrams between nodes."""

    def send(self, datagram: bytes, address: str) -> None:
        """Send one datagram to a node."""
        ...

    def close(self) -> None:
        """Send and receive no more."""
        ...


class UdpCarrier(asyncio.DatagramProtocol):
    """Datagrams over UDP between management addresses."""

    def __init__(self, received: Callable[[bytes, str], None], port: int) -> None:
        self._received = received
        self._port = port
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, endpoint: Endpoint, received: Callable[[bytes, str], None]) -> UdpCarrier:
        """Bind the address.

        Args:
            endpoint: The node's own address and the port of both nodes.
            received: Called with each datagram and its sender.

        Returns:
            The carrier.

        Raises:
            OSError: The address cannot be bound.
        """
        carrier = cls(received, endpoint.port)
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: carrier, local_addr=(endpoint.address, endpoint.port)
        )
        return carrier

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ready."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Pass a datagram on."""
        self._received(data, str(addr[0]))

    def send(self, datagram: bytes, address: str) -> None:
        """Send one datagram; a node that is off costs nothing."""
        if self._transport is not None:
            self._transport.sendto(datagram, (address, self._port))

    def close(self) -> None:
        """Give the socket up."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None


@define
class Losses:
    """What is lost on purpose.

    Attributes:
        outgoing: No datagram leaves.
        incoming: No datagram arrives.
        loss: Share of datagrams that are lost each way, 0 to 1.
    """

    outgoing: bool = False
    incoming: bool = False
    loss: float = 0.0

    def drops_outgoing(self) -> bool:
        """Whether this datagram does not leave."""
        return self.outgoing or self._unlucky()

    def drops_incoming(self) -> bool:
        """Whether this datagram does not arrive."""
        return self.incoming or self._unlucky()

    def _unlucky(self) -> bool:
        return self.loss > 0 and random.random() < self.loss  # noqa: S311 - luck, not security


@define
class Traffic:
    """Counters of heartbeats and where they were seen.

    Attributes:
        received: Heartbeats of the peer, each counted once however many interfaces it came on.
        sent: Datagrams sent.
        heard: When the last one came in, by interface, on the steady clock.
    """

    received: int = 0
    sent: int = 0
    heard: dict[str, float] = field(factory=dict[str, float])
    _last_sequence: int = -1
    _received_at: list[float] = field(factory=list[float])
    _sent_at: list[float] = field(factory=list[float])

    def count_received(self, hello: Hello, now: float) -> None:
        """Count a heartbeat that came in."""
        self.heard[hello.interface] = now
        if hello.sequence != self._last_sequence:
            self._last_sequence = hello.sequence
            self.received += 1
            self._received_at = _recent(self._received_at, now)

    def count_sent(self, now: float) -> None:
        """Count a datagram that left."""
        self.sent += 1
        self._sent_at = _recent(self._sent_at, now)

    def rates(self, now: float) -> tuple[int, int]:
        """Heartbeats received and datagrams sent per second, lately.

        Args:
            now: On the steady clock.

        Returns:
            Received, sent.
        """
        return _rate(self._received_at, now), _rate(self._sent_at, now)


def _recent(times: list[float], now: float) -> list[float]:
    return [time for time in times if now - time < _RECENT_S] + [now]


def _rate(times: list[float], now: float) -> int:
    recent = [time for time in times if now - time < _RECENT_S]
    if not recent:
        return 0
    return round(len(recent) / max(now - recent[0], 1.0))


class Heartbeats:
    """Sending and receiving for one node."""

    def __init__(self, carrier: Carrier, losses: Losses) -> None:
        self._carrier = carrier
        self._losses = losses
        self.traffic = Traffic()

    def send(self, hello: Hello, interfaces: list[str], now: float) -> None:
        """Send a heartbeat on each interface.

        Args:
            hello: The heartbeat.
            interfaces: Where heartbeats are on and the link is up.
            now: On the steady clock.
        """
        for interface in interfaces:
            if self._losses.drops_outgoing():
                continue
            self._carrier.send(encode_hello(hello.on(interface)), hello.target)
            self.traffic.count_sent(now)

    def receive(self, datagram: bytes, interfaces: list[str], now: float) -> Hello | None:
        """Take a datagram in.

        Args:
            datagram: What came.
            interfaces: Where heartbeats are on and the link is up.
            now: On the steady clock.

        Returns:
            The heartbeat, or None if it is none or is lost.
        """
        hello = decode_hello(datagram)
        if hello is None or hello.interface not in interfaces or self._losses.drops_incoming():
            return None
        self.traffic.count_received(hello, now)
        return hello

    def close(self) -> None:
        """Send and receive no more."""
        self._carrier.close()
