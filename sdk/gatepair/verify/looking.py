"""Looks at the roles of both nodes, again and again, each node by a thread of its own.

A look is one NITRO call that is not repeated when it fails: that a node does not answer is an answer here,
and a retry would only blur when it fell silent.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from gatepair.errors import GatepairError
from gatepair.nitro.breakdown import Breakdown
from gatepair.nitro.call import HttpRequest, HttpResponse
from gatepair.nitro.conversation import Pause, Talk, converse, log_in, log_out
from gatepair.nitro.decoding import from_reply, read
from gatepair.nitro.resources.ha import HaNode
from gatepair.probes.sampling import Sampling
from gatepair.verify.timeline import RoleSample

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair.config import ConnectionSource
    from gatepair.models import ManagementAddress
    from gatepair.nitro.call import Reply
    from gatepair.nitro.channel import Sends
    from gatepair.nitro.conversation import Session
    from gatepair.probes import Stopwatch

MakeLooker: TypeAlias = "Callable[[ManagementAddress], Looker]"
_ROLES = frozenset({"primary", "secondary"})


class _Silent(Exception):  # noqa: N818 - it says what happened
    """The node did not answer in a way that can be used."""


class Looks(Protocol):
    """Who can look at a node."""

    def look(self, clock: Stopwatch) -> RoleSample:
        """Look once; that there is no answer is a sample too."""
        ...

    def close(self) -> None:
        """Leave in good order."""
        ...


class Looker:
    """Looks at the role of one node over a session of its own.

    Args:
        session: State of the session; it is opened at the first look that succeeds.
        transport: Carries one request at a time.
    """

    def __init__(self, session: Session, transport: Sends) -> None:
        self._session = session
        self._transport = transport

    def look(self, clock: Stopwatch) -> RoleSample:
        """Look once; that there is no answer is a sample too."""
        node = str(self._session.node)
        began = clock()
        try:
            rows = from_reply(HaNode, self._once(converse(self._session, read(HaNode))))
        except _Silent as silence:
            return RoleSample(
                began=began, ended=clock(), node=node, role="unknown", detail=str(silence) or "no answer"
            )
        except GatepairError as error:
            return RoleSample(began=began, ended=clock(), node=node, role="unknown", detail=error.message)
        own = next((row for row in rows if row.is_self), HaNode())
        return RoleSample(
            began=began, ended=clock(), node=node, role=_role(own, paired=len(rows) > 1), sync=own.sync
        )

    def close(self) -> None:
        """Log out, if the node answers, and close the connection."""
        try:
            if self._session.cookie is not None:
                self._once(log_out(self._session))
        except (_Silent, GatepairError):
            pass  # the appliance ends the session by itself
        finally:
            self._transport.close()

    def _once(self, talk: Talk) -> Reply:
        """Carry on a conversation up to the point where it would wait for another try."""
        answer: HttpResponse | Breakdown | None = None
        try:
            while True:
                action = talk.send(answer)
                if isinstance(action, HttpRequest):
                    answer = self._transport.send(action)
                elif isinstance(action, Pause):
                    talk.close()
                    raise _Silent(_words(answer))
                else:
                    self._once(log_in(self._session))
                    answer = None
        except StopIteration as done:
            return done.value


def _role(own: HaNode, *, paired: bool) -> str:
    if not paired:
        return "standalone"
    state = own.state.lower()
    return state if state in _ROLES else "unknown"


def _words(answer: HttpResponse | Breakdown | None) -> str:
    if isinstance(answer, Breakdown):
        return answer.detail
    return f"HTTP {answer.status}" if answer else "no answer"


@attrs.frozen
class LookerFactory:
    """Makes lookers for appliances that are reached as a program reaches them, only with less patience.

    Attributes:
        connections: Knows how each appliance is reached.
        timeout_s: Seconds one request may take.
    """

    connections: ConnectionSource
    timeout_s: float

    def __call__(self, node: ManagementAddress) -> Looker:
        """Return a looker for an appliance."""
        from gatepair.config import Timeouts  # noqa: PLC0415 - as below
        from gatepair.nitro.channel import Clock, new_session  # noqa: PLC0415 - as below
        from gatepair.nitro.transport import Transport  # noqa: PLC0415 - the HTTP library is slow to import

        limit = self.timeout_s
        timeouts = Timeouts(connect_s=limit, read_s=limit, write_s=limit, pool_s=limit)
        connection = attrs.evolve(self.connections.connection(node), timeouts=timeouts)
        return Looker(new_session(connection, Clock()), Transport(connection))


class RoleWatch(Sampling):
    """Samples the roles of nodes from now until it is closed.

    Args:
        lookers: One for each node.
        interval_s: Seconds from one look at a node to the next.
        clock: The clock samples are measured on.
    """

    def __init__(self, lookers: tuple[Looks, ...], interval_s: float, clock: Stopwatch) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._samples: list[RoleSample] = []
        super().__init__(("roles", partial(self._run, looker)) for looker in lookers)

    @property
    def samples(self) -> tuple[RoleSample, ...]:
        """All samples so far, by the time they ended."""
        with self._lock:
            return tuple(sorted(self._samples, key=lambda sample: sample.ended))

    def latest(self, node: str) -> RoleSample | None:
        """Return the latest sample of a node."""
        return next((sample for sample in reversed(self.samples) if sample.node == node), None)

    def _run(self, looker: Looks) -> None:
        try:
            while not self._over.is_set():
                sample = looker.look(self._clock)
                with self._lock:
                    self._samples.append(sample)
                self._over.wait(max(0.0, sample.began + self._interval_s - self._clock()))
        finally:
            looker.close()
