"""Synchronisation: the secondary fetches the whole shared configuration from the primary."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gatepair_emulator.ha.link import LinkError, LinkRefusedError
from gatepair_emulator.ha.messages import Admin, Role
from gatepair_emulator.ha.peering import pull_files
from gatepair_emulator.ha.transfer import apply_snapshot
from gatepair_emulator.values import text_of

if TYPE_CHECKING:
    from gatepair_emulator.ha.engine import HaEngine
    from gatepair_emulator.node import Node

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 2.0
# A propagated command changes the secondary's number a moment before the primary's own.
SETTLE_S: Final = 0.6


class SyncState(StrEnum):
    """What ``hasync`` says on a secondary."""

    NEVER = "ENABLED"
    IN_PROGRESS = "IN PROGRESS"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


class Synchroniser:
    """Decides when a secondary needs the primary's configuration, and fetches it.

    Attributes:
        state: How the last one ended, or that one is under way.
        reason: Why the last one failed; empty otherwise.
        failures: How many failed since the last change of role.
        gate: Closed while synchronisation is stuck on purpose.
    """

    def __init__(self, node: Node, engine: HaEngine) -> None:
        self._node = node
        self._engine = engine
        self.state = SyncState.NEVER
        self.reason = ""
        self.failures = 0
        self.gate = node.hardware.sync_gate
        self._needed = True
        self._save_after = False
        self._differs_since: float | None = None
        self._differing = ("", "")
        self._retry_at = 0.0
        self._files_at = node.clock.steady() + node.clock.life(node.settings.durations.file_sync)
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether a synchronisation is under way."""
        return self._task is not None

    @property
    def enabled(self) -> bool:
        """Whether synchronisation is switched on on this node."""
        return self._engine.setting("hasync") != "DISABLED"

    @property
    def shown(self) -> str:
        """What this node's own entry says as ``hasync``."""
        if not self.enabled:
            return "DISABLED"
        machine = self._engine.machine
        if machine.peer is None or machine.role is Role.PRIMARY:
            return "ENABLED"
        if self._engine.versions_differ:
            return "AUTO DISABLED"
        return self.state.value

    def role_changed(self, role: Role) -> None:
        """The node has a new role: a new secondary needs the primary's configuration."""
        self.failures = 0
        self._needed = True
        self._differs_since = None
        if role is Role.PRIMARY:
            self.state, self.reason = SyncState.NEVER, ""
            self.stop()

    def forget(self) -> None:
        """The node has another peer or none: what was fetched from the former one says nothing any more."""
        self.stop()
        self.state, self.reason = SyncState.NEVER, ""

    def request(self, *, save: bool = False) -> None:
        """Synchronise as soon as possible, whatever the numbers say.

        Args:
            save: Save the configuration afterwards.
        """
        self._needed = True
        self._save_after = self._save_after or save
        self._retry_at = 0.0
        self.consider()

    def consider(self, *, heard: bool = False) -> None:
        """Begin a synchronisation if one is due.

        Args:
            heard: A heartbeat has just come in; only then are incarnation numbers compared.
        """
        now = self._node.clock.steady()
        if self._task is not None or not self._possible() or now < self._retry_at:
            return
        if now >= self._files_at and not self._needed:
            self._files_at = now + self._node.clock.life(self._node.settings.durations.file_sync)
            self._node.in_background(self._pull_files())
        if self._needed or (heard and self._differs(now)):
            self._task = asyncio.ensure_future(self._run())

    async def _pull_files(self) -> None:
        """Fetch the primary's files, as a secondary does about every minute."""
        with contextlib.suppress(LinkError):
            await pull_files(self._node)

    def stop(self) -> None:
        """Give up one that is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _possible(self) -> bool:
        machine = self._engine.machine
        last = machine.last
        return (
            machine.role is Role.SECONDARY
            and machine.peer_alive
            and last is not None
            and last.role is Role.PRIMARY
            and self.enabled
            and machine.rules.admin is not Admin.DISABLED
            and not self._engine.versions_differ
        )

    def _differs(self, now: float) -> bool:
        """Whether the incarnation numbers have differed for long enough to mean it.

        The same two numbers: of commands that follow each other, each is seen on its way by chance.
        """
        numbers = (self._engine.peer_fact("incarnation"), str(self._node.configuration.incarnation))
        if numbers[0] == numbers[1]:
            self._differs_since = None
            return False
        if self._differs_since is None or self._differing != numbers:
            self._differs_since, self._differing = now, numbers
        return now - self._differs_since >= SETTLE_S

    async def _run(self) -> None:
        node, engine = self._node, self._engine
        self.state, self._needed = SyncState.IN_PROGRESS, False
        engine.rules_changed()
        try:
            await self._fetch()
        except LinkError as problem:
            self.failures += 1
            self.state, self._needed = SyncState.FAILED, True
            self.reason = str(problem)
            self._retry_at = node.clock.steady() + RETRY_S
            kind = "refused" if isinstance(problem, LinkRefusedError) else "failed"
            _LOG.warning("%s: synchronisation %s: %s", node.settings.name, kind, problem)
        else:
            self.state, self.reason = SyncState.SUCCESS, ""
            self._differs_since = None
            _LOG.info("%s: synchronised, incarnation %s", node.settings.name, node.configuration.incarnation)
        finally:
            if self._task is asyncio.current_task():
                self._task = None
            engine.rules_changed()

    async def _fetch(self) -> None:
        node = self._node
        answer = await self._engine.link.call({"operation": "pull"}, timeout_s=10)
        problem = text_of(answer.get("problem"))
        snapshot = answer.get("snapshot")
        if problem or not isinstance(snapshot, Mapping):
            raise LinkError(problem or "the peer sent no configuration")
        await asyncio.sleep(node.clock.life(node.settings.durations.sync))
        await self.gate.wait()
        apply_snapshot(node, snapshot)
        if self._save_after:
            self._save_after = False
            node.save()
