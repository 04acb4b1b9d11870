"""Certificates, authentication and Gateway virtual servers.

Attributes and defaults: the vendor's NITRO reference (configuration/ssl, authentication, vpn).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    Access,
    ResourceType,
    Wire,
    address,
    choice,
    number,
    on_off,
    secret,
    switch,
    text,
    yes_no,
)
from gatepair_emulator.resources.behaviour import Behaviour
from gatepair_emulator.resources.virtual_servers import VirtualServerBehaviour, rename_action

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row

LDAP: Final = ResourceType(
    name="authenticationldapaction",
    command="authentication ldapAction",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        text("serverip"),
        text("servername"),
        number("serverport", 1, 65535, default=389, wire=Wire.NUMBER),
        number("authtimeout", 1, default=3),
        text("ldapbase"),
        text("ldapbinddn"),
        secret("ldapbinddnpassword"),
        text("ldaploginname"),
        text("searchfilter"),
        text("groupattrname"),
        text("subattributename"),
        choice("sectype", "PLAINTEXT", "TLS", "SSL", default="TLS"),
        choice("svrtype", "AD", "NDS"),
        text("ssonameattribute"),
        switch("authentication"),
        switch("requireuser", None),
        switch("passwdchange", "DISABLED"),
        switch("nestedgroupextraction", None),
        yes_no("validateservercert"),
        text("ldaphostname"),
        text("defaultauthenticationgroup"),
    ),
    verbs=ALL_VERBS,
    missing=Code.NO_SUCH_RESOURCE,
)


class LdapBehaviour(Behaviour):
    """How users are checked against a directory."""

    def adding(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """A server by address or by name, not both."""
        if "serverip" in row and "servername" in row:
            raise NitroError(Code.EXCLUSIVE_ARGUMENTS, "serverip, servername")

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """Counters."""
        return {"success": "0", "failure": "0"}


LDAP_POLICY: Final = ResourceType(
    name="authenticationldappolicy",
    command="authentication ldapPolicy",
    key=("name",),
    attributes=(text("name", required=True), text("rule", required=True), text("reqaction", required=True)),
    verbs=ALL_VERBS,
)
POLICY: Final = ResourceType(
    name="authenticationpolicy",
    command="authentication Policy",
    key=("name",),
    attributes=(
        text("name", required=True),
        text("rule", required=True),
        text("action", required=True),
        text("comment"),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"rename"}),
)


VPN_SERVER: Final = ResourceType(
    name="vpnvserver",
    command="vpn vserver",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        choice("servicetype", "SSL", "DTLS", required=True, access=Access.ADD_ONLY),
        address("ipv46"),
        number("range", 1, default=1, access=Access.ADD_ONLY),
        number("port", 1, 65535, wire=Wire.NUMBER, access=Access.ADD_ONLY),
        switch("state"),
        on_off("authentication", "ON"),
        switch("doublehop", "DISABLED"),
        number("maxaaausers", 0),
        on_off("icaonly"),
        on_off("icaproxysessionmigration"),
        on_off("dtls", "ON"),
        on_off("loginonce"),
        on_off("advancedepa"),
        on_off("devicecert"),
        text("certkeynames"),
        switch("downstateflush"),
        switch("appflowlog", "DISABLED"),
        text("listenpolicy"),
        text("authnprofile"),
        text("vserverfqdn"),
        text("tcpprofilename"),
        text("httpprofilename"),
        text("netprofile"),
        text("pcoipvserverprofilename"),
        choice("icmpvsrresponse", "PASSIVE", "ACTIVE", default="PASSIVE"),
        choice("rhistate", "PASSIVE", "ACTIVE", default="PASSIVE"),
        switch("cginfrahomepageredirect"),
        on_off("logoutonsmartcardremoval"),
        number("maxloginattempts", 1, 255),
        number("failedlogintimeout", 1),
        text("comment", longest=256),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable", "rename"}),
    statistics=True,
)
AUTHENTICATION_SERVER: Final = ResourceType(
    name="authenticationvserver",
    command="authentication vserver",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        choice("servicetype", "SSL", required=True, access=Access.ADD_ONLY),
        address("ipv46"),
        number("range", 1, default=1, access=Access.ADD_ONLY),
        number("port", 1, 65535, wire=Wire.NUMBER, access=Access.ADD_ONLY),
        switch("state"),
        on_off("authentication", "ON"),
        text("authenticationdomain"),
        text("comment", longest=256),
        switch("appflowlog"),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable", "rename"}),
)


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    policy = Behaviour(POLICY)
    policy.actions = {"rename": rename_action(POLICY)}
    return [
        LdapBehaviour(LDAP),
        Behaviour(LDAP_POLICY),
        policy,
        VirtualServerBehaviour(VPN_SERVER),
        VirtualServerBehaviour(AUTHENTICATION_SERVER),
    ]
