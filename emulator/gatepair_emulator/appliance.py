"""One appliance as a process: ``python -m gatepair_emulator.appliance DIRECTORY``.

The directory holds ``settings.json`` (what the appliance is), ``saved.json`` (its saved
configuration), ``files/`` (its disk) and ``log``. A killed process is an appliance whose power was
cut: started again, it comes up from what was saved.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatepair_emulator.admin import AdminInterface
from gatepair_emulator.certificates import Authority, context_from
from gatepair_emulator.clock import Clock
from gatepair_emulator.disk import Disk
from gatepair_emulator.faults import Faults
from gatepair_emulator.hardware import Hardware
from gatepair_emulator.interfaces import InterfaceWires
from gatepair_emulator.lifetime import ends_when_told, orders, until_ended
from gatepair_emulator.nitro.dispatch import handle
from gatepair_emulator.node import Node, Requests, RoleRecord
from gatepair_emulator.settings import Settings, SettingsError, read_settings
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.request import PREFIX, HttpRequest
from gatepair_emulator.wire.server import APPLIANCE_HEADERS, Endpoint, Listener
from gatepair_emulator.wires import KernelWires

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from gatepair_emulator.wires import Wires

_LOG = logging.getLogger(__name__)

_STARTING: Final = Answer(
    status=503,
    body=b"<html><head><title>503 Service Unavailable</title></head>"
    b"<body><h1>Service Unavailable</h1></body></html>\n",
    content_type="text/html; charset=iso-8859-1",
    close=True,
)
_NOT_FOUND: Final = Answer(
    status=404,
    body=b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n",
    content_type="text/html; charset=iso-8859-1",
)


class Phase(StrEnum):
    """Where an appliance is in its life."""

    OFF = "off"
    STOPPING = "stopping"
    DOWN = "down"
    STARTING = "starting"
    UP = "up"


class Appliance:
    """What outlives a restart: hardware, disk, clock, faults and the ports for management."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        authority: Authority | None = None,
        wires: Wires | None = None,
    ) -> None:
        self.directory = directory
        self.settings = settings
        self.clock = Clock(factor=settings.clock)
        self.hardware = Hardware(directory, settings)
        self.disk = Disk(directory / "files")
        self.authority = authority or Authority(Path(settings.authority_directory))
        self.wires: Wires = wires or (InterfaceWires(settings.device) if settings.device else KernelWires())
        self.faults = Faults()
        self.history: list[RoleRecord] = []
        self.phase = Phase.DOWN
        self.restarts = 0
        self._started_at = 0.0
        self.ended = asyncio.Event()
        self.node: Node | None = None
        self._listeners: list[Listener] = []
        self._life: asyncio.Task[None] | None = None
        self._admin = AdminInterface(self)

    def begin_anew(self) -> None:
        """Be the appliance that the directory holds now, as if the process had just been started.

        Raises:
            OSError: The settings cannot be read.
            SettingsError: They cannot be used.
        """
        settings = read_settings(self.directory / "settings.json")
        self.power(on=False)
        self.settings = settings
        self.clock = Clock(factor=settings.clock)
        self.hardware = Hardware(self.directory, settings)
        self.disk = Disk(self.directory / "files")
        self.faults = Faults()
        self.history = []
        self.restarts = 0
        self._started_at = 0.0
        self.phase = Phase.DOWN
        self._life = asyncio.ensure_future(self._boot())
        self._life.add_done_callback(self._end_if_failed)

    def _end_if_failed(self, life: asyncio.Task[None]) -> None:
        if not life.cancelled() and (problem := life.exception()) is not None:
            _LOG.error("%s: cannot begin anew: %s", self.settings.name, problem)
            self.ended.set()

    async def start(self) -> None:
        """Switch on.

        Raises:
            OSError: A port is taken.
        """
        await self._admin.start()
        await self._boot()

    def stop(self) -> None:
        """End at once, the emulator's own interface too."""
        self.power(on=False)
        self._admin.close()

    def power(self, *, on: bool) -> None:
        """Cut the power, or switch it on again; the emulator's own interface stays.

        Args:
            on: Whether there is to be power.
        """
        if on:
            if self.phase is Phase.OFF:
                self.phase = Phase.DOWN
                self._life = asyncio.ensure_future(self._boot())
            return
        if self._life is not None:
            self._life.cancel()
            self._life = None
        self._close_management()
        if self.node is not None:
            self.node.stop()
            self.node = None
        self.phase = Phase.OFF

    def handle(self, request: HttpRequest) -> Answer | Awaitable[Answer]:
        """Answer a request on a management address.

        Args:
            request: The request.

        Returns:
            The answer, or one to wait for.
        """
        if self.faults.active:
            return self.faults.apply(request, self._handle)
        return self._handle(request)

    def _handle(self, request: HttpRequest) -> Answer | Awaitable[Answer]:
        if self.node is None or self.phase in {Phase.STARTING, Phase.DOWN}:
            return _STARTING
        if not request.target.startswith(PREFIX):
            return _NOT_FOUND
        return handle(self.node, request)

    # -- restart --------------------------------------------------------------------------------

    def restart(self) -> None:
        """Restart; it takes its time and shows the symptoms clients know."""
        if self._life is None or self._life.done():
            self._life = asyncio.ensure_future(self._restart())

    def power_off(self) -> None:
        """Shut down: the process ends a moment later."""
        if self._life is None or self._life.done():
            self._life = asyncio.ensure_future(self._shut_down())

    async def _shut_down(self) -> None:
        self.phase = Phase.STOPPING
        await asyncio.sleep(self.clock.life(self.settings.durations.shutdown))
        self._life = None
        self.power(on=False)
        self.ended.set()

    async def _restart(self) -> None:
        durations = self.settings.durations
        self.phase = Phase.STOPPING
        await asyncio.sleep(self.clock.life(durations.shutdown))
        _LOG.info("%s: goes down for a restart", self.settings.name)
        self._close_management()
        if self.node is not None:
            self.node.stop()
            self.node = None
        self.phase = Phase.DOWN
        self.restarts += 1
        await asyncio.sleep(self.clock.life(durations.down))
        await self.hardware.restart_gate.wait()
        await self._boot()

    async def _boot(self) -> None:
        """TLS comes up first, then the engine with the saved configuration."""
        self.phase = Phase.STARTING
        await self._open_management()
        if self.restarts:
            await asyncio.sleep(self.clock.life(self.settings.durations.starting))
        node = Node(
            hardware=self.hardware,
            disk=self.disk,
            clock=self.clock,
            authority=self.authority,
            requests=Requests(restart=self.restart, power_off=self.power_off),
            history=self.history,
            wires=self.wires,
        )
        # Appliances tell their start in whole seconds; none in life restarts within one, so that clients may
        # tell a restart by it, but a hurried one here does.
        self._started_at = node.started_at = max(node.started_at, self._started_at + 1)
        node.load()
        node.addresses.management = self.handle
        await node.start()
        self.node = node
        self.phase = Phase.UP
        _LOG.info("%s: up with %s", self.settings.name, node.build)

    async def _open_management(self) -> None:
        settings = self.settings
        context = context_from(*self.authority.management(self.directory, settings.address))
        for port, tls in ((settings.ports.management, context), (settings.ports.plain, None)):
            listener = Listener(
                Endpoint(address=settings.address, port=port), self.handle, headers=APPLIANCE_HEADERS, tls=tls
            )
            await listener.open()
            self._listeners.append(listener)

    def _close_management(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()


async def run(directory: Path, *, watch_input: bool) -> None:
    """Run an appliance until it is told to stop, its directory is gone or its parent is.

    Args:
        directory: The node's directory.
        watch_input: Stop when standard input ends, as it does when the parent dies.
    """
    appliance = Appliance(directory, read_settings(directory / "settings.json"))
    ends_when_told(appliance.ended, watch_input=watch_input)
    await appliance.start()
    try:
        if not await until_ended(appliance.ended, (directory / "settings.json").exists):
            _LOG.warning("%s: its directory is gone, so it ends", appliance.settings.name)
    finally:
        appliance.stop()


def main() -> None:
    """Entry point of the process."""
    directory, watch_input = orders(sys.argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        asyncio.run(run(directory, watch_input=watch_input))
    except (OSError, SettingsError) as problem:
        sys.exit(f"the appliance in {directory} cannot run: {problem}")


if __name__ == "__main__":
    main()
