"""Ctrl-C and SIGTERM at any moment of an operation: it cleans up, and no lock stays held."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING, NoReturn

import pytest
from fake_pair import ADDRESSES, PASSWORD, FakePair, configured, declared, no_reference
from fake_runner import FakeClock, FakeTransport

from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.nitro.channel import Channel, Clock
from gatepair.nitro.conversation import Session
from gatepair.workflows.converge import converge
from gatepair.workflows.core import Flow, announce, wait
from gatepair.workflows.interrupts import Interrupts
from gatepair.workflows.threads import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatepair.workflows.core import ProgressEvent

LIMIT_S = 30.0
RUNS = 150


class Ended(BaseException):
    """What the handler of a signal raises."""


@pytest.fixture(autouse=True)
def ending() -> Iterator[None]:
    """A handler that raises, as Python's own for Ctrl-C does."""

    def handler(_number: int, _frame: object) -> NoReturn:
        raise Ended

    before = signal.signal(signal.SIGTERM, handler)
    yield
    assert signal.getsignal(signal.SIGTERM) is handler, "the handler is back in its place"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGTERM, before)


def driver(pair: FakePair, progress: Callable[[ProgressEvent], None] | None = None) -> Driver:
    clock = FakeClock()

    def channel(node: ManagementAddress) -> Channel:
        session = Session(node=node, credentials=Credentials(password=Secret(PASSWORD)), now=clock.now)
        return Channel(session, FakeTransport(pair, pair.of(node)), clock)

    return Driver(channel, clock, progress)


def test_a_signal_waits_until_the_operation_waits() -> None:
    seen: list[str] = []

    def flow() -> Flow[None]:
        try:
            signal.raise_signal(signal.SIGTERM)
            seen.append("went on")
            yield from wait(1, "no reason")
            seen.append("too far")
        finally:
            seen.append("cleaned up")

    with pytest.raises(Ended):
        driver(FakePair()).run(flow())
    assert seen == ["went on", "cleaned up"]


def test_it_comes_through_while_progress_is_told() -> None:
    def watcher(_event: ProgressEvent) -> None:
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("the watcher was not interrupted")

    def flow() -> Flow[None]:
        yield from announce("one", "first")

    with pytest.raises(Ended):
        driver(FakePair(), watcher).run(flow())


def test_one_that_comes_in_the_last_moment_is_not_lost() -> None:
    def flow() -> Flow[None]:
        yield from announce("one", "first")
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Ended):
        driver(FakePair()).run(flow())


def test_whenever_it_comes_both_nodes_are_let_go_and_the_next_run_finishes() -> None:
    ended = 0
    for _ in range(RUNS):
        pair = FakePair()
        configured(pair.a)
        begun = threading.Event()
        late_s = random.uniform(0, 0.01)  # noqa: S311 - any moment will do

        def end(begun: threading.Event = begun, late_s: float = late_s) -> None:
            begun.wait(LIMIT_S)
            time.sleep(late_s)
            os.kill(os.getpid(), signal.SIGTERM)

        sender = threading.Thread(target=end)
        first = driver(pair, lambda _, begun=begun: begun.set())
        try:
            sender.start()
            first.run(converge(ADDRESSES, declared(), no_reference))
            sender.join(LIMIT_S)
        except Ended:
            ended += 1
        while sender.is_alive():
            sender.join(LIMIT_S)
        first.close()
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
        second = driver(pair)
        second.run(converge(ADDRESSES, declared(), no_reference))
        second.close()
        assert all(node.peer for node in pair.nodes)
    assert ended > RUNS / 10


def test_interrupted_while_both_are_let_go() -> None:
    pair = FakePair()
    configured(pair.a)

    def watcher(event: ProgressEvent) -> None:
        if event.step == "release":
            raise Ended

    with pytest.raises(Ended):
        driver(pair, watcher).run(converge(ADDRESSES, declared(), no_reference))
    assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]


def test_in_other_threads_signals_are_nobodys_business() -> None:
    here = signal.getsignal(signal.SIGTERM)
    found: list[object] = []

    def look() -> None:
        interrupts = Interrupts()
        with interrupts.held(), interrupts.let_through():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(LIMIT_S)
    assert found == [here]


def test_the_clock_of_life_can_be_interrupted() -> None:
    interrupts = Interrupts()
    sender = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    with pytest.raises(Ended), interrupts.held(), interrupts.let_through():  # noqa: PT012 - not before all this
        sender.start()
        Clock().sleep(LIMIT_S)
    sender.join(LIMIT_S)
