"""Drives flows under asyncio: one task for each appliance and connection that is asked at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from gatepair.errors import GatepairError
from gatepair.models import ManagementAddress
from gatepair.nitro.channel import AsyncChannel, Clock
from gatepair.workflows.core import Ask, Batch, Flow, Result
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
from gatepair.workflows.lanes import Lane, spread

T = TypeVar("T")
MakeAsyncChannel: TypeAlias = Callable[[ManagementAddress], AsyncChannel]


class AsyncDriver:
    """Carries out the steps of flows; `gatepair.workflows.threads.Driver` is its twin."""

    def __init__(
        self, make_channel: MakeAsyncChannel, clock: Clock, progress: OnProgress | None = None
    ) -> None:
        self.trips = Trips()
        self._make_channel = make_channel
        self._clock = clock
        self._progress = progress
        self._channels: dict[ManagementAddress, AsyncChannel] = {}

    async def run(self, flow: Flow[T], deadline_s: float | None = None) -> T:
        """Run a flow to its end and return its result.

        Raises:
            GatepairError: The flow failed, or its time was over.
        """
        try:
            return await self._drive(self._steer(flow, deadline_s))
        except BaseException:
            if is_unfinished(flow):
                # Shielded: a task that is cancelled must not leave a node held in a role.
                await asyncio.shield(self._wind_down(flow))
            raise

    async def close(self) -> None:
        """Log out everywhere; what goes wrong with that is logged and no more."""
        self.trips.counted += any(channel.session.cookie for channel in self._channels.values())
        closing = (_error_of(channel.close()) for channel in self._channels.values())
        errors = await asyncio.shield(asyncio.gather(*closing))
        for node, error in zip(self._channels, errors, strict=True):
            if error:
                report_left_session(node, error)
        self._channels.clear()

    def _steer(
        self, flow: Flow[T], deadline_s: float | None, stop: GatepairError | None = None
    ) -> Steering[T]:
        watcher = None if stop else self._progress
        return steer(flow, now=self._clock.now, deadline_s=deadline_s, watcher=watcher, stop=stop)

    async def _wind_down(self, flow: Flow[T]) -> None:
        """Let a flow that somebody stops clean up after itself."""
        try:
            await self._drive(self._steer(flow, GRACE_S, interrupted()))
        except GatepairError:
            return

    async def _drive(self, steering: Steering[T]) -> T:
        result: Result = None
        try:
            while True:
                step = steering.send(result)
                carry_out = (
                    self._perform(step) if isinstance(step, Batch) else self._clock.asleep(step.seconds)
                )
                result = await carry_out
        except StopIteration as done:
            return done.value

    async def _perform(self, batch: Batch) -> Result:
        asks = batch.asks
        lanes = spread(asks)
        channels = {lane.node: self._channel(lane.node) for lane in lanes}
        self.trips.add(batch, lanes, logging_in=any(not it.session.cookie for it in channels.values()))
        errors = await asyncio.gather(*(_error_of(channel.open()) for channel in channels.values()))
        failed = {node: error for node, error in zip(channels, errors, strict=True) if error}
        running = [lane for lane in lanes if lane.node not in failed]
        work = asyncio.gather(*(_run_lane(channels[lane.node], lane, asks) for lane in running))
        found: Found = {}
        for outcomes in await (_finished(work) if any(lane.stops for lane in running) else work):
            found |= outcomes
        return outcomes_in_order(asks, found, failed)

    def _channel(self, node: ManagementAddress) -> AsyncChannel:
        if node not in self._channels:
            self._channels[node] = self._make_channel(node)
        return self._channels[node]


async def _run_lane(channel: AsyncChannel, lane: Lane, asks: tuple[Ask, ...]) -> Found:
    found: Found = {}
    for position, place in enumerate(lane.places):
        try:
            found[place] = await channel.perform(asks[place].call)
        except GatepairError as error:
            found[place] = error
            if lane.stops:
                return found | dict.fromkeys(lane.places[position:], error)
    return found


async def _finished(work: asyncio.Future[T]) -> T:
    """Wait for changes, also if cancelled: they take effect yet, and only then can be undone."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


async def _error_of(work: Awaitable[None]) -> GatepairError | None:
    try:
        await work
    except GatepairError as error:
        return error
    return None
