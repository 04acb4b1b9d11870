"""Two appliances in memory, for flows to be cut at any request: instant heartbeats, instant sync."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import attrs

from gatepair.models import (
    Appliance,
    Failover,
    Heartbeat,
    InternalVirtualIp,
    ManagementAddress,
    Pair,
    Secret,
    VirtualIp,
)
from gatepair.nitro import codes
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse

PASSWORD = "canary-password-5e1f"
KEY = "canary-shared-key-77aa"
EXTERNAL = "192.0.2.20"
INTERNAL = "192.0.2.21"
BUILD = "NetScaler NS14.1: Build 25.53.nc, Date: Feb  3 2026, 10:31:36   (64-bit)"

Row = dict[str, Any]
Config = dict[str, dict[str, Row]]
KEYS = {"nsip": "ipaddress", "sslcertkey": "certkey", "Interface": "id"}
COMMON = ("vpnvserver", "lbvserver", "csvserver", "sslcertkey", "authenticationldapaction")
"""What is synchronized beside addresses that move."""


class How(NamedTuple):
    """Verb of a request, its action and the name in its path."""

    method: str
    action: str | None
    name: str | None


def _no_config() -> Config:
    return {kind: {} for kind in (*COMMON, "nsip")}


@attrs.define
class FakeAppliance:
    """One appliance; `FakePair` decides on roles and copies the configuration."""

    nsip: str
    host_name: str = "ns"
    build: str = BUILD
    platform: str = "450000"
    password: str = PASSWORD
    up: bool = True
    hastatus: str = "ENABLED"
    settings: Row = attrs.field(
        factory=lambda: {
            "hellointerval": 200,
            "deadinterval": 3,
            "failsafe": "OFF",
            "maxflips": "0",
            "maxfliptime": "0",
            "hasync": "ENABLED",
            "haprop": "ENABLED",
        }
    )
    peer: Row | None = None
    role: str = "Primary"
    sync: str = ""
    sync_failures: int = 0
    rpc: dict[str, str] = attrs.field(factory=dict)
    config: Config = attrs.field(factory=_no_config)
    interfaces: dict[str, Row] = attrs.field(
        factory=lambda: {
            name: {"id": name, "haheartbeat": "ON", "hamonitor": "ON"} for name in ("1/1", "1/2")
        }
    )
    unsaved: bool = False
    sessions: set[str] = attrs.field(factory=set)
    logins: int = 0

    def answers_on(self, address: str) -> bool:
        """Whether users reach this node on an address."""
        row = self.config["nsip"].get(address)
        return self.up and self.role == "Primary" and bool(row) and row.get("state", "ENABLED") == "ENABLED"


Hook = Callable[["FakePair", FakeAppliance, HttpRequest], HttpResponse | Breakdown | None]


@attrs.define
class FakePair:
    """Two appliances and the network between them."""

    a: FakeAppliance = attrs.field(factory=lambda: FakeAppliance(nsip="192.0.2.11", host_name="gw-a"))
    b: FakeAppliance = attrs.field(factory=lambda: FakeAppliance(nsip="192.0.2.12"))
    heartbeats: bool = True
    broken_key: bool = False
    requests: list[tuple[str, str, str]] = attrs.field(factory=list)
    hooks: list[Hook] = attrs.field(factory=list)
    after: list[Callable[[FakePair], None]] = attrs.field(factory=list)

    @property
    def nodes(self) -> tuple[FakeAppliance, FakeAppliance]:
        return (self.a, self.b)

    def of(self, address: ManagementAddress) -> FakeAppliance:
        return next(node for node in self.nodes if node.nsip == str(address.host))

    def other(self, node: FakeAppliance) -> FakeAppliance:
        return self.b if node is self.a else self.a

    # -- high availability ---------------------------------------------------------------------

    def tied(self) -> bool:
        return all(node.peer and node.peer["ipaddress"] == self.other(node).nsip for node in self.nodes)

    def heard(self) -> bool:
        return self.tied() and self.heartbeats and all(node.up for node in self.nodes)

    def settle(self) -> None:
        """Give each node the role that heartbeats and pins lead to, then synchronize."""
        if not self.heard():
            for node in self.nodes:
                node.role = "Primary" if node.hastatus in {"ENABLED", "STAYPRIMARY"} else "Secondary"
            return
        first, second = sorted(self.nodes, key=self._claim, reverse=True)
        first.role = "Primary" if first.hastatus in {"ENABLED", "STAYPRIMARY"} else "Secondary"
        second.role = "Secondary"
        if second.sync not in {"SUCCESS", "FAILED"}:
            self.synchronize()

    def _claim(self, node: FakeAppliance) -> tuple[bool, bool, bool]:
        able = node.hastatus in {"ENABLED", "STAYPRIMARY"}
        return (able, node.hastatus == "STAYPRIMARY", node.role == "Primary")

    def synchronize(self) -> None:
        primary, secondary = sorted(self.nodes, key=lambda node: node.role != "Primary")
        if primary.role != "Primary" or not self.heard() or secondary.settings["hasync"] == "DISABLED":
            return
        primary.sync = ""
        if self.broken_key or primary.rpc != secondary.rpc or len(primary.rpc) < 2:
            secondary.sync, secondary.sync_failures = "FAILED", secondary.sync_failures + 1
            return
        secondary.config = json.loads(json.dumps(primary.config))
        secondary.sync = "SUCCESS"

    # -- NITRO ---------------------------------------------------------------------------------

    def answer(self, node: FakeAppliance, request: HttpRequest) -> HttpResponse | Breakdown:
        for hook in self.hooks:
            found = hook(self, node, request)
            if found is not None:
                return found
        if not node.up:
            return Breakdown(kind=BreakdownKind.NOT_SENT, detail="connection refused")
        response = self._dispatch(node, request)
        self.settle()
        for watcher in self.after:
            watcher(self)
        return response

    def _dispatch(self, node: FakeAppliance, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.target)
        tree, kind, *names = parts.path.removeprefix("/nitro/v1/").split("/")
        name = unquote(unquote(names[0])) if names else None
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else {}
        payload = body.get(kind, {})
        self.requests.append(
            (node.nsip, request.method, kind + (f"?{query['action']}" if "action" in query else ""))
        )
        if kind == "login":
            return self._login(node, payload)
        if request.headers.get("Cookie", "").partition("=")[2] not in node.sessions:
            return refused(401, codes.Code.SESSION_EXPIRED)
        if kind == "logout":
            node.sessions.clear()
            return done(201)
        if request.method == "GET":
            rows = self._rows(node, "stat/" + kind if tree == "stat" else kind)
            return done(200, kind, [row for row in rows if name in {None, row.get(KEYS.get(kind, "id"))}])
        handler = getattr(self, f"_{request.method.lower()}_{kind.lower()}", None)
        if handler is not None:
            return handler(node, payload, query.get("action"), name)
        return self._change(node, kind, payload, How(request.method, query.get("action"), name))

    def _login(self, node: FakeAppliance, payload: Row) -> HttpResponse:
        node.logins += 1
        if payload["password"] != node.password:
            return refused(401, codes.Code.BAD_CREDENTIALS)
        token = f"token-{node.nsip}-{node.logins}"
        node.sessions.add(token)
        return HttpResponse(
            status=201,
            headers=(("Set-Cookie", f"NITRO_AUTH_TOKEN={token}; path=/nitro/v1"),),
            body=json.dumps(
                {"errorcode": 0, "message": "Done", "severity": "NONE", "sessionid": token}
            ).encode(),
        )

    def _rows(self, node: FakeAppliance, kind: str) -> list[Row]:
        singles: dict[str, Callable[[], Row]] = {
            "nsconfig": lambda: {
                "ipaddress": node.nsip,
                "netmask": "255.255.255.0",
                "configchanged": node.unsaved,
            },
            "nsversion": lambda: {"version": node.build},
            "nshostname": lambda: {"hostname": node.host_name},
            "nshardware": lambda: {"sysid": node.platform, "hwdescription": "emulated"},
            "stat/hanode": lambda: {"hacurstate": "UP", "haerrsyncfailure": str(node.sync_failures)},
        }
        if kind in singles:
            return [singles[kind]()]
        if kind == "hanode":
            return list(self._hanodes(node))
        if kind == "Interface":
            return list(node.interfaces.values())
        if kind == "nsip":
            own = {"ipaddress": node.nsip, "netmask": "255.255.255.0", "type": "NSIP"}
            return [own, *node.config["nsip"].values()]
        return list(node.config.get(kind, {}).values())

    def _hanodes(self, node: FakeAppliance) -> Iterator[Row]:
        yield {"id": "0", **self._entry(node), "name": node.host_name}
        if node.peer:
            other = self.other(node)
            known = node.peer["ipaddress"] == other.nsip and self.heard()
            entry = (
                self._entry(other)
                if known
                else {"state": "UNKNOWN", "hastatus": "NOT UP", "hasync": "UNKNOWN"}
            )
            yield {**entry, "id": node.peer["id"], "ipaddress": node.peer["ipaddress"]}

    def _entry(self, node: FakeAppliance) -> Row:
        return {
            **node.settings,
            "ipaddress": node.nsip,
            "hastatus": "UP" if node.hastatus == "ENABLED" else node.hastatus,
            "state": node.role,
            "hasync": node.sync
            if node.sync and node.settings["hasync"] == "ENABLED"
            else node.settings["hasync"],
            "inc": (node.peer or {}).get("inc", "DISABLED"),
            "masterstatetime": 60,
        }

    def _put_hanode(self, node: FakeAppliance, payload: Row, *_: object) -> HttpResponse:
        values = dict(payload)
        values.pop("id")
        node.hastatus = values.pop("hastatus", node.hastatus)
        node.settings |= values
        node.unsaved = True
        return done(200)

    def _post_hanode(self, node: FakeAppliance, payload: Row, action: str | None, *_: object) -> HttpResponse:
        if action == "unset":
            node.settings.pop("syncvlan", None)
            return done(200)
        if node.peer:
            return refused(409, codes.Code.ALREADY_EXISTS)
        node.peer = dict(payload)
        node.rpc = {node.nsip: "default", payload["ipaddress"]: "default"}
        node.sync = ""
        node.unsaved = True
        return done(201)

    def _delete_hanode(self, node: FakeAppliance, *_: object) -> HttpResponse:
        if not node.peer:
            return refused(404, codes.Code.NO_SUCH_RESOURCE)
        node.peer, node.sync, node.unsaved = None, "", True
        return done(200)

    def _put_nsrpcnode(self, node: FakeAppliance, payload: Row, *_: object) -> HttpResponse:
        if payload["ipaddress"] not in node.rpc:
            return refused(404, codes.Code.NO_SUCH_RESOURCE)
        node.rpc[payload["ipaddress"]] = payload["password"]
        node.sync = ""
        node.unsaved = True
        return done(200)

    def _post_nsconfig(self, node: FakeAppliance, *_: object) -> HttpResponse:
        node.unsaved = False
        return done(200)

    def _post_hasync(self, *_: object) -> HttpResponse:
        self.synchronize()
        return done(200)

    def _post_hafailover(self, node: FakeAppliance, *_: object) -> HttpResponse:
        if not node.peer:
            return refused(599, codes.Code.STANDALONE)
        other = self.other(node)
        if not self.heard() or other.hastatus != "ENABLED":
            return refused(599, codes.Code.INVALID_PEER_STATE)
        for one in self.nodes:
            one.role = "Secondary" if one.role == "Primary" else "Primary"
            one.sync = ""
        return done(200)

    def _put_nshostname(self, node: FakeAppliance, payload: Row, *_: object) -> HttpResponse:
        node.host_name, node.unsaved = payload["hostname"], True
        return done(200)

    def _put_interface(self, node: FakeAppliance, payload: Row, *_: object) -> HttpResponse:
        if payload["id"] not in node.interfaces:
            return refused(404, codes.Code.NO_SUCH_RESOURCE)
        node.interfaces[payload["id"]] |= payload
        node.unsaved = True
        return done(200)

    def _change(self, node: FakeAppliance, kind: str, payload: Any, how: How) -> HttpResponse:
        response = done(200)
        targets = [node]
        if self.heard() and node.role == "Primary" and node.settings["haprop"] == "ENABLED":
            targets.append(self.other(node))
        for target in targets:
            for row in payload if isinstance(payload, list) else [payload]:
                response = _apply(target.config[kind], KEYS.get(kind, "name"), row, how)
                if kind == "vpnvserver" and how.method == "PUT":
                    target.config["nsip"].setdefault(
                        row["ipv46"], {"ipaddress": row["ipv46"], "netmask": "255.255.255.255", "type": "VIP"}
                    )
            target.unsaved = True
        return response


def _apply(table: dict[str, Row], key: str, row: Row, how: How) -> HttpResponse:
    method, action, name = how
    identity = name if name is not None else row[key]
    if method == "DELETE":
        return done(200) if table.pop(identity, None) else refused(404, codes.Code.NO_SUCH_RESOURCE)
    if method == "PUT" or action:
        if identity not in table:
            return refused(404, codes.Code.NO_SUCH_RESOURCE)
        table[identity] |= {"state": "ENABLED" if action == "enable" else "DISABLED"} if action else row
        return done(200)
    if identity in table:
        return refused(409, codes.Code.ALREADY_EXISTS)
    table[identity] = dict(row)
    return done(201)


def done(status: int, kind: str = "", rows: list[Row] | None = None) -> HttpResponse:
    envelope: Row = {"errorcode": 0, "message": "Done", "severity": "NONE"}
    if rows:
        envelope[kind] = rows
    return HttpResponse(status=status, body=json.dumps(envelope).encode())


def refused(status: int, code: int, more: str = "") -> HttpResponse:
    message = codes.MESSAGES[code] + more
    envelope = {"errorcode": int(code), "message": message, "severity": "ERROR"}
    return HttpResponse(status=status, body=json.dumps(envelope).encode())


def configured(node: FakeAppliance, external: str = EXTERNAL) -> None:
    """Give a node a Gateway of its own."""
    node.config["vpnvserver"]["gateway"] = {
        "name": "gateway",
        "ipv46": external,
        "port": 8443,
        "servicetype": "SSL",
    }
    node.config["sslcertkey"]["gateway"] = {"certkey": "gateway"}
    node.config["authenticationldapaction"]["corp-ldap"] = {"name": "corp-ldap"}
    node.config["nsip"][external] = {"ipaddress": external, "netmask": "255.255.255.255", "type": "VIP"}


# -- declarations ------------------------------------------------------------------------------

A = ManagementAddress.parse("192.0.2.11")
B = ManagementAddress.parse("192.0.2.12")
ADDRESSES = (A, B)


def declared(**changes: Any) -> Pair:
    """Return the usual declaration: both virtual IPs and the old timers."""
    values: dict[str, Any] = {
        "appliances": (Appliance(address=A), Appliance(address=B)),
        "shared_key": Secret(KEY),
        "external": VirtualIp(address=EXTERNAL),
        "internal": InternalVirtualIp(address=INTERNAL, netmask="255.255.255.0"),
        "failover": Failover(heartbeat=Heartbeat.preset("access-gateway-5")),
    }
    return Pair(**(values | changes))


def no_reference(_: object) -> Secret:
    raise AssertionError("the key is given, not referred to")
