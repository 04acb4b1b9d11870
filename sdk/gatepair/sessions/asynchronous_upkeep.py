"""What `AsyncPairSession` does for upkeep of a pair; the twin of `gatepair.sessions.plain_upkeep`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gatepair.sessions.upkeep import Lent, Upkeep

if TYPE_CHECKING:
    from gatepair.config import ConnectionSource
    from gatepair.models import Appliance, Secret, SecretReference
    from gatepair.sessions.flows import Address, Flows
    from gatepair.workflows.core import Flow
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.upgrading.evidence import UpgradeReport
    from gatepair.workflows.upgrading.options import UpgradeOptions
    from gatepair.workflows.upkeep_result import Backup, KeyRotation, Replacement, RestartResult, SyncResult

T = TypeVar("T")


class AsyncUpkeep(ABC):
    """Operations of `gatepair.AsyncPairSession`; it brings the pair and the way to run a workflow."""

    _flows: Flows
    _connections: ConnectionSource

    @abstractmethod
    async def _run(self, flow: Flow[T]) -> T: ...

    @property
    def _upkeep(self) -> Upkeep:
        return Upkeep(self._flows)

    async def synchronize(self, *, files: bool = False) -> SyncResult:
        """See `PairSession.synchronize`."""
        return await self._run(self._upkeep.synchronize(files=files))

    async def plan_synchronize(self, *, files: bool = False) -> ChangePlan:
        """See `PairSession.plan_synchronize`."""
        return await self._run(self._upkeep.plan_synchronize(files=files))

    async def rotate_key(
        self, shared_key: SecretReference | Secret, *, previous: SecretReference | Secret | None = None
    ) -> KeyRotation:
        """See `PairSession.rotate_key`."""
        return await self._run(self._upkeep.rotate_key(shared_key, previous))

    async def plan_rotate_key(self) -> ChangePlan:
        """See `PairSession.plan_rotate_key`."""
        return await self._run(self._upkeep.plan_rotate_key())

    async def restart(
        self,
        nodes: Address | Iterable[Address] | None = None,
        *,
        force: bool = False,
        fail_back: bool = True,
        unless_up_less_than_s: float = 0.0,
    ) -> RestartResult:
        """See `PairSession.restart`."""
        order = self._upkeep.order(
            nodes, force=force, fail_back=fail_back, unless_up_less_than_s=unless_up_less_than_s
        )
        return await self._run(self._upkeep.restart(order))

    async def plan_restart(
        self,
        nodes: Address | Iterable[Address] | None = None,
        *,
        force: bool = False,
        fail_back: bool = True,
        unless_up_less_than_s: float = 0.0,
    ) -> ChangePlan:
        """See `PairSession.plan_restart`."""
        order = self._upkeep.order(
            nodes, force=force, fail_back=fail_back, unless_up_less_than_s=unless_up_less_than_s
        )
        return await self._run(self._upkeep.plan_restart(order))

    async def backup(
        self, directory: Path, nodes: Address | Iterable[Address] | None = None, *, level: str = "full"
    ) -> tuple[Backup, ...]:
        """See `PairSession.backup`."""
        return await self._run(self._upkeep.backup(directory, nodes, level))

    async def plan_backup(self, nodes: Address | Iterable[Address] | None = None) -> ChangePlan:
        """See `PairSession.plan_backup`."""
        return await self._run(self._upkeep.plan_backup(nodes))

    async def replace_node(
        self, dead: Address, fresh: Appliance | Address, *, backup_directory: Path | None = None
    ) -> Replacement:
        """See `PairSession.replace_node`."""
        exchange = self._upkeep.exchange(dead, fresh)
        self._connections = Lent(self._connections, exchange.fresh.address, exchange.dead)
        return await self._run(self._upkeep.replace_node(exchange, backup_directory))

    async def plan_replace_node(
        self, dead: Address, fresh: Appliance | Address, *, backup_directory: Path | None = None
    ) -> ChangePlan:
        """See `PairSession.plan_replace_node`."""
        exchange = self._upkeep.exchange(dead, fresh)
        self._connections = Lent(self._connections, exchange.fresh.address, exchange.dead)
        return await self._run(self._upkeep.plan_replace_node(exchange, saving=backup_directory is not None))

    async def upgrade(self, options: UpgradeOptions) -> UpgradeReport:
        """See `PairSession.upgrade`."""
        return await self._run(self._upkeep.upgrade(options))

    async def plan_upgrade(self, options: UpgradeOptions) -> ChangePlan:
        """See `PairSession.plan_upgrade`."""
        return await self._run(self._upkeep.plan_upgrade(options))
