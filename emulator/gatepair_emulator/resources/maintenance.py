"""Backups, jobs and in-service migration.

Requests and fields: the vendor's NITRO reference (configuration/system/systembackup, ns/nsjob,
ns/nsmigration) and netscaler/automation-toolkit (in-service upgrade playbook).
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.failover import force_failover
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.schema import ResourceType, Scope, Shape, choice, number, text
from gatepair_emulator.resources.behaviour import NOTHING, Behaviour, Outcome
from gatepair_emulator.store import as_json, from_json
from gatepair_emulator.values import JsonObject, JsonValue, Row, object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node

DIRECTORY: Final = "/var/ns_sys_backup"
MIGRATION_S: Final = 2.0

BACKUP: Final = ResourceType(
    name="systembackup",
    command="system backup",
    key=("filename",),
    attributes=(
        text("filename", required=True, longest=63),
        choice("level", "basic", "full", default="basic"),
        text("comment", longest=127),
        text("size"),
    ),
    verbs=frozenset({"get", "delete"}),
    actions=frozenset({"create", "restore"}),
    scope=Scope.LOCAL,
)


class BackupBehaviour(Behaviour):
    """Backups of the saved configuration, as files."""

    def __init__(self) -> None:
        super().__init__(BACKUP)
        self.actions = {"create": _create, "restore": _restore}
        self.operational = frozenset({"create", "restore"})

    def rows(self, node: Node) -> Iterable[Row]:
        """The files there are."""
        return [
            {"filename": name, "size": str(len(node.disk.read(f"{DIRECTORY}/{name}")) // 1024)}
            for name in node.disk.names(DIRECTORY)
        ]

    def remove(self, node: Node, payload: JsonObject) -> None:
        """Delete the file."""
        name = text_of(payload.get("filename"))
        if not node.disk.exists(f"{DIRECTORY}/{name}"):
            raise no_such("filename", name)
        node.disk.remove(f"{DIRECTORY}/{name}")


def _create(node: Node, payload: JsonObject) -> Outcome:
    name = text_of(payload.get("filename")) or f"backup_{node.settings.name}_{int(node.clock.wall())}"
    name = name if name.endswith(".tgz") else f"{name}.tgz"
    path = f"{DIRECTORY}/{name}"
    if node.disk.exists(path):
        raise NitroError(Code.ALREADY_EXISTS, f"filename, {name}")
    saved = node.saved.load()
    node.disk.write(path, json.dumps(as_json(saved if saved is not None else node.configuration)).encode())
    return NOTHING


def _restore(node: Node, payload: JsonObject) -> Outcome:
    name = text_of(payload.get("filename"))
    content: JsonValue = json.loads(node.disk.read(f"{DIRECTORY}/{name}"))
    node.disk.require_space()
    node.saved.write(from_json(object_of(content)))
    node.warn(Code.REBOOT_NEEDED)
    return NOTHING


JOB: Final = ResourceType(
    name="nsjob",
    command="ns job",
    key=("id",),
    attributes=(number("id"), text("name"), text("status"), text("progress"), text("response")),
    scope=Scope.LOCAL,
)


class JobBehaviour(Behaviour):
    """Long work that was begun with ``async``."""

    def rows(self, node: Node) -> Iterable[Row]:
        """The jobs of this run."""
        return node.jobs


MIGRATION: Final = ResourceType(
    name="nsmigration",
    command="ns migration",
    attributes=(text("migrationstatus"), text("migrationstarttime"), text("migrationendtime")),
    scope=Scope.LOCAL,
    shape=Shape.OBJECT,
)


class MigrationBehaviour(Behaviour):
    """In-service migration: connections move to the new build before the roles change."""

    def __init__(self) -> None:
        super().__init__(MIGRATION)
        self.actions = {"start": self._start}
        self.operational = frozenset({"start"})

    def rows(self, node: Node) -> Iterable[Row]:
        """One object."""
        return [{"migrationstatus": node.migration}]

    async def _start(self, node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG002 - it has no arguments
        if not node.ha.paired:
            raise NitroError(Code.STANDALONE)
        if node.migration == "Migration is in progress":
            raise NitroError(Code.ALREADY_IN_PROGRESS)
        await force_failover(node, {"force": True})
        node.take_warnings()
        node.migration = "Migration is in progress"
        node.in_background(self._finish(node))
        return NOTHING

    @staticmethod
    async def _finish(node: Node) -> None:
        await asyncio.sleep(node.clock.life(MIGRATION_S))
        node.migration = "Migration is completed"


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [BackupBehaviour(), JobBehaviour(JOB), MigrationBehaviour()]
