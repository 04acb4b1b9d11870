"""What virtual servers of every kind have in common: their address, state, name and certificate.

Attributes: the vendor's NITRO reference (configuration/vpn, authentication, lb, ssl).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.coercion import key_of
from gatepair_emulator.nitro.errors import NitroError, no_such
from gatepair_emulator.nitro.schema import BINDING_VERBS, ResourceType, flag, text
from gatepair_emulator.resources.addresses import ensure_vip, release_vip
from gatepair_emulator.resources.behaviour import NOTHING, Action, Behaviour, Outcome
from gatepair_emulator.users.addresses import bound_certificate, serves
from gatepair_emulator.values import JsonObject, JsonValue, Row, number_of, text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

KINDS: Final = ("vpnvserver", "authenticationvserver", "lbvserver")


def rename_action(kind: ResourceType) -> Action:
    """The action ``rename`` of a type with a name.

    Args:
        kind: The type.

    Returns:
        The action.
    """

    def act(node: Node, payload: JsonObject) -> Outcome:
        old, new = text_of(payload.get(kind.key[0])), text_of(payload.get("newname"))
        row = node.configuration.get(kind.name, old)
        if row is None:
            raise (
                no_such(kind.key[0], old)
                if kind.missing == Code.NO_SUCH_RESOURCE
                else NitroError(kind.missing)
            )
        if not new:
            raise NitroError(Code.ARGUMENT_MISSING, "newname")
        if node.configuration.get(kind.name, new) is not None:
            raise NitroError(Code.ALREADY_EXISTS, f"newname, {new}")
        node.configuration.remove(kind.name, old)
        row[kind.key[0]] = new
        node.configuration.put(kind.name, key_of(kind, row), row)
        _rename_bindings(node, old, new)
        return NOTHING

    return act


def _rename_bindings(node: Node, old: str, new: str) -> None:
    for row in node.configuration.rows(CERTIFICATE_BINDING.name):
        if row.get("vservername") == old:
            node.configuration.remove(CERTIFICATE_BINDING.name, key_of(CERTIFICATE_BINDING, row))
            row["vservername"] = new
            node.configuration.put(CERTIFICATE_BINDING.name, key_of(CERTIFICATE_BINDING, row), row)


def state_action(kind: ResourceType, state: str) -> Action:
    """The action ``enable`` or ``disable`` of a type with a name.

    Args:
        kind: The type.
        state: What ``state`` becomes.

    Returns:
        The action.
    """

    def act(node: Node, payload: JsonObject) -> Outcome:
        name = text_of(payload.get(kind.key[0]))
        row = node.configuration.get(kind.name, name)
        if row is None:
            raise (
                no_such(kind.key[0], name)
                if kind.missing == Code.NO_SUCH_RESOURCE
                else NitroError(kind.missing)
            )
        row["state"] = state
        return NOTHING

    return act


class VirtualServerBehaviour(Behaviour):
    """A virtual server: its address comes and goes with it."""

    def __init__(self, kind: ResourceType) -> None:
        super().__init__(kind)
        self.actions = {
            "enable": state_action(kind, "ENABLED"),
            "disable": state_action(kind, "DISABLED"),
            "rename": rename_action(kind),
        }

    def adding(self, node: Node, row: Row) -> None:
        """Make the VIP; refuse an address and port that are taken."""
        if row.get("ipv46", "0.0.0.0") != "0.0.0.0" and "port" not in row:  # noqa: S104 - no address
            raise NitroError(Code.ARGUMENT_MISSING, "port")
        _refuse_taken(node, row)
        ensure_vip(node, str(row.get("ipv46", "")))

    def updating(self, node: Node, row: Row, new: Row) -> None:
        """Make the VIP of a new address."""
        if new.get("ipv46") != row.get("ipv46"):
            _refuse_taken(node, new)
            ensure_vip(node, str(new.get("ipv46", "")))

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:
        """Let go of an address that is no longer used, and of bindings."""
        if before is not None and (after is None or after.get("ipv46") != before.get("ipv46")):
            release_vip(node, str(before.get("ipv46", "")))
        if before is not None and after is None:
            for row in node.configuration.rows(CERTIFICATE_BINDING.name):
                if row.get("vservername") == before.get("name"):
                    node.configuration.remove(CERTIFICATE_BINDING.name, key_of(CERTIFICATE_BINDING, row))

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Whether it serves, and how many users there are."""
        certificate = bound_certificate(node, str(row["name"]))
        up = bool(certificate) and row.get("state") != "DISABLED" and serves(node, row)
        value = "" if certificate else "Certkey not bound"
        return {
            "ip": str(row.get("ipv46", "0.0.0.0")),  # noqa: S104 - no address
            "value": value,
            "type": "VPN" if self.kind.name == "vpnvserver" else "CONTENT",
            "curstate": "UP" if up else "DOWN",
            "status": 1 if up else 0,
            "cachetype": "SERVER",
            "curaaausers": str(node.users.count),
            "curtotalusers": str(node.users.count),
        }

    def statistics(self, node: Node, name: str | None) -> JsonValue:
        """State and users of each virtual server."""
        found: list[JsonValue] = []
        for row in node.configuration.rows(self.kind.name):
            if name not in (None, row["name"]):
                continue
            shown = self.shown(node, row)
            found.append(
                {
                    "name": str(row["name"]),
                    "primaryipaddress": str(shown["ip"]),
                    "primaryport": number_of(text_of(str(row.get("port", 443))), 443),
                    "type": str(row["servicetype"]),
                    "state": str(shown["curstate"]),
                    "cursslvpnusers": str(shown["curaaausers"]),
                    "curtotalvpnusers": str(shown["curtotalusers"]),
                }
            )
        return found


def _refuse_taken(node: Node, row: Row) -> None:
    place = (row.get("ipv46"), row.get("port"))
    if "ipv46" not in row or row["ipv46"] == "0.0.0.0":  # noqa: S104 - no address
        return
    for kind in KINDS:
        for other in node.configuration.rows(kind):
            if other.get("name") != row.get("name") and (other.get("ipv46"), other.get("port")) == place:
                raise NitroError(Code.ALREADY_EXISTS, f"ipv46, {place[0]}")


CERTIFICATE_BINDING: Final = ResourceType(
    name="sslvserver_sslcertkey_binding",
    command="ssl vserver",
    key=("vservername", "certkeyname", "ca", "snicert"),
    attributes=(
        text("vservername", required=True),
        text("certkeyname", required=True),
        flag("ca", default=False),
        flag("snicert", default=False),
        flag("skipcaname"),
        text("crlcheck"),
        text("ocspcheck"),
    ),
    verbs=BINDING_VERBS,
)


class CertificateBindingBehaviour(Behaviour):
    """A certificate at a virtual server."""

    def adding(self, node: Node, row: Row) -> None:
        """Server and certificate must be there; one server certificate replaces the other."""
        name = str(row["vservername"])
        if not any(node.configuration.get(kind, name) for kind in KINDS):
            raise NitroError(Code.NO_SUCH_VSERVER)
        if node.configuration.get("sslcertkey", str(row["certkeyname"])) is None:
            raise NitroError(Code.NO_SUCH_CERTIFICATE)
        if not row.get("ca") and not row.get("snicert"):
            for other in node.configuration.rows(self.kind.name):
                if other.get("vservername") == name and not other.get("ca") and not other.get("snicert"):
                    node.configuration.remove(self.kind.name, key_of(self.kind, other))


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [CertificateBindingBehaviour(CERTIFICATE_BINDING)]
