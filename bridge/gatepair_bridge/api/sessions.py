"""How the bridge talks to appliances: through sessions of the SDK, one for each request."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeAlias

from gatepair.config import Connections, load_config
from gatepair.models import Credentials, Secret
from gatepair.nitro.channel import Clock
from gatepair.sessions.plain import PairSession
from gatepair.sessions.upkeep import Lent
from gatepair_bridge.api.credentials import with_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair.config import Config, ConnectionSource
    from gatepair.models import ManagementAddress, Pair
    from gatepair.nitro.transport import Transport
    from gatepair.sessions.flows import PairLike
    from gatepair.workflows.core import ProgressEvent
    from gatepair_bridge.api.messages import Request
    from gatepair_bridge.api.work import Work

# A way to an appliance needs some, even where every request brings or is given its own.
NOBODY = Credentials(username="nobody", password=Secret("none"))
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
        lends: Whether an appliance that the file declares no more gets the credentials of the other one of
            its former pair; not where callers are strangers, who could name any address.
    """

    def __init__(
        self,
        connections: Config | Connections,
        *,
        declared: Mapping[str, Pair] | None = None,
        open_session: OpenSession = PairSession,
        lends: bool = False,
    ) -> None:
        self._lends = lends
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
        return cls(config, declared=config.pairs, lends=True)

    @contextmanager
    def open(self, pair: PairLike, request: Request) -> Generator[PairSession]:
        """Open a conversation for a request: with its credentials, if it brings some.

        It reports to the request's work, and stops if that is to be cancelled.
        """
        work = request.work

        def progress(event: ProgressEvent) -> None:
            work.note(event.message, node=str(event.node or ""), step=event.step)

        ways = self._lent(pair, self._ways(request.credentials))
        with self._open_session(pair, ways, progress=progress, clock=WorkClock(work)) as session:
            yield session

    def transport(self, address: ManagementAddress) -> Transport:
        """Give the way to one appliance for requests that are not ours; it holds no credentials."""
        from gatepair.nitro.transport import Transport  # noqa: PLC0415 - heavy, and seldom needed

        with self._lock:
            if address not in self._transports:
                way = self._ways(NOBODY).connection(address)
                self._transports[address] = Transport(way)
            return self._transports[address]

    def credentials(self, address: ManagementAddress, sent: Credentials | None) -> dict[str, str]:
        """Give the headers that log a single request on, with the bridge's own credentials if none were sent.

        Raises:
            gatepair.errors.SecretUnavailable: The password is not to be had.
        """
        credentials = sent or self._connections.connection(address).credentials
        return {"x-nitro-user": credentials.username, "x-nitro-pass": credentials.secret().reveal()}

    def ca_file(self, address: ManagementAddress) -> Path | None:
        """Give the CA that an appliance is trusted by; None for the system's."""
        return self._ways(NOBODY).connection(address).tls.ca_file

    def close(self) -> None:
        """Close what is kept open between requests."""
        with self._lock:
            while self._transports:
                self._transports.popitem()[1].close()

    @contextmanager
    def open_appliance(self, address: ManagementAddress, request: Request) -> Generator[PairSession]:
        """Open a conversation with one appliance, whatever pair it belongs to."""
        with self.open((address, address), request) as session:
            yield session

    def declares(self, address: ManagementAddress) -> bool:
        """Tell whether the operator's file declares a pair with this appliance."""
        return any(address in pair.addresses for pair in self.declared.values())

    def _lent(self, pair: PairLike, ways: Config | Connections) -> ConnectionSource:
        """Reach an appliance that is declared no more the way the other one of its former pair is reached."""
        if not self._lends or not isinstance(pair, tuple):
            return ways
        for borrower, lender in (pair, pair[::-1]):
            if self.declares(lender) and not self.declares(borrower):
                return Lent(ways, borrower, lender)
        return ways

    def _ways(self, sent: Credentials | None) -> Config | Connections:
        return self._connections if sent is None else with_credentials(self._connections, sent)
