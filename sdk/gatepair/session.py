"""The two faces of a pair: `PairSession` for plain code, `AsyncPairSession` for asyncio.

Both run the same workflows; only the driving differs. A session logs in at the first call, keeps its
connections, finds out who is primary before each change and logs out when it is closed, also after
an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar

import attrs

from gatepair.documents import parse_pair_id
from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress, Network, Pair
from gatepair.nitro.channel import AsyncChannel, Channel, Clock, new_session
from gatepair.workflows import converge, dissolve, failover, networks, preflight, status
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.tasks import AsyncDriver
from gatepair.workflows.threads import Driver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from gatepair.config import ConnectionSource
    from gatepair.workflows.core import Flow
    from gatepair.workflows.driving import OnProgress, Trips
    from gatepair.workflows.keys import Resolve
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.report import PreflightReport
    from gatepair.workflows.result import DissolveResult, FailoverResult, NodeStatus, PairStatus

T = TypeVar("T")
Address: TypeAlias = ManagementAddress | str
PairLike: TypeAlias = Pair | str | tuple[ManagementAddress, ManagementAddress]


@attrs.frozen
class Flows:
    """The workflows of one pair, bound to its addresses and its declaration.

    Attributes:
        addresses: The two appliances in canonical order.
        declared: The pair as it is declared, if that is known.
        resolve: Fetches the shared key.
    """

    addresses: Addresses
    declared: Pair | None
    resolve: Resolve

    def preflight(self, desired: Pair | None) -> Flow[PreflightReport]:
        """See `PairSession.preflight`."""
        return preflight.preflight(self.addresses, self._checked(desired), self.resolve)

    def observe(self, external: str | None, internal: str | None) -> Flow[ObservedPair]:
        """See `PairSession.observe`."""
        first, second = self._expected(external, internal)
        return observe(self.addresses, external=first, internal=second)

    def plan(self, desired: Pair | None) -> Flow[ChangePlan]:
        """See `PairSession.plan`."""
        return converge.plan(self.addresses, self._needed(desired), self.resolve)

    def converge(self, desired: Pair | None) -> Flow[ObservedPair]:
        """See `PairSession.converge`."""
        return converge.converge(self.addresses, self._needed(desired), self.resolve)

    def status(self) -> Flow[PairStatus]:
        """See `PairSession.status`."""
        return status.status(self.addresses, *self._expected(None, None))

    def fail_over(self, *, force: bool, to: Address | None) -> Flow[FailoverResult]:
        """See `PairSession.failover`."""
        return failover.fail_over(self.addresses, force=force, to=self._to(to))

    def plan_failover(self, *, to: Address | None) -> Flow[ChangePlan]:
        """See `PairSession.plan_failover`."""
        return failover.plan_failover(self.addresses, self._to(to))

    def _to(self, to: Address | None) -> ManagementAddress | None:
        return None if to is None else _address(to)

    def _expected(self, external: str | None, internal: str | None) -> tuple[str | None, str | None]:
        """Return the virtual IPs to look for: those named, else those declared."""
        declared = self.declared
        if external is None and declared and declared.external:
            external = str(declared.external.address)
        if internal is None and declared and declared.internal:
            internal = str(declared.internal.address)
        return external, internal

    def _checked(self, desired: Pair | None) -> Pair | None:
        wanted = desired or self.declared
        if wanted is not None and wanted.addresses != self.addresses:
            raise InvalidInput(f"this session is with {self.addresses[0]} and {self.addresses[1]}", key="id")
        return wanted

    def _needed(self, desired: Pair | None) -> Pair:
        wanted = self._checked(desired)
        if wanted is None:
            raise InvalidInput("nothing says how the pair shall be: give the declared pair", key="desired")
        return wanted


def _bind(pair: PairLike, connections: ConnectionSource) -> Flows:
    if isinstance(pair, Pair):
        return Flows(pair.addresses, pair, connections.resolve)
    first, second = parse_pair_id(pair) if isinstance(pair, str) else pair
    return Flows((first, second) if first < second else (second, first), None, connections.resolve)


def _address(address: Address) -> ManagementAddress:
    return ManagementAddress.parse(address) if isinstance(address, str) else address


class PairSession:
    """A conversation with both appliances of a pair.

    Args:
        pair: The declared pair, its identifier ``"{a},{b}"`` or its two management addresses.
        connections: Knows credentials and trust of each appliance: a `gatepair.Config` or
            `gatepair.Connections`.
        progress: Called with each progress event, in the thread that runs the operation. If it raises,
            the operation cleans up and stops.
        deadline_s: Seconds each operation may take in all; absent, each waits as long as it thinks fit.
        clock: Time, for tests to put their own in its place.

    Example:
        >>> from gatepair import PairSession, load_config  # doctest: +SKIP
        >>> config = load_config("pairs.toml")  # doctest: +SKIP
        >>> with PairSession(config.pairs["office"], config) as pair:  # doctest: +SKIP
        ...     print(pair.status().primary)
    """

    def __init__(
        self,
        pair: PairLike,
        connections: ConnectionSource,
        *,
        progress: OnProgress | None = None,
        deadline_s: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._flows = _bind(pair, connections)
        self._connections = connections
        self._deadline_s = deadline_s
        self._clock = clock or Clock()
        self._driver = Driver(self._channel, self._clock, progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def trips(self) -> Trips:
        """Round trips one after the other so far."""
        return self._driver.trips

    def close(self) -> None:
        """Log out of both appliances and close all connections."""
        self._driver.close()

    def preflight(self, desired: Pair | None = None) -> PreflightReport:
        """Check whether the pair could be made as declared; change nothing.

        Args:
            desired: The declaration; absent, the one the session was opened with. Without any, only
                the appliances themselves are checked.
        """
        return self._run(self._flows.preflight(desired))

    def observe(self, external: str | None = None, internal: str | None = None) -> ObservedPair:
        """Read both appliances at once.

        Args:
            external: External virtual IP to look for first; an empty one says that there is none.
            internal: Internal virtual IP to look for first; an empty one says that there is none.

        Raises:
            gatepair.errors.GatepairError: Neither appliance answers.
        """
        return self._run(self._flows.observe(external, internal))

    def plan(self, desired: Pair | None = None) -> ChangePlan:
        """Return what `converge` would do; change nothing.

        Raises:
            gatepair.errors.PreflightFailed: It would only fail.
        """
        return self._run(self._flows.plan(desired))

    def converge(self, desired: Pair | None = None) -> ObservedPair:
        """Form, mend or change the pair until it is as declared; run again, it goes on where it stopped.

        Raises:
            gatepair.errors.PreflightFailed: Something stands against it; nothing was changed.
            gatepair.errors.GatepairError: A node refused a change or was lost.
        """
        return self._run(self._flows.converge(desired))

    def status(self) -> PairStatus:
        """Return live facts of both appliances and what is not as it should be.

        Raises:
            gatepair.errors.GatepairError: Neither appliance answers.
        """
        return self._run(self._flows.status())

    def appliance_status(self, address: Address) -> NodeStatus:
        """Return live facts of one appliance.

        Raises:
            gatepair.errors.GatepairError: It does not answer.
        """
        return self._run(status.appliance_status(_address(address)))

    def failover(self, *, force: bool = False, to: Address | None = None) -> FailoverResult:
        """Swap the roles and wait until both nodes agree on the new ones.

        Args:
            force: Do it even if the peer is not in its best health.
            to: The node that is to be primary; nothing is done if it is already.

        Raises:
            gatepair.errors.FailoverRefused: The appliance refuses; the remedy says why.
        """
        return self._run(self._flows.fail_over(force=force, to=to))

    def plan_failover(self, *, to: Address | None = None) -> ChangePlan:
        """Return what `failover` would do; change nothing."""
        return self._run(self._flows.plan_failover(to=to))

    def dissolve(self, *, abandon: bool = False) -> DissolveResult:
        """Make two standalone appliances of the pair; the primary keeps serving users.

        Args:
            abandon: Do it although one appliance does not answer. Should that one ever come back, it
                brings the pair's addresses up a second time.

        Raises:
            gatepair.errors.Unreachable: One appliance does not answer; nothing was changed.
        """
        return self._run(dissolve.dissolve(self._flows.addresses, abandon=abandon))

    def plan_dissolve(self, *, abandon: bool = False) -> ChangePlan:
        """Return what `dissolve` would do; change nothing."""
        return self._run(dissolve.plan_dissolve(self._flows.addresses, abandon=abandon))

    def read_network(
        self, address: Address, keys: Iterable[str] | None = None, interfaces: Iterable[str] | None = None
    ) -> Network:
        """Return an appliance's own network, or the part of it that is named."""
        return self._run(networks.read_network(_address(address), keys, interfaces))

    def converge_network(self, address: Address, network: Network) -> Network:
        """Make an appliance's own network as declared, and save it."""
        return self._run(networks.converge_network(_address(address), network))

    def plan_network(self, address: Address, network: Network) -> ChangePlan:
        """Return what `converge_network` would do; change nothing."""
        return self._run(networks.plan_network(_address(address), network))

    def _run(self, flow: Flow[T]) -> T:
        return self._driver.run(flow, self._deadline_s)

    def _channel(self, node: ManagementAddress) -> Channel:
        from gatepair.nitro.transport import Transport  # noqa: PLC0415 - the HTTP library is slow to import

        connection = self._connections.connection(node)
        return Channel(new_session(connection, self._clock), Transport(connection), self._clock)


class AsyncPairSession:
    """The same conversation under asyncio; see `PairSession` for what each operation does.

    Example:
        >>> async with AsyncPairSession(config.pairs["office"], config) as pair:  # doctest: +SKIP
        ...     print((await pair.status()).primary)
    """

    def __init__(
        self,
        pair: PairLike,
        connections: ConnectionSource,
        *,
        progress: OnProgress | None = None,
        deadline_s: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._flows = _bind(pair, connections)
        self._connections = connections
        self._deadline_s = deadline_s
        self._clock = clock or Clock()
        self._driver = AsyncDriver(self._channel, self._clock, progress)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def trips(self) -> Trips:
        """Round trips one after the other so far."""
        return self._driver.trips

    async def close(self) -> None:
        """Log out of both appliances and close all connections."""
        await self._driver.close()

    async def preflight(self, desired: Pair | None = None) -> PreflightReport:
        """See `PairSession.preflight`."""
        return await self._run(self._flows.preflight(desired))

    async def observe(self, external: str | None = None, internal: str | None = None) -> ObservedPair:
        """See `PairSession.observe`."""
        return await self._run(self._flows.observe(external, internal))

    async def plan(self, desired: Pair | None = None) -> ChangePlan:
        """See `PairSession.plan`."""
        return await self._run(self._flows.plan(desired))

    async def converge(self, desired: Pair | None = None) -> ObservedPair:
        """See `PairSession.converge`."""
        return await self._run(self._flows.converge(desired))

    async def status(self) -> PairStatus:
        """See `PairSession.status`."""
        return await self._run(self._flows.status())

    async def appliance_status(self, address: Address) -> NodeStatus:
        """See `PairSession.appliance_status`."""
        return await self._run(status.appliance_status(_address(address)))

    async def failover(self, *, force: bool = False, to: Address | None = None) -> FailoverResult:
        """See `PairSession.failover`."""
        return await self._run(self._flows.fail_over(force=force, to=to))

    async def plan_failover(self, *, to: Address | None = None) -> ChangePlan:
        """See `PairSession.plan_failover`."""
        return await self._run(self._flows.plan_failover(to=to))

    async def dissolve(self, *, abandon: bool = False) -> DissolveResult:
        """See `PairSession.dissolve`."""
        return await self._run(dissolve.dissolve(self._flows.addresses, abandon=abandon))

    async def plan_dissolve(self, *, abandon: bool = False) -> ChangePlan:
        """See `PairSession.plan_dissolve`."""
        return await self._run(dissolve.plan_dissolve(self._flows.addresses, abandon=abandon))

    async def read_network(
        self, address: Address, keys: Iterable[str] | None = None, interfaces: Iterable[str] | None = None
    ) -> Network:
        """See `PairSession.read_network`."""
        return await self._run(networks.read_network(_address(address), keys, interfaces))

    async def converge_network(self, address: Address, network: Network) -> Network:
        """See `PairSession.converge_network`."""
        return await self._run(networks.converge_network(_address(address), network))

    async def plan_network(self, address: Address, network: Network) -> ChangePlan:
        """See `PairSession.plan_network`."""
        return await self._run(networks.plan_network(_address(address), network))

    async def _run(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow, self._deadline_s)

    def _channel(self, node: ManagementAddress) -> AsyncChannel:
        from gatepair.nitro.transport import AsyncTransport  # noqa: PLC0415 - the HTTP library is slow to import

        connection = self._connections.connection(node)
        return AsyncChannel(new_session(connection, self._clock), AsyncTransport(connection), self._clock)
