"""The HA engine of a node: drives the state machine with real time and real heartbeats."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Final

from gatepair_emulator.ha.election import RoleChanged, Rules
from gatepair_emulator.ha.heartbeats import Heartbeats
from gatepair_emulator.ha.machine import Machine
from gatepair_emulator.ha.messages import Admin, Role
from gatepair_emulator.ha.peering import PeerLink
from gatepair_emulator.ha.sync import Synchroniser
from gatepair_emulator.values import Row, number_of, text_of
from gatepair_emulator.wire.server import Endpoint

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

_LOG = logging.getLogger(__name__)

# From 13.1-52.19 on a secondary is patient while it synchronises, since a full sync may take the
# heartbeats' VLAN away for a moment (support.citrix.com, CTX494496); not with a sync VLAN.
PATIENT_DEAD_INTERVAL_S: Final = 21.0


class HaEngine:
    """High availability of one node.

    Attributes:
        machine: Who is primary.
        sync: Synchronisation.
        link: The line to the peer.
        transition_at: Wall time of the last change of role, seconds since the epoch.
        propagation_timeouts: Propagated commands that got no answer since then.
        refused_calls: Calls of the peer refused for wrong passwords.
        peer_role_since: When the peer was first heard in its present role, on the steady clock.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self.machine = Machine(address=node.settings.address)
        self.link = PeerLink(node)
        self.sync = Synchroniser(node, self)
        self.transition_at = node.clock.wall()
        self.propagation_timeouts = 0
        self.refused_calls = 0
        self.peer_role_since = 0.0
        self._heartbeats: Heartbeats | None = None
        self._sequence = secrets.randbits(40)
        self._next_hello = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []

    # -- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bind the ports, read the configuration and begin.

        Raises:
            OSError: A port cannot be bound.
        """
        settings = self._node.settings
        carrier = await self._node.wires.carry(
            Endpoint(address=settings.address, port=settings.ports.heartbeat), self._received
        )
        self._heartbeats = Heartbeats(carrier, self._node.losses)
        await self.link.start()
        self._read_rules()
        peer = self.peer_row()
        self.machine.peer = text_of(peer.get("ipaddress")) if peer is not None else None
        self.machine.health = self._node.health()
        self.machine.boot(*self._time())
        self._after()

    def stop(self) -> None:
        """End everything at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.sync.stop()
        self.link.close()
        if self._heartbeats is not None:
            self._heartbeats.close()
            self._heartbeats = None

    # -- configuration --------------------------------------------------------------------------

    def own_row(self) -> Row:
        """The configuration of node 0."""
        return self._node.configuration.get("hanode", "0") or {}

    def peer_row(self) -> Row | None:
        """The configuration of the peer's entry, if there is one."""
        return next((row for row in self._node.configuration.rows("hanode") if row.get("id") != 0), None)

    def setting(self, name: str) -> str:
        """A setting of this node, as text.

        Args:
            name: Attribute of ``hanode``.

        Returns:
            Its value; ``inc`` is that of the peer's entry.
        """
        row = (self.peer_row() or {}) if name == "inc" else self.own_row()
        return text_of(str(row.get(name, "")))

    def rules_changed(self) -> None:
        """Settings of node 0, health or the sync state have changed."""
        if self._heartbeats is None:
            return
        self._read_rules()
        self.machine.health = self._node.health()
        self.machine.changed(*self._time())
        self._after()

    def peer_changed(self) -> None:
        """A peer was added or removed."""
        row = self.peer_row()
        peer = text_of(row.get("ipaddress")) if row is not None else None
        if self._heartbeats is None or peer == self.machine.peer:
            return
        if peer is None:
            self.machine.leave(*self._time())
        else:
            self.machine.join(peer, *self._time())
        self.sync.forget()
        self.sync.role_changed(self.machine.role)
        self._after()

    def _read_rules(self) -> None:
        row = self.own_row()
        dead = float(number_of(_scalar(row, "deadinterval"), 3))
        if self.sync.running and "syncvlan" not in row:
            dead = max(dead, PATIENT_DEAD_INTERVAL_S)
        self.machine.rules = Rules(
            admin=Admin(text_of(_scalar(row, "hastatus") or "ENABLED")),
            dead_interval_s=dead,
            fail_safe=row.get("failsafe") == "ON",
            max_flips=number_of(_scalar(row, "maxflips"), 0),
            max_flip_time_s=number_of(_scalar(row, "maxfliptime"), 0),
        )

    # -- facts ----------------------------------------------------------------------------------

    @property
    def is_primary(self) -> bool:
        """Whether this node is primary, alone or in a pair."""
        return self.machine.role is Role.PRIMARY

    @property
    def paired(self) -> bool:
        """Whether this node has a peer configured."""
        return self.machine.peer is not None

    @property
    def versions_differ(self) -> bool:
        """Whether the peer runs another internal HA version."""
        theirs = self.peer_fact("ha_version")
        return bool(theirs) and theirs != self._node.ha_version

    def peer_fact(self, name: str) -> str:
        """What the peer last said about itself.

        Args:
            name: Name of the fact.

        Returns:
            The fact, empty if it was not heard.
        """
        last = self.machine.last
        return last.facts.get(name, "") if last is not None else ""

    def rates(self) -> tuple[int, int]:
        """Heartbeats received and sent per second."""
        if self._heartbeats is None:
            return 0, 0
        return self._heartbeats.traffic.rates(self._node.clock.steady())

    def totals(self) -> tuple[int, int]:
        """Heartbeats received and sent since the start."""
        if self._heartbeats is None:
            return 0, 0
        return self._heartbeats.traffic.received, self._heartbeats.traffic.sent

    def quiet_interfaces(self) -> list[str]:
        """Interfaces with heartbeats on, on which none of the peer's were heard lately."""
        if self._heartbeats is None or not self.paired:
            return []
        now, dead = self._node.clock.steady(), self.machine.rules.dead_interval_s
        heard = self._heartbeats.traffic.heard
        return [name for name in self._node.heartbeat_interfaces() if now - heard.get(name, -dead) >= dead]

    # -- forced failover ------------------------------------------------------------------------

    async def force(self, *, timeout_s: float) -> bool:
        """Change roles with the peer; the refusals were checked before.

        Args:
            timeout_s: How long to wait for the new role.

        Returns:
            Whether the role has changed.
        """
        before = self.machine.role
        self.machine.force(*self._time())
        self._after()
        wanted = Role.SECONDARY if before is Role.PRIMARY else Role.PRIMARY
        try:
            async with asyncio.timeout(timeout_s):
                while self.machine.role is not wanted:
                    await self._next_role()
        except TimeoutError:
            return False
        return True

    async def _next_role(self) -> None:
        """Wait for the next change of role."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    # -- time and heartbeats --------------------------------------------------------------------

    def _time(self) -> tuple[float, int]:
        return self._node.clock.steady(), self._node.clock.wall_ms()

    def _received(self, datagram: bytes, sender: str) -> None:
        if self._heartbeats is None or sender != self.machine.peer:
            return
        now, wall = self._time()
        hello = self._heartbeats.receive(datagram, self._node.heartbeat_interfaces(), now)
        before = self.machine.last
        if hello is None or not self.machine.heard(hello, now, wall):
            return
        if before is None or before.role is not hello.role:
            self.peer_role_since = now
        self._after()
        self.sync.consider(heard=True)

    def _wake(self) -> None:
        self.machine.tick(*self._time())
        self._after()
        self.sync.consider()

    def _after(self) -> None:
        """Act on what the machine wants, send what is due, and set the timer."""
        now = self._node.clock.steady()
        events = self.machine.drain()
        for event in events:
            if isinstance(event, RoleChanged):
                self._role_changed(event)
        if events or now >= self._next_hello:
            self._say_hello(now)
        if self._timer is not None:
            self._timer.cancel()
        delay = max(min(self._next_hello, self.machine.deadline() + 0.001) - now, 0.001)
        self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _say_hello(self, now: float) -> None:
        self._next_hello = now + number_of(_scalar(self.own_row(), "hellointerval"), 200) / 1000
        if self._heartbeats is None or not self.paired:
            return
        self._sequence += 1
        hello = self.machine.hello(self._sequence, self._facts())
        self._heartbeats.send(hello, self._node.heartbeat_interfaces(), now)

    def _facts(self) -> dict[str, str]:
        node = self._node
        return {
            **node.interface_facts(),
            "name": node.host_name,
            "ha_version": node.ha_version,
            "incarnation": str(node.configuration.incarnation),
            "hasync": self.sync.shown,
            "haprop": self.setting("haprop"),
            "inc": self.setting("inc") or "DISABLED",
        }

    def _role_changed(self, event: RoleChanged) -> None:
        self.transition_at = self._node.clock.wall()
        self.propagation_timeouts = 0
        if event.role is not Role.CLAIMING:
            self.sync.role_changed(event.role)
        self._node.role_changed(event)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _scalar(row: Row, name: str) -> str | int:
    value = row.get(name, "")
    return " ".join(value) if isinstance(value, list) else value
