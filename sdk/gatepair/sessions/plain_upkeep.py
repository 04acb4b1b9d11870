"""What `PairSession` does for upkeep of a pair, from synchronizing it to upgrading it."""

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


class PlainUpkeep(ABC):
    """Operations of `gatepair.PairSession`; it brings the pair and the way to run a workflow."""

    _flows: Flows
    _connections: ConnectionSource

    @abstractmethod
    def _run(self, flow: Flow[T]) -> T: ...

    @property
    def _upkeep(self) -> Upkeep:
        return Upkeep(self._flows)

    def synchronize(self, *, files: bool = False) -> SyncResult:
        """Copy the primary's configuration to the secondary and wait until it is there.

        Args:
            files: Copy certificates and other files first.

        Raises:
            gatepair.errors.SyncFailed: It failed, or synchronization is off.
            gatepair.errors.GatepairError: There is no pair, or an appliance does not answer.
        """
        return self._run(self._upkeep.synchronize(files=files))

    def plan_synchronize(self, *, files: bool = False) -> ChangePlan:
        """Return what `synchronize` would do; change nothing."""
        return self._run(self._upkeep.plan_synchronize(files=files))

    def rotate_key(
        self, shared_key: SecretReference | Secret, *, previous: SecretReference | Secret | None = None
    ) -> KeyRotation:
        """Give both appliances a new shared key and synchronize with it; the pair stays together.

        Args:
            shared_key: Where the new key is; a relative ``file:`` path starts at the file of pairs.
            previous: Where the present key is, to go back to if an appliance does not accept the new one.

        Raises:
            gatepair.errors.SecretUnavailable: The key is not there, or is no usable one.
            gatepair.errors.InvalidArgument: An appliance does not accept it.
            gatepair.errors.SyncFailed: Both have it, but do not synchronize.
        """
        return self._run(self._upkeep.rotate_key(shared_key, previous))

    def plan_rotate_key(self) -> ChangePlan:
        """Return what `rotate_key` would do; change nothing."""
        return self._run(self._upkeep.plan_rotate_key())

    def restart(
        self,
        nodes: Address | Iterable[Address] | None = None,
        *,
        force: bool = False,
        fail_back: bool = True,
        unless_up_less_than_s: float = 0.0,
    ) -> RestartResult:
        """Restart appliances one after the other, the secondary first; users are served by the other one.

        Unsaved configuration is saved first. The primary hands its role over before it restarts.

        Args:
            nodes: The appliances to restart; absent, both.
            force: Do it even though nobody takes over: users are not served meanwhile.
            fail_back: In the end let the node serve that served in the beginning.
            unless_up_less_than_s: Leave alone what is up for less than so many seconds, to go on where an
                earlier run was cut off; 0 or more.

        Raises:
            gatepair.errors.FailoverRefused: The other node could not serve meanwhile; nothing was restarted.
            gatepair.errors.DeadlineExceeded: An appliance did not come back; the other one serves.
        """
        order = self._upkeep.order(
            nodes, force=force, fail_back=fail_back, unless_up_less_than_s=unless_up_less_than_s
        )
        return self._run(self._upkeep.restart(order))

    def plan_restart(
        self,
        nodes: Address | Iterable[Address] | None = None,
        *,
        force: bool = False,
        fail_back: bool = True,
        unless_up_less_than_s: float = 0.0,
    ) -> ChangePlan:
        """Return what `restart` would do; change nothing."""
        order = self._upkeep.order(
            nodes, force=force, fail_back=fail_back, unless_up_less_than_s=unless_up_less_than_s
        )
        return self._run(self._upkeep.plan_restart(order))

    def backup(
        self, directory: Path, nodes: Address | Iterable[Address] | None = None, *, level: str = "full"
    ) -> tuple[Backup, ...]:
        """Make a backup of each appliance and download it; none is left on the appliance.

        Args:
            directory: Where the files go, with a checksum each; they hold secrets and only their owner may
                read them.
            nodes: The appliances; absent, both.
            level: ``full``, or ``basic`` for the configuration alone.

        Raises:
            gatepair.errors.LocalFileError: A file cannot be written.
        """
        return self._run(self._upkeep.backup(directory, nodes, level))

    def plan_backup(self, nodes: Address | Iterable[Address] | None = None) -> ChangePlan:
        """Return what `backup` would do, if the appliances answer; do nothing."""
        return self._run(self._upkeep.plan_backup(nodes))

    def replace_node(
        self, dead: Address, fresh: Appliance | Address, *, backup_directory: Path | None = None
    ) -> Replacement:
        """Put a fresh appliance in the place of a dead one; the survivor serves users all along.

        The fresh one is reached with the credentials of the dead one. Declare the new pair afterwards.

        Args:
            dead: The appliance that is gone for good.
            fresh: The one in its place, maybe at the same management address.
            backup_directory: Where backups go first; absent, none are made.

        Raises:
            gatepair.errors.PairError: The dead one is not dead, or the survivor does not serve.
            gatepair.errors.PreflightFailed: The fresh one cannot join; nothing was changed.
        """
        exchange = self._upkeep.exchange(dead, fresh)
        self._connections = Lent(self._connections, exchange.fresh.address, exchange.dead)
        return self._run(self._upkeep.replace_node(exchange, backup_directory))

    def plan_replace_node(
        self, dead: Address, fresh: Appliance | Address, *, backup_directory: Path | None = None
    ) -> ChangePlan:
        """Return what `replace_node` would do; change nothing."""
        exchange = self._upkeep.exchange(dead, fresh)
        self._connections = Lent(self._connections, exchange.fresh.address, exchange.dead)
        return self._run(self._upkeep.plan_replace_node(exchange, saving=backup_directory is not None))

    def upgrade(self, options: UpgradeOptions) -> UpgradeReport:
        """Upgrade both appliances, one after the other, with users served by the other one.

        It goes on where an earlier run was cut off, and stops with users served when a check fails or they
        are not served for longer than allowed.

        Args:
            options: What to install, and what it may cost.

        Returns:
            What was done and found; its verdict says how it ended.
        """
        return self._run(self._upkeep.upgrade(options))

    def plan_upgrade(self, options: UpgradeOptions) -> ChangePlan:
        """Return what `upgrade` would do; change nothing.

        Raises:
            gatepair.errors.PreflightFailed: It would only fail.
        """
        return self._run(self._upkeep.plan_upgrade(options))
