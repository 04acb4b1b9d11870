"""How the bridge talks to appliances: through sessions of the SDK, one for each request."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeAlias

from gatepair.config import Connections, load_config
from gatepair.nitro.channel import Clock
from gatepair.session import PairSession

if TYPE_CHECKING:
    from gatepair.config import ConnectionSource
    from gatepair.models import ManagementAddress, Pair
    from gatepair.nitro.transport import Transport
    from gatepair.session import PairLike
    from gatepair.workflows.core import ProgressEvent
    from gatepair_bridge.api.work import Work

OpenSession: TypeAlias = Callable[..., PairSession]


class WorkClock(Clock):
    """Time for a piece of work: a wait ends as soon as the work is to be cancelled.

    Args:
        work: The work.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def sleep(self, seconds: float) -> None:
        """Let time pass in this thread."""
        self._work.sleep(seconds)


class Sessions:
    """Opens conversations with pairs, with the credentials and trust that the process was given.

    Args:
        connections: Gives credentials and trust for each management address.
        declared: The pairs that the operator's file declares, by name.
        open_session: Makes a session, as `gatepair.PairSession` does.
    """

    def __init__(
        self,
        connections: ConnectionSource,
        *,
        declared: Mapping[str, Pair] | None = None,
        open_session: OpenSession = PairSession,
    ) -> None:
        self.declared = declared or {}
        self._connections = connections
        self._open_session = open_session
        self._transports: dict[ManagementAddress, Transport] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls) -> Self:
        """Take credentials and trust from ``GATEPAIR_CONFIG`` and the other ``GATEPAIR_*`` variables.

        Raises:
            gatepair.errors.InvalidInput: They contradict each other, or the file cannot be used.
        """
        path = os.environ.get("GATEPAIR_CONFIG")
        if not path:
            return cls(Connections.from_environment())
        config = load_config(path)
        return cls(config, declared=config.pairs)

    @contextmanager
    def open(self, pair: PairLike, work: Work) -> Generator[PairSession]:
        """Open a conversation that reports to a piece of work, and stops if that is to be cancelled."""

        def progress(event: ProgressEvent) -> None:
            work.note(event.message, node=str(event.node or ""), step=event.step)

        with self._open_session(pair, self._connections, progress=progress, clock=WorkClock(work)) as session:
            yield session

    def transport(self, address: ManagementAddress) -> Transport:
        """Give the way to one appliance for requests that are not ours."""
        from gatepair.nitro.transport import Transport  # noqa: PLC0415 - heavy, and seldom needed

        with self._lock:
            if address not in self._transports:
                self._transports[address] = Transport(self._connections.connection(address))
            return self._transports[address]

    def credentials(self, address: ManagementAddress) -> dict[str, str]:
        """Give the headers that log a single request on with the bridge's own credentials.

        Raises:
            gatepair.errors.SecretUnavailable: The password is not to be had.
        """
        credentials = self._connections.connection(address).credentials
        return {"x-nitro-user": credentials.username, "x-nitro-pass": credentials.secret().reveal()}

    def close(self) -> None:
        """Close what is kept open between requests."""
        with self._lock:
            while self._transports:
                self._transports.popitem()[1].close()

    @contextmanager
    def open_appliance(self, address: ManagementAddress, work: Work) -> Generator[PairSession]:
        """Open a conversation with one appliance, whatever pair it belongs to."""
        with self.open((address, address), work) as session:
            yield session
