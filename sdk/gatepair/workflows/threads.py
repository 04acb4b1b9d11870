"""Drives flows in threads: one for each appliance and connection that is asked at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Final, TypeAlias, TypeVar

from gatepair.errors import GatepairError
from gatepair.models import ManagementAddress
from gatepair.nitro.channel import Channel, Clock
from gatepair.workflows.core import Ask, Batch, Flow, ProgressEvent, Result
from gatepair.workflows.driving import (
    GRACE_S,
    Found,
    OnProgress,
    Steering,
    Trips,
    interrupted,
    is_unfinished,
    outcomes_in_order,
    report_left_session,
    steer,
)
from gatepair.workflows.interrupts import Interrupts
from gatepair.workflows.lanes import READS_AT_ONCE, Lane, spread

T = TypeVar("T")
MakeChannel: TypeAlias = Callable[[ManagementAddress], Channel]

_LOOK_S: Final = 0.01


class Driver:
    """Carries out the steps of flows.

    Args:
        make_channel: Gives the channel to an appliance; called once for each.
        clock: Time, for tests to put their own in its place.
        progress: Called with each progress event.

    Attributes:
        trips: Round trips one after the other so far.
    """

    def __init__(self, make_channel: MakeChannel, clock: Clock, progress: OnProgress | None = None) -> None:
        self.trips = Trips()
        self._make_channel = make_channel
        self._clock = clock
        self._progress = progress
        self._channels: dict[ManagementAddress, Channel] = {}
        self._interrupts = Interrupts()
        self._pool = ThreadPoolExecutor(2 * READS_AT_ONCE, thread_name_prefix="gatepair")

    def run(self, flow: Flow[T], deadline_s: float | None = None) -> T:
        """Run a flow to its end and return its result.

        Raises:
            GatepairError: The flow failed, or its time was over.
        """
        try:
            return self._drive(self._steer(flow, deadline_s))
        except BaseException:
            if is_unfinished(flow):
                self._wind_down(flow)
            raise

    def close(self) -> None:
        """Log out everywhere; what goes wrong with that is logged and no more."""
        self.trips.counted += any(channel.session.cookie for channel in self._channels.values())
        with self._interrupts.held():
            closed = self._at_once([channel.close for channel in self._channels.values()])
            for node, future in zip(self._channels, closed, strict=True):
                error = _error_of(future)
                if error:
                    report_left_session(node, error)
            self._channels.clear()
            self._pool.shutdown()

    def _steer(
        self, flow: Flow[T], deadline_s: float | None, stop: GatepairError | None = None
    ) -> Steering[T]:
        watcher = None if stop or not self._progress else partial(self._tell, self._progress)
        return steer(flow, now=self._clock.now, deadline_s=deadline_s, watcher=watcher, stop=stop)

    def _tell(self, progress: OnProgress, event: ProgressEvent) -> None:
        with self._interrupts.let_through():
            progress(event)

    def _wind_down(self, flow: Flow[T]) -> None:
        """Let a flow that somebody stops clean up after itself."""
        try:
            self._drive(self._steer(flow, GRACE_S, interrupted()))
        except GatepairError:
            return

    def _drive(self, steering: Steering[T]) -> T:
        result: Result = None
        with self._interrupts.held():
            try:
                while True:
                    step = steering.send(result)
                    result = self._perform(step) if isinstance(step, Batch) else self._sleep(step.seconds)
            except StopIteration as done:
                return done.value

    def _sleep(self, seconds: float) -> None:
        with self._interrupts.let_through():
            self._clock.sleep(seconds)

    def _perform(self, batch: Batch) -> Result:
        asks = batch.asks
        lanes = spread(asks)
        channels = {lane.node: self._channel(lane.node) for lane in lanes}
        self.trips.add(batch, lanes, logging_in=any(not it.session.cookie for it in channels.values()))
        opened = self._at_once([channel.open for channel in channels.values()])
        failed = {
            node: error for node, future in zip(channels, opened, strict=True) if (error := _error_of(future))
        }
        running = [lane for lane in lanes if lane.node not in failed]
        work = [partial(_run_lane, channels[lane.node], lane, asks) for lane in running]
        found: Found = {}
        for future in self._at_once(work, finish=any(lane.stops for lane in running)):
            found |= future.result()
        return outcomes_in_order(asks, found, failed)

    def _at_once(self, tasks: Sequence[Callable[[], T]], *, finish: bool = False) -> list[Future[T]]:
        """Do things in threads and wait until all are done.

        Args:
            tasks: What to do.
            finish: Whether an interruption waits for what is under way: a change takes effect yet, and only
                then can be undone. A second interruption does not wait.
        """
        done: SimpleQueue[Future[T]] = SimpleQueue()
        futures = [self._pool.submit(task) for task in tasks]
        for future in futures:
            future.add_done_callback(done.put)
        try:
            with self._interrupts.let_through():
                for _ in futures:
                    done.get()  # holds no lock of Python's own while it waits, as `Future.result` does
        except BaseException:
            while finish and not all(future.done() for future in futures):
                with self._interrupts.let_through():
                    time.sleep(_LOOK_S)
            raise
        return futures

    def _channel(self, node: ManagementAddress) -> Channel:
        if node not in self._channels:
            self._channels[node] = self._make_channel(node)
        return self._channels[node]


def _run_lane(channel: Channel, lane: Lane, asks: tuple[Ask, ...]) -> Found:
    found: Found = {}
    for position, place in enumerate(lane.places):
        try:
            found[place] = channel.perform(asks[place].call)
        except GatepairError as error:
            found[place] = error
            if lane.stops:
                return found | dict.fromkeys(lane.places[position:], error)
    return found


def _error_of(future: Future[None]) -> GatepairError | None:
    try:
        future.result()
    except GatepairError as error:
        return error
    return None
