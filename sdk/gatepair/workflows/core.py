"""The core of every workflow: a generator that yields steps and is sent what came of them.

A flow never touches a socket, a thread or a clock. It yields a `Batch` of calls to make at once, a
`Wait`, an `Announce` or `Now`; a driver carries the step out and sends the result back. The same
flow therefore runs in threads, under asyncio, in a dry run and in a test that cuts it at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

from gatepair.errors import GatepairError
from gatepair.nitro.call import Call, Reply

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress

T = TypeVar("T")


WAITING = "wait"
"""Step of the events that only tell what is waited for."""


@attrs.frozen
class Ask:
    """One call to one appliance."""

    node: ManagementAddress
    call: Call


@attrs.frozen(kw_only=True)
class ProgressEvent:
    """Something a person would want to know while waiting.

    Attributes:
        step: Stable name of what is being done, such as ``wait-sync``.
        message: One sentence.
        node: The appliance it concerns, absent for the pair as a whole.
    """

    step: str
    message: str
    node: ManagementAddress | None = None


@attrs.frozen
class Batch:
    """Calls to make at once; those that change one appliance are made there in the given order.

    Attributes:
        asks: The calls.
        polling: Whether this only looks whether something has come about yet.
    """

    asks: tuple[Ask, ...]
    polling: bool = False


@attrs.frozen
class Wait:
    """Let time pass."""

    seconds: float
    reason: str


@attrs.frozen
class Announce:
    """Tell whoever is watching."""

    event: ProgressEvent


@attrs.frozen
class Now:
    """Ask for the time in seconds of a clock that never goes back."""


Step: TypeAlias = Batch | Wait | Announce | Now
Outcome: TypeAlias = Reply | GatepairError
Result: TypeAlias = tuple[Outcome, ...] | float | None
Flow: TypeAlias = Generator[Step, Result, T]


def at_once(*asks: Ask) -> Flow[tuple[Outcome, ...]]:
    """Make calls at once and return an outcome for each, in order; an error is an outcome too."""
    if not asks:
        return ()
    result = yield Batch(asks)
    if not isinstance(result, tuple):
        raise TypeError("a driver answers a batch with a tuple of outcomes")
    return result


def together(*asks: Ask) -> Flow[tuple[Reply, ...]]:
    """Make calls at once; raise the first error if one fails."""
    outcomes = yield from at_once(*asks)
    return tuple(expect(outcome) for outcome in outcomes)


def ask(node: ManagementAddress, call: Call) -> Flow[Reply]:
    """Make one call; raise its error if it fails."""
    (outcome,) = yield from at_once(Ask(node, call))
    return expect(outcome)


def expect(outcome: Outcome) -> Reply:
    """Return a reply or raise the error that took its place."""
    if isinstance(outcome, GatepairError):
        raise outcome
    return outcome


def wait(seconds: float, reason: str) -> Flow[None]:
    """Let time pass; only ever between two looks at the appliances."""
    yield Wait(seconds, reason)


def now() -> Flow[float]:
    """Return the driver's time in seconds."""
    result = yield Now()
    if not isinstance(result, float | int):
        raise TypeError("a driver answers Now with seconds")
    return float(result)


def announce(step: str, message: str, node: ManagementAddress | None = None) -> Flow[None]:
    """Tell whoever is watching what happens now."""
    yield Announce(ProgressEvent(step=step, message=message, node=node))


@attrs.frozen(kw_only=True)
class Patience:
    """How to poll: first pause, growth and longest pause in seconds, and when to give up."""

    deadline_s: float
    first_s: float = 0.25
    growth: float = 1.5
    longest_s: float = 5.0

    def pauses(self) -> Generator[float, None, None]:
        """Yield the pauses between looks, without end."""
        pause = self.first_s
        while True:
            yield pause
            pause = min(pause * self.growth, self.longest_s)


def poll(
    look: Callable[[], Flow[T]],
    *,
    until: Callable[[T], bool],
    waiting_for: Callable[[T], str],
    give_up: Callable[[T, float], GatepairError],
    patience: Patience,
) -> Flow[T]:
    """Look again and again, with growing pauses, until a state is reached.

    Args:
        look: Reads the state; called at least once.
        until: Whether the state is the wanted one.
        waiting_for: What is still missing, for those who watch.
        give_up: Makes the error to raise, from the last state and the seconds waited.
        patience: Pauses and deadline.
    """
    start = yield from now()
    told = ""
    for pause in patience.pauses():
        state = yield from _polling(look())
        if until(state):
            return state
        waited = (yield from now()) - start
        if waited >= patience.deadline_s:
            raise give_up(state, waited)
        reason = waiting_for(state)
        if reason != told:
            yield from announce(WAITING, f"waiting: {reason}")
        told = reason
        yield from wait(min(pause, patience.deadline_s - waited), reason)
    raise AssertionError("pauses never end")


def _polling(flow: Flow[T]) -> Flow[T]:
    """Run a flow with its batches marked, so that those who count round trips can leave them out."""
    try:
        step = next(flow)
        while True:
            try:
                result = yield attrs.evolve(step, polling=True) if isinstance(step, Batch) else step
            except GatepairError as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as done:
        return done.value
