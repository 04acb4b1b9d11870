"""Flows and their drivers: polling, deadlines, interruption, batches; alike in threads and asyncio."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest
from fake_pair import ADDRESSES, PASSWORD, A, B, FakePair, configured, declared, no_reference
from fake_runner import FakeClock, FakeTransport, Runner
from hypothesis import given
from hypothesis import strategies as st

from gatepair import errors
from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.nitro import calls
from gatepair.nitro.call import HttpRequest, HttpResponse, Reply
from gatepair.nitro.channel import AsyncChannel, Channel
from gatepair.nitro.conversation import Session
from gatepair.nitro.decoding import read
from gatepair.nitro.resources.ha import HaNode
from gatepair.workflows.converge import converge
from gatepair.workflows.core import (
    Ask,
    Flow,
    Patience,
    ProgressEvent,
    announce,
    ask,
    at_once,
    now,
    poll,
    together,
    wait,
)
from gatepair.workflows.lanes import READS_AT_ONCE, spread
from gatepair.workflows.observe import observe
from gatepair.workflows.tasks import AsyncDriver
from gatepair.workflows.threads import Driver

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.nitro.breakdown import Breakdown

READ = read(HaNode)


class Tasked:
    def __init__(self, inner: FakeTransport) -> None:
        self._inner = inner

    async def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        await asyncio.sleep(0)
        return self._inner.send(request)

    async def close(self) -> None:
        self._inner.close()


class Face:
    """One driver over an in-memory pair, used alike in both faces."""

    def __init__(
        self, kind: str, pair: FakePair, progress: Callable[[ProgressEvent], None] | None = None
    ) -> None:
        self.clock, self._pair, self._kind = FakeClock(), pair, kind
        make: Any = self._thread_channel if kind == "threads" else self._task_channel
        self.driver: Any = (Driver if kind == "threads" else AsyncDriver)(make, self.clock, progress)

    def _session(self, node: ManagementAddress) -> Session:
        return Session(node=node, credentials=Credentials(password=Secret(PASSWORD)), now=self.clock.now)

    def _thread_channel(self, node: ManagementAddress) -> Channel:
        return Channel(self._session(node), FakeTransport(self._pair, self._pair.of(node)), self.clock)

    def _task_channel(self, node: ManagementAddress) -> AsyncChannel:
        transport = Tasked(FakeTransport(self._pair, self._pair.of(node)))
        return AsyncChannel(self._session(node), transport, self.clock)

    def run(self, flow: Flow[Any], deadline_s: float | None = None) -> Any:
        if self._kind == "threads":
            try:
                return self.driver.run(flow, deadline_s)
            finally:
                self.driver.close()

        async def both() -> Any:
            try:
                return await self.driver.run(flow, deadline_s)
            finally:
                await self.driver.close()

        return asyncio.run(both())


@pytest.fixture(params=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def fresh() -> FakePair:
    pair = FakePair()
    configured(pair.a)
    return pair


class TestDrivers:
    def test_a_pair_is_formed(self, kind: str) -> None:
        pair = fresh()
        found = Face(kind, pair).run(converge(ADDRESSES, declared(), no_reference))
        assert found.to_document()["failover_pair"] == "formed"

    def test_sessions_are_ended_also_after_an_error(self, kind: str) -> None:
        pair = fresh()

        def fail() -> Flow[None]:
            yield from together(Ask(A, READ), Ask(B, READ))
            raise errors.NotAPair("x")

        with pytest.raises(errors.NotAPair):
            Face(kind, pair).run(fail())
        assert [one for one in pair.requests if one[2] == "logout"] == [
            ("192.0.2.11", "POST", "logout"),
            ("192.0.2.12", "POST", "logout"),
        ] or {one[0] for one in pair.requests if one[2] == "logout"} == {"192.0.2.11", "192.0.2.12"}

    def test_one_silent_node_is_an_outcome(self, kind: str) -> None:
        pair = fresh()
        pair.b.up = False

        def look() -> Flow[Any]:
            return (yield from at_once(Ask(A, READ), Ask(B, READ), Ask(B, READ)))

        first, second, third = Face(kind, pair).run(look())
        assert isinstance(first, Reply)
        assert isinstance(second, errors.Unreachable)
        assert second is third
        assert pair.b.logins == 0

    def test_the_first_error_ends_the_changes_of_a_node_but_not_its_peers(self, kind: str) -> None:
        pair = fresh()

        def change() -> Flow[Any]:
            return (
                yield from at_once(
                    Ask(A, calls.set_interface("9/9", {})),
                    Ask(A, calls.set_host_name("never")),
                    Ask(B, calls.set_host_name("done")),
                )
            )

        first, second, third = Face(kind, pair).run(change())
        assert isinstance(first, errors.NotFound)
        assert second is first
        assert isinstance(third, Reply)
        assert (pair.a.host_name, pair.b.host_name) == ("gw-a", "done")

    def test_round_trips_are_counted(self, kind: str) -> None:
        face = Face(kind, fresh())
        face.run(observe(ADDRESSES))
        assert (face.driver.trips.counted, face.driver.trips.polls) == (3, 0)

    def test_forming_takes_at_most_fourteen_round_trips_beside_polls(self, kind: str) -> None:
        pair = fresh()
        del pair.a.config["vpnvserver"]["gateway"], pair.a.config["nsip"]["192.0.2.20"]
        face = Face(kind, pair)
        face.run(converge(ADDRESSES, declared(), no_reference))
        assert {"192.0.2.20", "192.0.2.21"} <= set(pair.b.config["nsip"])
        assert face.driver.trips.counted <= 14

    def test_a_watcher_that_raises_stops_the_flow_which_cleans_up(self, kind: str) -> None:
        """As the bridge does when a request is cancelled: between two steps, with everybody let go."""
        pair = fresh()

        class Stop(Exception):  # noqa: N818 - as a caller may name it
            pass

        def watcher(event: ProgressEvent) -> None:
            if event.step == "shared-key":
                raise Stop

        with pytest.raises(Stop):
            Face(kind, pair, watcher).run(converge(ADDRESSES, declared(), no_reference))
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
        assert [node.peer for node in pair.nodes] == [None, None]

    def test_the_deadline_is_thrown_into_the_flow(self, kind: str) -> None:
        pair = fresh()
        pair.heartbeats = False
        with pytest.raises(errors.DeadlineExceeded, match="was stopped"):
            Face(kind, pair).run(converge(ADDRESSES, declared(), no_reference), deadline_s=2)
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]

    def test_progress_is_told_in_order(self, kind: str) -> None:
        seen: list[str] = []

        def talk() -> Flow[None]:
            yield from announce("one", "first", A)
            yield from wait(3, "no reason")
            yield from announce("two", "second")

        Face(kind, fresh(), lambda event: seen.append(event.step)).run(talk())
        assert seen == ["one", "two"]

    def test_an_error_knows_the_step_it_happened_in(self, kind: str) -> None:
        def fail() -> Flow[None]:
            yield from announce("host-name", "x", A)
            yield from ask(A, calls.set_interface("9/9", {}))

        with pytest.raises(errors.NotFound) as caught:
            Face(kind, fresh()).run(fail())
        assert caught.value.step == "host-name"


def test_a_cancelled_task_lets_both_nodes_go() -> None:
    pair = fresh()
    face = Face("asyncio", pair)

    async def cancelled() -> None:
        task: asyncio.Task[Any]

        def cut(_: FakePair) -> None:
            if pair.a.rpc.get("192.0.2.11") not in {None, "default"}:
                task.cancel()
                pair.after.clear()

        pair.after.append(cut)
        task = asyncio.ensure_future(face.driver.run(converge(ADDRESSES, declared(), no_reference)))
        with pytest.raises(asyncio.CancelledError):
            await task
        await face.driver.close()

    asyncio.run(cancelled())
    assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]


def test_both_drivers_have_the_same_surface() -> None:
    def surface(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert surface(Driver) == surface(AsyncDriver)


class TestPoll:
    def _poll(self, states: list[int], deadline_s: float = 60) -> Flow[int]:
        def look() -> Flow[int]:
            yield from ()
            return states.pop(0) if len(states) > 1 else states[0]

        return poll(
            look,
            until=lambda state: state == 0,
            waiting_for=lambda state: f"{state} left",
            give_up=lambda state, waited: errors.DeadlineExceeded(
                "p", reason=f"{state} left", waited_s=waited
            ),
            patience=Patience(deadline_s=deadline_s),
        )

    def test_it_looks_until_the_state_is_there(self) -> None:
        runner = Runner(FakePair())
        assert runner.run(self._poll([3, 2, 1, 0])) == 0
        assert runner.clock.time > 1000

    def test_a_state_that_is_there_costs_no_time(self) -> None:
        runner = Runner(FakePair())
        runner.run(self._poll([0]))
        assert runner.clock.time == 1000

    def test_it_gives_up_with_the_reason(self) -> None:
        runner = Runner(FakePair())
        with pytest.raises(errors.DeadlineExceeded) as caught:
            runner.run(self._poll([5], deadline_s=30))
        assert caught.value.reason == "5 left"
        assert runner.clock.time == pytest.approx(1030)

    def test_pauses_grow_to_a_limit(self) -> None:
        pauses = Patience(deadline_s=1, first_s=1, growth=2, longest_s=5).pauses()
        assert [next(pauses) for _ in range(5)] == [1, 2, 4, 5, 5]

    def test_what_is_thrown_in_a_look_reaches_the_look(self) -> None:
        """A deadline that ends in the middle of a look is seen by the look, not only by the poll."""
        seen: list[str] = []

        def look() -> Flow[int]:
            try:
                yield from wait(100, "inside")
            except errors.DeadlineExceeded:
                seen.append("thrown")
                raise
            return 1

        flow = poll(
            look,
            until=lambda _: False,
            waiting_for=lambda _: "",
            give_up=lambda _, __: errors.NotAPair("never"),
            patience=Patience(deadline_s=1000),
        )
        with pytest.raises(errors.DeadlineExceeded):
            Runner(FakePair()).run(flow, deadline_s=250)
        assert seen in ([], ["thrown"])

    def test_time_is_asked_of_the_driver(self) -> None:
        runner = Runner(FakePair())
        runner.clock.time = 77.5
        assert runner.run(now()) == 77.5


@given(
    st.lists(st.tuples(st.sampled_from([A, B]), st.booleans()), min_size=1, max_size=40),
)
def test_every_call_has_its_place_in_one_lane(wanted: list[tuple[ManagementAddress, bool]]) -> None:
    asks = [Ask(node, READ if reads else calls.save()) for node, reads in wanted]
    lanes = spread(asks)
    assert sorted(place for lane in lanes for place in lane.places) == list(range(len(asks)))
    for node in (A, B):
        own = [lane for lane in lanes if lane.node == node]
        changing = any(one == node and not reads for one, reads in wanted)
        assert len(own) <= (1 if changing else READS_AT_ONCE)
        assert all(list(lane.places) == sorted(lane.places) for lane in own)
        assert all(lane.stops == changing for lane in own)
