"""What the drivers for threads and for asyncio have in common: everything but making calls and waiting."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import attrs

from gatepair.errors import DeadlineExceeded, GatepairError
from gatepair.log import log_progress
from gatepair.workflows.core import (
    WAITING,
    Announce,
    Ask,
    Batch,
    Flow,
    Outcome,
    ProgressEvent,
    Result,
    Step,
    Wait,
)

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.lanes import Lane

T = TypeVar("T")
OnProgress: TypeAlias = Callable[[ProgressEvent], None]
Steering: TypeAlias = Generator[Batch | Wait, Result, T]
Found: TypeAlias = dict[int, Outcome]

GRACE_S: Final = 20.0
"""Seconds a flow gets to clean up after its deadline or an interruption."""

_LOG = logging.getLogger(__name__)


@attrs.define(kw_only=True)
class Budget:
    """The time one operation may take.

    Attributes:
        limit_s: Seconds allowed, infinite for no limit but the flow's own.
        start: When it began.
    """

    limit_s: float
    start: float

    def left_s(self, now: float) -> float:
        """Return the seconds left, never less than 0."""
        return max(0.0, self.start + self.limit_s - now)

    def overdue(self, now: float, doing: str) -> DeadlineExceeded | None:
        """Return the error to throw into the flow when its time is over; it may clean up after that."""
        if self.left_s(now) > 0:
            return None
        self.limit_s += GRACE_S
        return DeadlineExceeded("the operation was stopped", reason=doing, waited_s=now - self.start)


def steer(
    flow: Flow[T],
    *,
    now: Callable[[], float],
    deadline_s: float | None,
    watcher: OnProgress | None,
    stop: GatepairError | None = None,
) -> Steering[T]:
    """Run a flow as far as its calls and waits, which are left to a driver.

    Args:
        flow: The flow.
        now: Seconds of a clock that never goes back.
        deadline_s: Seconds the flow may take, absent for no limit.
        watcher: Called with each progress event.
        stop: Error to throw into the flow instead of going on with it.
    """
    budget = Budget(limit_s=float("inf") if deadline_s is None else deadline_s, start=now())
    doing: str | None = None
    try:
        step = flow.throw(stop) if stop else next(flow)
        while True:
            overdue = budget.overdue(now(), in_words(step))
            if overdue is not None:
                step = flow.throw(overdue)
                continue
            result: Result = None
            if isinstance(step, Batch):
                result = yield step
            elif isinstance(step, Wait):
                yield Wait(min(step.seconds, budget.left_s(now())), step.reason)
            elif isinstance(step, Announce):
                report(step.event, watcher)
                doing = doing if step.event.step == WAITING else step.event.step
            else:
                result = now()
            step = flow.send(result)
    except StopIteration as done:
        return done.value
    except GatepairError as error:
        error.at(step=doing)
        raise


def is_unfinished(flow: Flow[T]) -> bool:
    """Whether a flow was left in the middle, by somebody who stops it and not by an error of its own."""
    return inspect.getgeneratorstate(flow) == inspect.GEN_SUSPENDED


def interrupted() -> GatepairError:
    """Return the error a flow sees when somebody stops it; what stops it is raised in the end."""
    return DeadlineExceeded("it was interrupted", remedy="Run it again: it goes on from what is there.")


def report(event: ProgressEvent, watcher: OnProgress | None) -> None:
    """Log a progress event and hand it to whoever watches."""
    log_progress(event.step, event.message, event.node)
    if watcher is not None:
        watcher(event)


def report_left_session(node: ManagementAddress, error: GatepairError) -> None:
    """Log that a session was not ended; the appliance ends it after a while."""
    _LOG.info("%s: not logged out: %s", node, error.message)


@attrs.define
class Trips:
    """Round trips one after the other, counted as they are made.

    Attributes:
        counted: Those an operation needs however fast the appliances are, logging in and out included.
        polls: Those that only look whether something has come about yet.
    """

    counted: int = 0
    polls: int = 0

    def add(self, batch: Batch, lanes: Iterable[Lane], *, logging_in: bool) -> None:
        """Count a batch: its longest lane, and the login before it."""
        longest = max((len(lane.places) for lane in lanes), default=0)
        self.counted += int(logging_in) + (0 if batch.polling else longest)
        self.polls += longest if batch.polling else 0


def outcomes_in_order(
    asks: Sequence[Ask], found: Found, failed: dict[ManagementAddress, GatepairError]
) -> Result:
    """Return an outcome for each call; that of a node without a session is the error of its login."""
    return tuple(failed[one.node] if one.node in failed else found[place] for place, one in enumerate(asks))


def in_words(step: Step) -> str:
    """Return what a step does, for the error that stops it."""
    match step:
        case Wait():
            return step.reason
        case Batch():
            return ", ".join(dict.fromkeys(one.call.label for one in step.asks))
        case _:
            return ""
