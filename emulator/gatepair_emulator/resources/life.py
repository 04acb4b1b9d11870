"""Restart, shutdown and installation of a build.

Requests and answers: citrix/terraform-provider-citrixadc (rebooter, installer) and the vendor's NITRO
reference (configuration/utility/install).
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import INSTALLATION_FAILED, NitroError, message_of
from gatepair_emulator.nitro.schema import ResourceType, Scope, flag, text
from gatepair_emulator.resources.behaviour import Behaviour, Outcome
from gatepair_emulator.values import text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonObject, JsonValue, Row
    from gatepair_emulator.wire.envelope import Header

REBOOT: Final = ResourceType(
    name="reboot",
    command="reboot",
    attributes=(flag("warm"),),
    verbs=frozenset(),
    scope=Scope.LOCAL,
    post_action="reboot",
)
SHUTDOWN: Final = ResourceType(
    name="shutdown", command="shutdown", verbs=frozenset(), scope=Scope.LOCAL, post_action="shutdown"
)
INSTALL: Final = ResourceType(
    name="install",
    command="install",
    attributes=(
        text("url", required=True),
        *(flag(name) for name in ("y", "l", "a", "enhancedupgrade", "resizeswapvar", "async")),
    ),
    verbs=frozenset(),
    scope=Scope.LOCAL,
    post_action="install",
)
_BUILD: Final = re.compile(r"build-(\d+\.\d+)-(\d+\.\d+)_nc", re.IGNORECASE)


def _reboot(node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG001 - warm or cold is the same here
    node.requests.restart()
    return Outcome(status=201)


def _shutdown(node: Node, payload: JsonObject) -> Outcome:  # noqa: ARG001 - there is nothing to say
    node.requests.power_off()
    return Outcome(status=201)


async def _install(node: Node, payload: JsonObject) -> Outcome:
    build = _build_of(node, payload)
    restart = _yes(payload.get("y"))
    if _yes(payload.get("async")):
        number_ = len(node.jobs) + 1
        job: Row = {"id": number_, "name": "install", "status": "In Progress", "progress": "0"}
        node.jobs.append(job)
        node.in_background(_finish(node, build, job, restart=restart))
        return Outcome(payload={"install": {"id": str(number_)}}, status=201)
    await asyncio.sleep(node.clock.life(node.settings.durations.install))
    node.hardware.install(build)
    if restart:
        node.requests.restart()
        return Outcome(silent=True)
    text_ = message_of(Code.SAVE_AND_REBOOT)
    header: Header = ("X-NITRO-WARNING", f"{int(Code.SAVE_AND_REBOOT)} - {text_}")
    node.warn(Code.SAVE_AND_REBOOT)
    return Outcome(status=201, headers=(header,))


async def _finish(node: Node, build: str, job: Row, *, restart: bool) -> None:
    """The rest of an installation that was begun with ``async``."""
    for progress in ("25", "50", "75"):
        await asyncio.sleep(node.clock.life(node.settings.durations.install) / 4)
        job["progress"] = progress
    await asyncio.sleep(node.clock.life(node.settings.durations.install) / 4)
    node.hardware.install(build)
    job.update({"status": "Completed", "progress": "100", "response": "Installation succeeded"})
    if restart:
        node.requests.restart()


def _build_of(node: Node, payload: JsonObject) -> str:
    """The build an archive holds; its name tells.

    Raises:
        NitroError: The archive cannot be installed, with the reason in brackets.
    """
    url = text_of(payload.get("url"))
    found = _BUILD.search(url)
    if not url:
        raise NitroError(Code.ARGUMENT_MISSING, "url")
    if not url.startswith(("file:", "http:", "https:", "ftp:", "sftp:", "scp:")):
        raise NitroError(INSTALLATION_FAILED, "Invalid file transfer protocol")
    if url.startswith("file:") and not node.disk.exists(url.removeprefix("file:").replace("//", "/")):
        raise NitroError(INSTALLATION_FAILED, "File does not exist")
    if node.disk.full:
        raise NitroError(INSTALLATION_FAILED, "No space on file system")
    if found is None:
        raise NitroError(INSTALLATION_FAILED, "Extraction failed, invalid tar archive?")
    return f"NS{found[1]}: Build {found[2]}.nc"


def _yes(value: JsonValue) -> bool:
    return text_of(value).lower() in {"true", "yes"}


class LifeBehaviour(Behaviour):
    """A type that is one order to the appliance."""

    def __init__(self, kind: ResourceType) -> None:
        super().__init__(kind)
        self.actions = {kind.post_action: _ORDERS[kind.name]}
        self.operational = frozenset({kind.post_action})


_ORDERS: Final = {"reboot": _reboot, "shutdown": _shutdown, "install": _install}


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [LifeBehaviour(kind) for kind in (REBOOT, SHUTDOWN, INSTALL)]
