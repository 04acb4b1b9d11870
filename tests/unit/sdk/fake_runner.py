"""Runs flows and sessions over appliances in memory, and lets the process die on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from fake_pair import PASSWORD, FakeAppliance, FakePair

from gatepair.errors import GatepairError
from gatepair.models import (
    Credentials,
    ManagementAddress,
    Secret,
)
from gatepair.nitro import transport
from gatepair.nitro.channel import Channel, Clock
from gatepair.nitro.conversation import Session
from gatepair.workflows.core import Batch, Flow, Outcome
from gatepair.workflows.driving import steer

if TYPE_CHECKING:
    import pytest

    from gatepair.nitro.breakdown import Breakdown
    from gatepair.nitro.call import HttpRequest, HttpResponse

P = TypeVar("P", bound=FakePair)
# Drivers ask from several threads; appliances in memory take one request at a time.
_TURN = threading.RLock()


class Killed(BaseException):
    """The process that runs the flow is gone."""


@attrs.define
class FakeClock(Clock):
    """Time that passes only when somebody waits."""

    time: float = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def asleep(self, seconds: float) -> None:
        self.time += seconds


@attrs.define
class FakeTransport:
    """Hands requests to an appliance in memory; `cut` ends the process at a request."""

    pair: FakePair
    node: FakeAppliance
    cut: Callable[[], bool] | None = None
    effect: bool = False

    def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        with _TURN:
            # A read has no effect: to die at one is to die after the change before it.
            if request.method != "GET" and self.cut is not None and self.cut():
                if self.effect:
                    self.pair.answer(self.node, request)
                raise Killed
            return self.pair.answer(self.node, request)

    def close(self) -> None:
        pass


@attrs.define
class Runner:
    """Runs flows over an in-memory pair, one request after the other.

    Args:
        pair: The appliances.
        cut_at: Number of the changing request at which the process dies, from 0.
        effect: Whether that last request is carried out all the same, its answer lost.
    """

    pair: FakePair
    cut_at: int | None = None
    effect: bool = False
    clock: FakeClock = attrs.field(factory=FakeClock)
    sent: int = 0
    events: list[str] = attrs.field(factory=list)
    channels: dict[ManagementAddress, Channel] = attrs.field(factory=dict)

    def _cut(self) -> bool:
        self.sent += 1
        return self.cut_at is not None and self.sent > self.cut_at

    def channel(self, address: ManagementAddress) -> Channel:
        if address not in self.channels:
            session = Session(
                node=address, credentials=Credentials(password=Secret(PASSWORD)), now=self.clock.now
            )
            transport = FakeTransport(self.pair, self.pair.of(address), self._cut, self.effect)
            self.channels[address] = Channel(session, transport, self.clock)
        return self.channels[address]

    def run(self, flow: Flow[Any], deadline_s: float | None = None) -> Any:
        steering = steer(
            flow,
            now=self.clock.now,
            deadline_s=deadline_s,
            watcher=lambda event: self.events.append(f"{event.step}: {event.node or ''} {event.message}"),
        )
        result: Any = None
        try:
            while True:
                step = steering.send(result)
                if isinstance(step, Batch):
                    result = tuple(self._outcome(one) for one in step.asks)
                else:
                    result = self.clock.sleep(step.seconds)
        except StopIteration as end:
            return end.value

    def _outcome(self, one: Any) -> Outcome:
        try:
            return self.channel(one.node).perform(one.call)
        except GatepairError as error:
            return error


def behind(monkeypatch: pytest.MonkeyPatch, found: P) -> P:
    """Put a pair in memory behind both transports."""

    class Tasked(FakeTransport):
        async def send(self, request: HttpRequest) -> Any:  # type: ignore[override]
            return FakeTransport.send(self, request)

        async def close(self) -> None:  # type: ignore[override]
            pass

    monkeypatch.setattr(transport, "Transport", lambda to: FakeTransport(found, found.of(to.address)))
    monkeypatch.setattr(transport, "AsyncTransport", lambda to: Tasked(found, found.of(to.address)))
    return found


def cut_everywhere(
    make: Callable[[], P], flow: Callable[[], Flow[Any]], check: Callable[[P, Any], None]
) -> int:
    """Let the process die at each request in turn, with and without the request's effect; then run again."""
    at = 0
    while True:
        for effect in (False, True):
            pair = make()
            try:
                Runner(pair, cut_at=at, effect=effect).run(flow())
            except Killed:
                pass
            else:
                return at
            check(pair, Runner(pair).run(flow()))
        at += 1
