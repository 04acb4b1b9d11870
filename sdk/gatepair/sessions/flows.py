"""The workflows of one pair, bound to its two addresses: what both faces of a session run."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from gatepair.documents import parse_pair_id
from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress, Pair
from gatepair.workflows import converge, failover, preflight, status
from gatepair.workflows.observe import Addresses, observe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.config import ConnectionSource
    from gatepair.verify import VerifyOptions, VerifyReport
    from gatepair.verify.survey import Site
    from gatepair.workflows.backups import Keep
    from gatepair.workflows.core import Flow
    from gatepair.workflows.keys import Resolve
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.report import PreflightReport
    from gatepair.workflows.result import FailoverResult, PairStatus

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

    def observe(
        self,
        external: str | None,
        internal: str | None,
        further: Iterable[str] | None,
        failover_interface: str | None,
    ) -> Flow[ObservedPair]:
        """See `PairSession.observe`."""
        first, second = self._expected(external, internal)
        pair = yield from observe(self.addresses, external=first, internal=second)
        declared = self.declared
        if further is None and declared and declared.further is not None:
            further = (str(virtual_ip.address) for virtual_ip in declared.further)
        if failover_interface is None and declared:
            failover_interface = declared.failover.failover_interface
        return attrs.evolve(
            pair,
            expected_further=None if further is None else tuple(further),
            expected_failover_interface=failover_interface or "",
        )

    def plan(self, desired: Pair | None, *, rotate_key: bool) -> Flow[ChangePlan]:
        """See `PairSession.plan`."""
        if rotate_key:
            from gatepair.workflows import rekeying  # noqa: PLC0415 - seldom needed

            return rekeying.plan_rekeying(self.addresses, self.needed(desired), self.resolve)
        return converge.plan(self.addresses, self.needed(desired), self.resolve)

    def converge(self, desired: Pair | None, keep: Keep | None, *, rotate_key: bool) -> Flow[ObservedPair]:
        """See `PairSession.converge`."""
        if rotate_key:
            from gatepair.workflows import rekeying  # noqa: PLC0415 - as above

            return rekeying.converge_and_rotate(self.addresses, self.needed(desired), self.resolve, keep)
        return converge.converge(self.addresses, self.needed(desired), self.resolve, keep)

    def status(self) -> Flow[PairStatus]:
        """See `PairSession.status`."""
        return status.status(self.addresses, *self._expected(None, None))

    def fail_over(self, *, force: bool, to: Address | None) -> Flow[FailoverResult]:
        """See `PairSession.failover`."""
        return failover.fail_over(self.addresses, force=force, to=self._to(to))

    def plan_failover(self, *, to: Address | None) -> Flow[ChangePlan]:
        """See `PairSession.plan_failover`."""
        return failover.plan_failover(self.addresses, self._to(to))

    def verify(self, options: VerifyOptions, connections: ConnectionSource) -> Flow[VerifyReport]:
        """See `PairSession.verify`."""
        from gatepair.verify import course  # noqa: PLC0415 - only verify needs the users' side

        return course.verify(self._site(options, connections), options)

    def plan_verify(self, options: VerifyOptions, connections: ConnectionSource) -> Flow[ChangePlan]:
        """See `PairSession.plan_verify`."""
        from gatepair.verify import course  # noqa: PLC0415 - as above

        return course.plan_verify(self._site(options, connections), options)

    def _site(self, options: VerifyOptions, connections: ConnectionSource) -> Site:
        from gatepair.verify.survey import site_of  # noqa: PLC0415 - as above

        return site_of(self.addresses, self.declared, self._expected(None, None), options, connections)

    def _to(self, to: Address | None) -> ManagementAddress | None:
        return None if to is None else to_address(to)

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

    def needed(self, desired: Pair | None) -> Pair:
        """Return the declaration: the one given, or the one the session was opened with.

        Raises:
            InvalidInput: There is none, or it is about other appliances.
        """
        wanted = self._checked(desired)
        if wanted is None:
            raise InvalidInput("nothing says how the pair shall be: give the declared pair", key="desired")
        return wanted


def bind(pair: PairLike, connections: ConnectionSource) -> Flows:
    """Return the flows of a pair, however it is named."""
    if isinstance(pair, Pair):
        return Flows(pair.addresses, pair, connections.resolve)
    first, second = parse_pair_id(pair) if isinstance(pair, str) else pair
    return Flows((first, second) if first < second else (second, first), None, connections.resolve)


def to_address(address: Address) -> ManagementAddress:
    """Return a management address, also from its text."""
    return ManagementAddress.parse(address) if isinstance(address, str) else address
