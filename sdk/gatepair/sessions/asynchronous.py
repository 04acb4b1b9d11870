"""`AsyncPairSession`: the same conversation under asyncio, driving the same workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from gatepair.nitro.channel import AsyncChannel, Clock, new_session
from gatepair.sessions.asynchronous_upkeep import AsyncUpkeep
from gatepair.sessions.flows import bind, to_address
from gatepair.sessions.upkeep import keeping
from gatepair.workflows import appliance, dissolve, networks, status
from gatepair.workflows.tasks import AsyncDriver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from gatepair.config import ConnectionSource
    from gatepair.models import ManagementAddress, Network, Pair
    from gatepair.sessions.flows import Address, PairLike
    from gatepair.verify import VerifyOptions, VerifyReport
    from gatepair.workflows.appliance import ApplianceFacts
    from gatepair.workflows.core import Flow
    from gatepair.workflows.driving import OnProgress, Trips
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.report import PreflightReport
    from gatepair.workflows.result import DissolveResult, FailoverResult, NodeStatus, PairStatus

T = TypeVar("T")


class AsyncPairSession(AsyncUpkeep):
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
        self._flows = bind(pair, connections)
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

    async def observe(
        self,
        external: str | None = None,
        internal: str | None = None,
        further: Iterable[str] | None = None,
        failover_interface: str | None = None,
    ) -> ObservedPair:
        """See `PairSession.observe`."""
        return await self._run(self._flows.observe(external, internal, further, failover_interface))

    async def plan(self, desired: Pair | None = None, *, rotate_key: bool = False) -> ChangePlan:
        """See `PairSession.plan`."""
        return await self._run(self._flows.plan(desired, rotate_key=rotate_key))

    async def converge(
        self,
        desired: Pair | None = None,
        *,
        backup_directory: Path | None = None,
        rotate_key: bool = False,
    ) -> ObservedPair:
        """See `PairSession.converge`."""
        keep = keeping(backup_directory)
        return await self._run(self._flows.converge(desired, keep, rotate_key=rotate_key))

    async def status(self) -> PairStatus:
        """See `PairSession.status`."""
        return await self._run(self._flows.status())

    async def appliance_status(self, address: Address) -> NodeStatus:
        """See `PairSession.appliance_status`."""
        return await self._run(status.appliance_status(to_address(address)))

    async def appliance(self, address: Address) -> ApplianceFacts:
        """See `PairSession.appliance`."""
        return await self._run(appliance.appliance(to_address(address)))

    async def failover(self, *, force: bool = False, to: Address | None = None) -> FailoverResult:
        """See `PairSession.failover`."""
        return await self._run(self._flows.fail_over(force=force, to=to))

    async def plan_failover(self, *, to: Address | None = None) -> ChangePlan:
        """See `PairSession.plan_failover`."""
        return await self._run(self._flows.plan_failover(to=to))

    async def verify(self, options: VerifyOptions) -> VerifyReport:
        """See `PairSession.verify`."""
        return await self._run(self._flows.verify(options, self._connections))

    async def plan_verify(self, options: VerifyOptions) -> ChangePlan:
        """See `PairSession.plan_verify`."""
        return await self._run(self._flows.plan_verify(options, self._connections))

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
        return await self._run(networks.read_network(to_address(address), keys, interfaces))

    async def converge_network(self, address: Address, network: Network) -> Network:
        """See `PairSession.converge_network`."""
        return await self._run(networks.converge_network(to_address(address), network, self._flows.addresses))

    async def plan_network(self, address: Address, network: Network) -> ChangePlan:
        """See `PairSession.plan_network`."""
        return await self._run(networks.plan_network(to_address(address), network, self._flows.addresses))

    async def _run(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow, self._deadline_s)

    def _channel(self, node: ManagementAddress) -> AsyncChannel:
        from gatepair.nitro.transport import AsyncTransport  # noqa: PLC0415 - the HTTP library is slow to import

        connection = self._connections.connection(node)
        return AsyncChannel(new_session(connection, self._clock), AsyncTransport(connection), self._clock)
