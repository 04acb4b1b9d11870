"""Load balancing as far as monitoring and tests touch it: servers, services, virtual servers.

Attributes, defaults and wire types: the vendor's NITRO reference (configuration/basic, lb) and recorded
binding rows, which print ``"weight": "1"`` beside ``"port": 80``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import (
    ALL_VERBS,
    BINDING_VERBS,
    Access,
    ResourceType,
    Wire,
    address,
    choice,
    number,
    on_off,
    switch,
    text,
    yes_no,
)
from gatepair_emulator.resources.behaviour import Behaviour
from gatepair_emulator.resources.virtual_servers import (
    VirtualServerBehaviour,
    rename_action,
    state_action,
)

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.values import JsonValue, Row

_SERVICE_TYPES: Final = (
    "HTTP", "FTP", "TCP", "UDP", "SSL", "SSL_BRIDGE", "SSL_TCP", "DTLS", "NNTP", "DNS", "DHCPRA", "ANY",
    "SIP_UDP", "SIP_TCP", "SIP_SSL", "DNS_TCP", "RTSP", "MYSQL", "MSSQL", "RADIUS", "RDP", "LDAP",
)  # fmt: skip
_METHODS: Final = (
    "ROUNDROBIN", "LEASTCONNECTION", "LEASTRESPONSETIME", "URLHASH", "DOMAINHASH", "DESTINATIONIPHASH",
    "SOURCEIPHASH", "LEASTBANDWIDTH", "LEASTPACKETS", "TOKEN", "LEASTREQUEST",
)  # fmt: skip
_PERSISTENCE: Final = (
    "SOURCEIP", "COOKIEINSERT", "SSLSESSION", "RULE", "URLPASSIVE", "CUSTOMSERVERID", "DESTIP", "SRCIPDESTIP",
    "CALLID", "RTSPSID", "DIAMETER", "FIXSESSION", "NONE",
)  # fmt: skip

SERVER: Final = ResourceType(
    name="server",
    command="server",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        address("ipaddress"),
        text("domain"),
        switch("state"),
        text("comment", longest=256),
        number("td", 0, 4094),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable", "rename"}),
)
SERVICE: Final = ResourceType(
    name="service",
    command="service",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        address("ip", access=Access.ADD_ONLY),
        text("servername", access=Access.ADD_ONLY),
        address("ipaddress"),
        choice("servicetype", *_SERVICE_TYPES, required=True, access=Access.ADD_ONLY),
        number("port", 1, 65535, required=True, wire=Wire.NUMBER, access=Access.ADD_ONLY),
        switch("state"),
        number("maxclient", 0, 4294967294, default=0),
        number("maxreq", 0, 65535, default=0),
        switch("cip", "DISABLED"),
        yes_no("usip"),
        yes_no("cka"),
        yes_no("tcpb"),
        number("clttimeout", 0, 31536000, default=180, wire=Wire.NUMBER),
        number("svrtimeout", 0, 31536000, default=360, wire=Wire.NUMBER),
        yes_no("healthmonitor", "YES"),
        switch("downstateflush"),
        text("comment", longest=256),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable", "rename"}),
    missing=Code.NO_SERVICE,
    statistics=True,
)
LB_SERVER: Final = ResourceType(
    name="lbvserver",
    command="lb vserver",
    key=("name",),
    attributes=(
        text("name", required=True, longest=127),
        choice("servicetype", *_SERVICE_TYPES, required=True, access=Access.ADD_ONLY),
        address("ipv46"),
        number("port", 0, 65535, wire=Wire.NUMBER, access=Access.ADD_ONLY),
        number("range", 1, 254, default=1, access=Access.ADD_ONLY),
        choice("persistencetype", *_PERSISTENCE, default="NONE"),
        number("timeout", 0, 1440, default=2),
        choice("persistencebackup", "SOURCEIP", "NONE", default="NONE"),
        number("backuppersistencetimeout", 2, 1440, default=2),
        choice("lbmethod", *_METHODS, default="LEASTCONNECTION"),
        number("clttimeout", 0, 31536000, default=180),
        text("persistmask", default="255.255.255.255"),
        switch("state"),
        choice("redirectionmode", "IP", "MAC", "IPTUNNEL", "TOS", default="IP", access=Access.FIXED),
        on_off("sessionless"),
        text("redirurl"),
        text("backupvserver"),
        switch("downstateflush"),
        switch("appflowlog"),
        on_off("authentication"),
        text("authenticationhost"),
        text("authnvsname"),
        text("netprofile"),
        text("tcpprofilename"),
        text("httpprofilename"),
        text("comment", longest=256),
    ),
    verbs=ALL_VERBS,
    actions=frozenset({"enable", "disable", "rename"}),
    statistics=True,
)
LB_SERVICE: Final = ResourceType(
    name="lbvserver_service_binding",
    command="lb vserver",
    key=("name", "servicename"),
    attributes=(
        text("name", required=True),
        text("servicename", required=True),
        number("weight", 1, 100, default=1),
    ),
    verbs=BINDING_VERBS,
)


class ServerBehaviour(Behaviour):
    """Back ends by name."""

    def __init__(self) -> None:
        super().__init__(SERVER)
        self.actions = {
            "enable": state_action(SERVER, "ENABLED"),
            "disable": state_action(SERVER, "DISABLED"),
            "rename": rename_action(SERVER),
        }

    def adding(self, node: Node, row: Row) -> None:  # noqa: ARG002 - the signature is given
        """An address or a domain name is needed, not both."""
        if ("ipaddress" in row) == ("domain" in row):
            code = Code.EXCLUSIVE_ARGUMENTS if "domain" in row else Code.ARGUMENT_MISSING
            raise NitroError(code, "ipaddress")

    def deleting(self, node: Node, row: Row) -> None:
        """A server with services stays."""
        if any(each.get("servername") == row["name"] for each in node.configuration.rows(SERVICE.name)):
            raise NitroError(Code.NOT_PERMITTED, str(row["name"]))


class ServiceBehaviour(Behaviour):
    """Services; one made with an address brings its server along."""

    def __init__(self) -> None:
        super().__init__(SERVICE)
        self.actions = {
            "enable": state_action(SERVICE, "ENABLED"),
            "disable": state_action(SERVICE, "DISABLED"),
            "rename": rename_action(SERVICE),
        }

    def adding(self, node: Node, row: Row) -> None:
        """Find or make the server."""
        if ("ip" in row) == ("servername" in row):
            code = Code.EXCLUSIVE_ARGUMENTS if "ip" in row else Code.ARGUMENT_MISSING
            raise NitroError(code, "ip")
        if "servername" in row:
            server = node.configuration.get(SERVER.name, str(row["servername"]))
            if server is None:
                raise NitroError(Code.NO_SUCH_SERVER)
            row["ipaddress"] = server.get("ipaddress", "")
            return
        ip = str(row.pop("ip"))
        if any(each.get("ipaddress") == ip for each in node.configuration.rows(SERVER.name)):
            raise NitroError(Code.SERVER_EXISTS)
        node.configuration.put(SERVER.name, ip, {"name": ip, "ipaddress": ip, "state": "ENABLED"})
        row.update({"servername": ip, "ipaddress": ip})

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Whether it is up: there is nothing behind it that could be down."""
        return {
            "svrstate": "UP" if row.get("state") != "DISABLED" else "OUT OF SERVICE",
            "numofconnections": 0,
            "tickssincelaststatechange": str(int((node.clock.wall() - node.changed_at) * 100)),
            "monitor_state": "UP",
        }

    def statistics(self, node: Node, name: str | None) -> JsonValue:
        """Counters of each service."""
        rows = [row for row in node.configuration.rows(SERVICE.name) if name in (None, row["name"])]
        return [
            {
                "name": str(row["name"]),
                "primaryipaddress": str(row.get("ipaddress", "")),
                "primaryport": int(str(row["port"])),
                "servicetype": str(row["servicetype"]),
                "state": "UP" if row.get("state") != "DISABLED" else "OUT OF SERVICE",
                "totalrequests": "0",
                "requestsrate": 0,
            }
            for row in rows
        ]


class LoadBalancerBehaviour(VirtualServerBehaviour):
    """Load-balancing virtual servers: configured, shown, never answered."""

    def adding(self, node: Node, row: Row) -> None:
        """Warn when load balancing is switched off."""
        super().adding(node, row)
        if not node.feature("lb"):
            node.warn(Code.FEATURE_NOT_ENABLED, "LB")

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """Whether it is up: with an enabled service."""
        services = self._services(node, row)
        up = [each for each in services if each.get("state") != "DISABLED"]
        state = "UP" if up and row.get("state") != "DISABLED" else "DOWN"
        if row.get("state") == "DISABLED":
            state = "OUT OF SERVICE"
        return {
            "curstate": state,
            "effectivestate": state,
            "status": 1 if state == "UP" else 0,
            "health": str(100 * len(up) // len(services)) if services else "0",
            "totalservices": str(len(services)),
            "activeservices": str(len(up)),
            "statechangetimesec": "Thu Jan  1 00:00:00 1970",
            "tickssincelaststatechange": str(int((node.clock.wall() - node.changed_at) * 100)),
        }

    def statistics(self, node: Node, name: str | None) -> JsonValue:
        """Counters of each virtual server."""
        rows = [row for row in node.configuration.rows(LB_SERVER.name) if name in (None, row["name"])]
        found: list[JsonValue] = []
        for row in rows:
            shown = self.shown(node, row)
            found.append(
                {
                    "name": str(row["name"]),
                    "primaryipaddress": str(row.get("ipv46", "0.0.0.0")),  # noqa: S104 - no address
                    "type": str(row["servicetype"]),
                    "state": str(shown["curstate"]),
                    "vslbhealth": str(shown["health"]),
                    "actsvcs": str(shown["activeservices"]),
                    "inactsvcs": "0",
                    "tothits": "0",
                    "hitsrate": 0,
                    "curclntconnections": "0",
                }
            )
        return found

    @staticmethod
    def _services(node: Node, row: Row) -> list[Row]:
        names = [
            str(each["servicename"])
            for each in node.configuration.rows(LB_SERVICE.name)
            if each.get("name") == row["name"]
        ]
        found = (node.configuration.get(SERVICE.name, name) for name in names)
        return [each for each in found if each is not None]


class LbServiceBehaviour(Behaviour):
    """A service at a load-balancing virtual server."""

    def adding(self, node: Node, row: Row) -> None:
        """Both must be there."""
        if node.configuration.get(LB_SERVER.name, str(row["name"])) is None:
            raise NitroError(Code.NO_SUCH_VSERVER)
        if node.configuration.get(SERVICE.name, str(row["servicename"])) is None:
            raise NitroError(Code.NO_SUCH_SERVICE)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:
        """The service's address and state."""
        service = node.configuration.get(SERVICE.name, str(row["servicename"])) or {}
        return {
            "ipv46": str(service.get("ipaddress", "")),
            "port": int(str(service.get("port", 0))),
            "servicetype": str(service.get("servicetype", "")),
            "curstate": "UP" if service.get("state") != "DISABLED" else "OUT OF SERVICE",
        }


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        ServerBehaviour(),
        ServiceBehaviour(),
        LoadBalancerBehaviour(LB_SERVER),
        LbServiceBehaviour(LB_SERVICE),
    ]
