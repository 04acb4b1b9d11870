"""Two whole appliances in one process and in simulated time: real protocol code, nothing to wait for."""

from __future__ import annotations

import asyncio
import inspect
import json
import selectors
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field

from gatepair_emulator.certificates import Authority
from gatepair_emulator.clock import Clock
from gatepair_emulator.disk import Disk
from gatepair_emulator.hardware import Hardware
from gatepair_emulator.nitro.dispatch import handle
from gatepair_emulator.node import Node, Requests
from gatepair_emulator.settings import Settings
from gatepair_emulator.wire.request import HttpRequest
from gatepair_emulator.wires import Closable, LocalWires

EPOCH_S = 1_700_000_000.0
PASSWORD = "simulated"
T = TypeVar("T")


@define
class Time:
    """Seconds that pass only when nothing is left to do."""

    now: float = 1000.0


class Selector(selectors.SelectSelector):
    """Instead of waiting for time to pass, lets it pass."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if not found and timeout is not None:
            self.time.now += max(timeout, 0.0)
        return found


@define
class SimulatedClock(Clock):
    """An appliance's clock on simulated time."""

    time: Time = field(factory=Time)

    def steady(self) -> float:
        return self.time.now

    def idle(self) -> float:
        return self.time.now + self.ahead_s

    def wall(self) -> float:
        return EPOCH_S + self.time.now + self.offset_s + self.ahead_s


class OneLan(LocalWires):
    """A network on which, as in life, nothing keeps two nodes from holding one address."""

    def __init__(self) -> None:
        super().__init__(listeners=False)

    def hold(self, address: str, port: int) -> Closable:  # noqa: ARG002 - whoever asks gets it
        return _Nothing()


class _Nothing:
    def close(self) -> None:
        pass


class Appliance:
    """One appliance that can lose its power."""

    def __init__(self, directory: Path, name: str, address: str, lan: LocalWires, time: Time) -> None:
        directory.mkdir(parents=True)
        secret = directory / "password"
        secret.write_text(PASSWORD)
        self.name = name
        self.address = address
        self.settings = Settings(name=name, address=address, administrator_file=str(secret))
        self.hardware = Hardware(directory, self.settings)
        self.disk = Disk(directory / "files")
        self.clock = SimulatedClock(factor=1.0, time=time)
        self.authority = Authority(directory)
        self.lan = lan
        self.node: Node | None = None

    @property
    def on(self) -> Node:
        assert self.node is not None
        return self.node

    async def power_on(self) -> None:
        if self.node is not None:
            return
        self.hardware.losses.incoming = self.hardware.losses.outgoing = False
        self.node = Node(
            hardware=self.hardware,
            disk=self.disk,
            clock=self.clock,
            authority=self.authority,
            requests=Requests(restart=lambda: None, power_off=lambda: None),
            wires=self.lan,
        )
        self.node.load()
        await self.node.start()

    def power_off(self) -> None:
        if self.node is not None:
            self.node.stop()
            self.node = None

    async def ask(self, method: str, path: str, kind: str = "", **values: Any) -> tuple[int, dict[str, Any]]:
        """One NITRO request; status and content of the answer."""
        request = HttpRequest(
            method=method,
            target=f"/nitro/v1/config/{path}",
            headers={"x-nitro-user": "nsroot", "x-nitro-pass": PASSWORD},
            body=json.dumps({kind: values}).encode() if kind else b"",
            client="192.0.2.1",
        )
        made = handle(self.on, request)
        answer = await made if inspect.isawaitable(made) else made
        return answer.status, json.loads(answer.body) if answer.body else {}


class World:
    """Two appliances, the network between them, and time."""

    def __init__(self, directory: Path, lan: LocalWires | None = None) -> None:
        self.time = Time()
        self.loop = asyncio.SelectorEventLoop(Selector(self.time))
        self.loop.time = lambda: self.time.now  # type: ignore[method-assign]
        self.lan = lan if lan is not None else OneLan()
        self.a = Appliance(directory / "a", "a", "192.0.2.11", self.lan, self.time)
        self.b = Appliance(directory / "b", "b", "192.0.2.12", self.lan, self.time)
        for each in self.both:
            self.do(each.power_on())

    @property
    def both(self) -> tuple[Appliance, Appliance]:
        return self.a, self.b

    def other(self, appliance: Appliance) -> Appliance:
        return self.b if appliance is self.a else self.a

    def do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return self.loop.run_until_complete(done())

    def ask(self, appliance: Appliance, method: str, path: str, kind: str = "", **values: Any) -> int:
        status, _ = self.do(appliance.ask(method, path, kind, **values))
        return status

    def within(self, work: Callable[[], T]) -> T:
        """Do something that needs a running event loop."""

        async def done() -> T:
            return work()

        return self.loop.run_until_complete(done())

    def run(self, seconds: float) -> None:
        self.do(asyncio.sleep(seconds))

    def until(self, seen: Callable[[], bool], seconds: float) -> bool:
        end = self.time.now + seconds
        while not seen():
            if self.time.now >= end:
                return False
            self.run(0.05)
        return True

    def form(self) -> None:
        """Pair the two, A primary, and wait for the first synchronisation."""
        for each, status in ((self.a, "STAYPRIMARY"), (self.b, "STAYSECONDARY")):
            assert self.ask(each, "PUT", "hanode", "hanode", id=0, hastatus=status) == 200
        for each in self.both:
            peer = self.other(each).address
            assert self.ask(each, "POST", "hanode", "hanode", id=1, ipaddress=peer) == 201
        for each in self.both:
            assert self.ask(each, "PUT", "hanode", "hanode", id=0, hastatus="ENABLED") == 200
        assert self.until(lambda: self.b.on.ha.sync.shown == "SUCCESS", 10)

    def close(self) -> None:
        for each in self.both:
            self.within(each.power_off)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
