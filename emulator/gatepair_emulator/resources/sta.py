"""Secure Ticket Authorities at Gateway virtual servers: where an ICA session's ticket is redeemed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import BINDING_VERBS, ResourceType, choice, text
from gatepair_emulator.resources.behaviour import Behaviour

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row

AT_SERVER: Final = ResourceType(
    name="vpnvserver_staserver_binding",
    command="vpn vserver",
    key=("name", "staserver"),
    attributes=(
        text("name", required=True),
        text("staserver", required=True),
        choice("staaddresstype", "IPV4", "IPV6"),
    ),
    verbs=BINDING_VERBS,
)
EVERYWHERE: Final = ResourceType(
    name="vpnglobal_staserver_binding",
    command="vpn global",
    key=("staserver",),
    attributes=(text("staserver", required=True), choice("staaddresstype", "IPV4", "IPV6")),
    verbs=BINDING_VERBS,
)


class StaBehaviour(Behaviour):
    """A ticket authority; the emulated ones always answer."""

    def adding(self, node: Node, row: Row) -> None:
        """The virtual server must be there."""
        if "name" in row and node.configuration.get("vpnvserver", str(row["name"])) is None:
            raise NitroError(Code.NO_SUCH_VSERVER)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the same everywhere
        """The identifier that the authority says it has."""
        number = hashlib.sha256(str(row["staserver"]).encode()).hexdigest()[:12].upper()
        return {"staauthid": f"STA{number}", "stastate": "UP"}


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [StaBehaviour(AT_SERVER), StaBehaviour(EVERYWHERE)]
