"""Backups: made on the appliance, downloaded, checked, put away where only their owner reads them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from gatepair.errors import AlreadyExists, GatepairError, UnexpectedReply
from gatepair.nitro import upkeep
from gatepair.nitro.decoding import from_reply
from gatepair.nitro.resources.system import NsConfig, NsVersion
from gatepair.nitro.resources.upkeep import SystemFile
from gatepair.workflows.core import Ask, Flow, announce, ask, at_once
from gatepair.workflows.observe import Kinds, observe_node
from gatepair.workflows.plan import ChangePlan, PlannedStep
from gatepair.workflows.upkeep_result import Backup

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.workflows.observation import ObservedNode

Keep: TypeAlias = Callable[[str, bytes, str], Path]
"""Puts a backup away: file name, content and SHA-256 checksum; returns where it is."""

_KINDS: Final[Kinds] = (NsConfig, NsVersion)
_COMMENT: Final = "made by gatepair"


class BackupLevel(StrEnum):
    """How much a backup holds (NITRO reference, configuration/system/systembackup)."""

    BASIC = "basic"
    FULL = "full"


def back_up(
    nodes: Iterable[ManagementAddress], keep: Keep, level: BackupLevel = BackupLevel.FULL
) -> Flow[tuple[Backup, ...]]:
    """Make a backup of each appliance and download it; none is left on the appliance.

    Args:
        nodes: The appliances.
        keep: Puts a backup away.
        level: How much it holds.

    Raises:
        GatepairError: An appliance does not answer, refuses, or what it sends is no file.
        LocalFileError: It cannot be put away.
    """
    made: list[Backup] = []
    for address in nodes:
        node = yield from observe_node(address, _KINDS)
        made.append((yield from _back_up(node, keep, level)))
    return tuple(made)


def plan_back_up(nodes: Iterable[ManagementAddress]) -> Flow[ChangePlan]:
    """Return what `back_up` would do.

    Raises:
        GatepairError: An appliance does not answer.
    """
    asked = tuple(nodes)
    for address in asked:
        yield from observe_node(address, _KINDS)
    return ChangePlan(steps=tuple(backup_steps(asked)))


def backup_steps(nodes: Iterable[ManagementAddress]) -> list[PlannedStep]:
    """Return what is announced of backups before a change."""
    return [
        PlannedStep(id="backup", title="Make a backup and download it", node=str(address))
        for address in nodes
    ]


def _back_up(node: ObservedNode, keep: Keep, level: BackupLevel) -> Flow[Backup]:
    name = _name(node)
    yield from announce("backup", f"making a {level} backup", node.address)
    # A backup of that name is one that an earlier run, cut off, made in this second.
    (made,) = yield from at_once(Ask(node.address, upkeep.create_backup(name, level, _COMMENT)))
    if isinstance(made, GatepairError) and not isinstance(made, AlreadyExists):
        raise made
    file = f"{name}.tgz"
    content: bytes | GatepairError
    try:
        content = yield from _fetch(node, file)
    except GatepairError as error:
        content = error
    yield from at_once(Ask(node.address, upkeep.remove_backup(file)))
    if isinstance(content, GatepairError):
        raise content
    checksum = hashlib.sha256(content).hexdigest()
    path = keep(file, content, checksum)
    yield from announce("backup", f"downloaded to {path}", node.address)
    return Backup(
        node=str(node.address),
        path=path,
        sha256=checksum,
        size=len(content),
        level=str(level),
        build=node.one(NsVersion).build,
    )


def _name(node: ObservedNode) -> str:
    """Return a file name that tells whose backup it is and when it was made by the appliance's clock."""
    own = re.sub(r"[^\w.]+", "-", node.nsip)
    return f"gatepair_{own}_{node.one(NsConfig).clock_s}"


def _fetch(node: ObservedNode, file: str) -> Flow[bytes]:
    reply = yield from ask(node.address, upkeep.fetch_backup(file))
    found = from_reply(SystemFile, reply)
    try:
        content = base64.b64decode(found[0].content if found else "", validate=True)
    except ValueError:
        # The cause would hold part of the file.
        content = b""
    if not content:
        raise UnexpectedReply("the backup it made cannot be downloaded", node=node.address, step="backup")
    return content
