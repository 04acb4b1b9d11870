"""`PairSession`: a conversation with a pair for plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from gatepair.nitro.channel import Channel, Clock, new_session
from gatepair.sessions.flows import bind, to_address
from gatepair.sessions.plain_upkeep import PlainUpkeep
from gatepair.sessions.upkeep import keeping
from gatepair.workflows import appliance, dissolve, networks, status
from gatepair.workflows.threads import Driver

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


class PairSession(PlainUpkeep):
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
        self._flows = bind(pair, connections)
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

    def observe(
        self,
        external: str | None = None,
        internal: str | None = None,
        further: Iterable[str] | None = None,
        failover_interface: str | None = None,
    ) -> ObservedPair:
        """Read both appliances at once.

        Args:
            external: External virtual IP to look for first; an empty one says that there is none.
            internal: Internal virtual IP to look for first; an empty one says that there is none.
            further: Further virtual IPs to look for; absent and not declared, they are no part of the
                document.
            failover_interface: Interface that is to carry all heartbeats; absent or empty and not
                declared, it is no part of the document.

        Raises:
            gatepair.errors.GatepairError: Neither appliance answers.
        """
        return self._run(self._flows.observe(external, internal, further, failover_interface))

    def plan(self, desired: Pair | None = None, *, rotate_key: bool = False) -> ChangePlan:
        """Return what `converge` would do; change nothing.

        Args:
            desired: The declaration; absent, the one the session was opened with.
            rotate_key: As for `converge`.

        Raises:
            gatepair.errors.PreflightFailed: It would only fail.
        """
        return self._run(self._flows.plan(desired, rotate_key=rotate_key))

    def converge(
        self,
        desired: Pair | None = None,
        *,
        backup_directory: Path | None = None,
        rotate_key: bool = False,
    ) -> ObservedPair:
        """Form, mend or change the pair until it is as declared; run again, it goes on where it stopped.

        Args:
            desired: The declaration; absent, the one the session was opened with.
            backup_directory: Where a backup of a joining node goes whose own configuration is replaced;
                absent, none is made.
            rotate_key: Write the declared shared key on both as well, whichever one they have; without it
                a key that was declared anew goes to no appliance, unless the pair is formed or mended.

        Raises:
            gatepair.errors.PreflightFailed: Something stands against it; nothing was changed.
            gatepair.errors.GatepairError: A node refused a change or was lost.
        """
        keep = keeping(backup_directory)
        return self._run(self._flows.converge(desired, keep, rotate_key=rotate_key))

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
        return self._run(status.appliance_status(to_address(address)))

    def appliance(self, address: Address) -> ApplianceFacts:
        """Ask one appliance what it is: firmware, platform, serial number, licence, clock.

        One that does not answer is no error: `ApplianceFacts.reachable` says so.

        Args:
            address: Its management address; it need not belong to this pair.
        """
        return self._run(appliance.appliance(to_address(address)))

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

    def verify(self, options: VerifyOptions) -> VerifyReport:
        """Prove that failover works: switch the roles while users are watched, and judge each switch.

        Nothing is done unless the pair is in order and users are served. A switch after which users are
        not served is undone, and no further one is made.

        Args:
            options: Which failovers to make, and how users come to the gateway.

        Raises:
            gatepair.errors.GatepairError: Neither appliance answers, or a node is lost for good.
        """
        return self._run(self._flows.verify(options, self._connections))

    def plan_verify(self, options: VerifyOptions) -> ChangePlan:
        """Return what `verify` would do; change nothing.

        Raises:
            gatepair.errors.PreflightFailed: It would do nothing, since the pair is not in order.
        """
        return self._run(self._flows.plan_verify(options, self._connections))

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
        return self._run(networks.read_network(to_address(address), keys, interfaces))

    def converge_network(self, address: Address, network: Network) -> Network:
        """Make an appliance's own network as declared, and save it."""
        return self._run(networks.converge_network(to_address(address), network, self._flows.addresses))

    def plan_network(self, address: Address, network: Network) -> ChangePlan:
        """Return what `converge_network` would do; change nothing."""
        return self._run(networks.plan_network(to_address(address), network, self._flows.addresses))

    def _run(self, flow: Flow[T]) -> T:
        return self._driver.run(flow, self._deadline_s)

    def _channel(self, node: ManagementAddress) -> Channel:
        from gatepair.nitro.transport import Transport  # noqa: PLC0415 - the HTTP library is slow to import

        connection = self._connections.connection(node)
        return Channel(new_session(connection, self._clock), Transport(connection), self._clock)
