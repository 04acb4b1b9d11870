"""Session policies of the Gateway and what is bound to its virtual servers.

Attributes: the vendor's NITRO reference (configuration/vpn).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    BINDING_VERBS,
    ResourceType,
    choice,
    number,
    on_off,
    text,
)
from gatepair_emulator.resources.behaviour import Behaviour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatepair_emulator.node import Node
    from gatepair_emulator.values import Row

SESSION_ACTION: Final = ResourceType(
    name="vpnsessionaction",
    command="vpn sessionAction",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        number("sesstimeout", 1),
        choice("defaultauthorizationaction", "ALLOW", "DENY"),
        on_off("transparentinterception", None),
        on_off("sso", None),
        choice("ssocredential", "PRIMARY", "SECONDARY"),
        on_off("icaproxy", None),
        text("wihome", longest=255),
        choice("wihomeaddresstype", "IPV4", "IPV6"),
        choice("citrixreceiverhome", "ON", "OFF"),
        text("storefronturl", longest=255),
        text("ntdomain", longest=32),
        choice("clientlessvpnmode", "ON", "OFF", "DISABLED"),
        choice("clientchoices", "ON", "OFF"),
        text("homepage"),
    ),
    verbs=ALL_VERBS,
)
SESSION_POLICY: Final = ResourceType(
    name="vpnsessionpolicy",
    command="vpn sessionPolicy",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        text("rule", required=True),
        text("action", required=True),
    ),
    verbs=ALL_VERBS,
)


class SessionPolicyBehaviour(Behaviour):
    """A rule and the action it leads to."""

    def adding(self, node: Node, row: Row) -> None:
        """The action must be there."""
        if node.configuration.get(SESSION_ACTION.name, str(row["action"])) is None:
            raise no_such("action", str(row["action"]))


class PolicyBindingBehaviour(Behaviour):
    """A policy at a Gateway virtual server."""

    def __init__(self, kind: ResourceType, policies: str) -> None:
        super().__init__(kind)
        self._policies = policies

    def adding(self, node: Node, row: Row) -> None:
        """Virtual server and policy must be there."""
        if node.configuration.get("vpnvserver", str(row["name"])) is None:
            raise NitroError(Code.NO_SUCH_VSERVER)
        if node.configuration.get(self._policies, str(row["policy"])) is None:
            raise no_such("policy", str(row["policy"]))


_BOUND: Final[Mapping[str, str]] = {
    "vpnvserver_vpnsessionpolicy_binding": SESSION_POLICY.name,
    "vpnvserver_authenticationldappolicy_binding": "authenticationldappolicy",
    "vpnvserver_authenticationpolicy_binding": "authenticationpolicy",
}


def _binding(name: str) -> ResourceType:
    return ResourceType(
        name=name,
        command="vpn vserver",
        key=("name", "policy"),
        attributes=(
            text("name", required=True),
            text("policy", required=True),
            number("priority", 0),
            text("gotopriorityexpression"),
            choice("bindpoint", "REQUEST", "RESPONSE", "ICA_REQUEST", "OTHERTCP_REQUEST", "AAA_REQUEST"),
            choice("secondary", "true", "false"),
            choice("groupextraction", "true", "false"),
        ),
        verbs=BINDING_VERBS,
    )


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        Behaviour(SESSION_ACTION),
        SessionPolicyBehaviour(SESSION_POLICY),
        *(PolicyBindingBehaviour(_binding(name), policies) for name, policies in _BOUND.items()),
    ]
