"""Orders to a pair: ``hafailover``, ``hasync``, ``hafiles``, and ``hasyncfailures``.

Requests: the vendor's NITRO reference (configuration/high-availability) and
resource/config/ha/hasyncfailures.go of citrix/adc-nitro-go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.failover import force_failover
from gatepair_emulator.ha.link import LinkError
from gatepair_emulator.ha.messages import Admin
from gatepair_emulator.ha.peering import pull_files
from gatepair_emulator.nitro.coercion import coerce
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import ResourceType, Scope, flag, listing, text, yes_no
from gatepair_emulator.resources.behaviour import NOTHING, Behaviour, Outcome
from gatepair_emulator.values import JsonObject, Row, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.node import Node

HAFAILOVER: Final = ResourceType(
    name="hafailover",
    command="HA failover",
    attributes=(flag("force"),),
    verbs=frozenset(),
    scope=Scope.LOCAL,
)
HASYNC: Final = ResourceType(
    name="hasync",
    command="HA sync",
    attributes=(flag("force"), yes_no("save")),
    verbs=frozenset(),
    scope=Scope.LOCAL,
)
HAFILES: Final = ResourceType(
    name="hafiles",
    command="HA files",
    attributes=(
        listing(
            "mode",
            "all",
            "bookmarks",
            "ssl",
            "imports",
            "misc",
            "dns",
            "krb",
            "AAA",
            "app_catalog",
            "all_plus_misc",
            "all_minus_misc",
        ),
    ),
    verbs=frozenset(),
    scope=Scope.LOCAL,
)
HASYNCFAILURES: Final = ResourceType(
    name="hasyncfailures", command="HA syncFailures", attributes=(text("response"),), scope=Scope.LOCAL
)


class HaFailoverBehaviour(Behaviour):
    """``force ha failover``."""

    def __init__(self) -> None:
        super().__init__(HAFAILOVER)
        self.actions = {"force": force_failover}
        self.operational = frozenset({"force"})


class HaSyncBehaviour(Behaviour):
    """``force ha sync``: started, not finished, when it is answered."""

    def __init__(self) -> None:
        super().__init__(HASYNC)
        self.actions = {"force": _force_sync}
        self.operational = frozenset({"force"})


async def _force_sync(node: Node, payload: JsonObject) -> Outcome:
    engine = node.ha
    _refuse_sync(node)
    save = str(payload.get("save", "NO")).upper() == "YES"
    if not engine.is_primary:
        engine.sync.request(save=save)
        return NOTHING
    try:
        answer = await engine.link.call({"operation": "sync", "save": save}, timeout_s=5)
    except LinkError:
        raise NitroError(Code.SECONDARY_UNREACHABLE) from None
    if code := number_of(answer.get("code"), 0):
        raise NitroError(code)
    return NOTHING


def _refuse_sync(node: Node) -> None:
    """Codes are matched to situations by their texts; the manuals do not list them."""
    engine = node.ha
    if not engine.paired:
        raise NitroError(Code.STANDALONE)
    if engine.setting("hasync") == "DISABLED":
        raise NitroError(Code.SYNC_DISABLED)
    if engine.machine.rules.admin is Admin.DISABLED:
        raise NitroError(Code.NODE_DISABLED)
    if not engine.machine.peer_alive:
        raise NitroError(Code.SECONDARY_UNREACHABLE if engine.is_primary else Code.INVALID_PEER_STATE)
    if engine.versions_differ:
        raise NitroError(Code.VERSION_MISMATCH_NO_SYNC)
    if engine.sync.running or (engine.is_primary and engine.peer_fact("hasync") == "IN PROGRESS"):
        raise NitroError(Code.SYNC_IN_PROGRESS)


class HaFilesBehaviour(Behaviour):
    """``sync ha files``: the secondary fetches the files."""

    def __init__(self) -> None:
        super().__init__(HAFILES)
        self.actions = {"sync": _sync_files}
        self.operational = frozenset({"sync"})


async def _sync_files(node: Node, payload: JsonObject) -> Outcome:
    engine = node.ha
    if "mode" in payload:
        coerce(HAFILES.by_name["mode"], payload["mode"])
    if not engine.paired:
        raise NitroError(Code.STANDALONE)
    try:
        if engine.is_primary:
            await engine.link.call({"operation": "pull files"}, timeout_s=15)
        else:
            await pull_files(node)
    except LinkError:
        raise NitroError(Code.SECONDARY_UNREACHABLE) from None
    return NOTHING


class HaSyncFailuresBehaviour(Behaviour):
    """Why the last synchronisation failed."""

    def rows(self, node: Node) -> Iterable[Row]:
        """One row when there was a failure."""
        return [{"response": node.ha.sync.reason}] if node.ha.sync.reason else []


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        HaFailoverBehaviour(),
        HaSyncBehaviour(),
        HaFilesBehaviour(),
        HaSyncFailuresBehaviour(HASYNCFAILURES),
    ]
