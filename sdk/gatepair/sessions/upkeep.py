"""The workflows of upkeep of one pair, with what they need of this machine: files and the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from gatepair.models import Appliance, ManagementAddress, Secret, SecretReference
from gatepair.private_files import keep_in, write_private
from gatepair.sessions.flows import Address, Flows, to_address
from gatepair.workflows import backups, replacement, restarting, resync, rotation
from gatepair.workflows.keys import open_secret

if TYPE_CHECKING:
    from gatepair.config import Connection, ConnectionSource
    from gatepair.workflows.core import Flow
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.upgrading.evidence import UpgradeReport
    from gatepair.workflows.upgrading.options import UpgradeOptions
    from gatepair.workflows.upkeep_result import Backup, KeyRotation, Replacement, RestartResult, SyncResult

Nodes = Address | Iterable[Address] | None


def keeping(directory: Path | None) -> backups.Keep | None:
    """Return what puts backups into a directory."""
    return partial(keep_in, directory) if directory is not None else None


@attrs.frozen
class Upkeep:
    """The workflows of upkeep of one pair.

    Attributes:
        flows: The other workflows of the pair, which know its addresses and its declaration.
    """

    flows: Flows

    def plan_synchronize(self, *, files: bool) -> Flow[ChangePlan]:
        """See `PairSession.plan_synchronize`."""
        return resync.plan_synchronize(self.flows.addresses, files=files)

    def synchronize(self, *, files: bool) -> Flow[SyncResult]:
        """See `PairSession.synchronize`."""
        return resync.synchronize(self.flows.addresses, files=files)

    def plan_rotate_key(self) -> Flow[ChangePlan]:
        """See `PairSession.plan_rotate_key`."""
        return rotation.plan_rotate_key(self.flows.addresses)

    def rotate_key(
        self, shared_key: SecretReference | Secret, previous: SecretReference | Secret | None
    ) -> Flow[KeyRotation]:
        """See `PairSession.rotate_key`."""
        key = open_secret(shared_key, self.flows.resolve)
        before = open_secret(previous, self.flows.resolve) if previous is not None else None
        return rotation.rotate_key(self.flows.addresses, key, before)

    def plan_restart(self, order: restarting.RestartOrder) -> Flow[ChangePlan]:
        """See `PairSession.plan_restart`."""
        return restarting.plan_restart(self.flows.addresses, order)

    def restart(self, order: restarting.RestartOrder) -> Flow[RestartResult]:
        """See `PairSession.restart`."""
        return restarting.restart(self.flows.addresses, order)

    def order(
        self, nodes: Nodes, *, force: bool, fail_back: bool, unless_up_less_than_s: float
    ) -> restarting.RestartOrder:
        """Return what to restart, and how."""
        return restarting.RestartOrder(
            nodes=self.nodes(nodes),
            force=force,
            fail_back=fail_back,
            unless_up_less_than_s=unless_up_less_than_s,
        )

    def plan_backup(self, nodes: Nodes) -> Flow[ChangePlan]:
        """See `PairSession.plan_backup`."""
        return backups.plan_back_up(self.nodes(nodes))

    def backup(
        self, directory: Path, nodes: Nodes, level: backups.BackupLevel | str
    ) -> Flow[tuple[Backup, ...]]:
        """See `PairSession.backup`."""
        keep = partial(keep_in, directory)
        return backups.back_up(self.nodes(nodes), keep, backups.BackupLevel(level))

    def nodes(self, nodes: Nodes) -> tuple[ManagementAddress, ...]:
        """Return management addresses in canonical order: those named, or both."""
        if nodes is None:
            return self.flows.addresses
        named = [nodes] if isinstance(nodes, str | ManagementAddress) else list(nodes)
        return tuple(sorted({to_address(node) for node in named}))

    def exchange(self, dead: Address, fresh: Appliance | Address) -> replacement.Exchange:
        """Return who goes and who comes.

        Raises:
            InvalidInput: They cannot be meant, or nothing says how the pair is to be.
        """
        comes = fresh if isinstance(fresh, Appliance) else Appliance(address=to_address(fresh))
        return replacement.Exchange(before=self.flows.needed(None), dead=to_address(dead), fresh=comes)

    def plan_replace_node(self, exchange: replacement.Exchange, *, saving: bool) -> Flow[ChangePlan]:
        """See `PairSession.plan_replace_node`."""
        return replacement.plan_replace_node(exchange, self.flows.resolve, backups=saving)

    def replace_node(self, exchange: replacement.Exchange, directory: Path | None) -> Flow[Replacement]:
        """See `PairSession.replace_node`."""
        return replacement.replace_node(exchange, self.flows.resolve, keeping(directory))

    def plan_upgrade(self, options: UpgradeOptions) -> Flow[ChangePlan]:
        """See `PairSession.plan_upgrade`."""
        from gatepair.workflows.upgrading import run  # noqa: PLC0415 - heavy, and seldom needed

        return run.plan_upgrade(self.flows.addresses, options, self._preferred)

    def upgrade(self, options: UpgradeOptions) -> Flow[UpgradeReport]:
        """See `PairSession.upgrade`."""
        from gatepair.workflows.upgrading import run  # noqa: PLC0415 - as above
        from gatepair.workflows.upgrading.evidence import read_before  # noqa: PLC0415 - as above
        from gatepair.workflows.upgrading.journal import Surroundings, forget  # noqa: PLC0415 - as above

        record, before = forget, None
        if options.evidence is not None:
            pair_id = ",".join(map(str, self.flows.addresses))
            before = read_before(options.evidence, pair_id, options.target)
            record = partial(_write_evidence, options.evidence)
        around = Surroundings(
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            keep=keeping(options.backup_directory),
            record=record,
            before=before,
            preferred=self._preferred,
        )
        return run.upgrade(self.flows.addresses, options, around)

    @property
    def _preferred(self) -> ManagementAddress | None:
        return self.flows.declared.preferred_primary if self.flows.declared else None


def _write_evidence(path: Path, report: UpgradeReport) -> None:
    from gatepair.workflows.upgrading.evidence import evidence_text  # noqa: PLC0415 - as above

    write_private(path, evidence_text(report).encode())


@attrs.frozen
class Lent:
    """Connections in which one appliance is reached the way another one is.

    Attributes:
        connections: All others.
        borrower: The appliance that nothing is said about.
        lender: The one in whose place it comes.
    """

    connections: ConnectionSource
    borrower: ManagementAddress
    lender: ManagementAddress

    def connection(self, address: ManagementAddress | str) -> Connection:
        """Return how to reach an appliance."""
        known = to_address(address)
        if known != self.borrower:
            return self.connections.connection(known)
        return attrs.evolve(self.connections.connection(self.lender), address=known)

    def resolve(self, reference: SecretReference) -> Secret:
        """Return the secret behind a reference."""
        return self.connections.resolve(reference)
