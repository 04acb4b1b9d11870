"""How the emulator's tests talk to an appliance: httpx, no SDK between, and polling with a deadline."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import httpx
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab, Node
    from gatepair_emulator.pool import LabPool

# Restarts and synchronisations need not take their time in tests; heartbeats always do.
CLOCK = 10.0
# How a pair in good health looks from its primary; from its secondary the other way round.
HEALTHY = [("Primary", "UP", "ENABLED"), ("Secondary", "UP", "SUCCESS")]
Json = dict[str, Any]


@contextmanager
def healthy(pool: LabPool, scenario: str = "formed", clock: float = CLOCK) -> Iterator[Lab]:
    """A pair that has been formed before; the secondary has everything the primary has, and both know it."""
    with pool.lab(scenario, clock) as lab:
        with Talk(lab, lab.a) as a, Talk(lab, lab.b) as b:
            until(lambda: in_health(a, b), "the pair is in good health")
        yield lab


def trust(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=lab.ca_file)


class Talk:
    """One appliance, with credentials on each request."""

    def __init__(self, lab: Lab, node: Node) -> None:
        self.lab = lab
        self.node = node
        self.client = httpx.Client(
            base_url=f"https://{node.address}/nitro/v1",
            verify=trust(lab),
            headers={"X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password},
            timeout=10,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(method, path, json=body)

    def read(self, path: str) -> Json:
        """What a good reply holds; ``HTTPError`` if the appliance still starts, so that ``until`` goes on."""
        reply = self.send("GET", path)
        if reply.status_code == 503:
            reply.raise_for_status()
        assert reply.status_code == 200, reply.text
        return reply.json()

    def rows(self, kind: str, query: str = "") -> list[Json]:
        found = self.read(f"/config/{kind}{query}").get(kind.partition("/")[0], [])
        return found if isinstance(found, list) else [found]

    def add(self, kind: str, /, **values: Any) -> httpx.Response:
        return self.send("POST", f"/config/{kind}", {kind: values})

    def set(self, kind: str, /, **values: Any) -> httpx.Response:
        return self.send("PUT", f"/config/{kind}", {kind: values})

    def act(self, kind: str, verb: str, /, **values: Any) -> httpx.Response:
        return self.send("POST", f"/config/{kind}?action={verb}", {kind: values})

    def remove(self, path: str) -> httpx.Response:
        return self.send("DELETE", f"/config/{path}")

    def views(self) -> list[tuple[str, str, str]]:
        """State, hastatus and hasync of self and peer."""
        return [(row["state"], row["hastatus"], row["hasync"]) for row in self.rows("hanode")]

    def statistics(self) -> Json:
        return self.read("/stat/hanode")["hanode"]

    def addresses(self) -> set[str]:
        return {row["ipaddress"] for row in self.rows("nsip")}

    def save(self) -> None:
        assert self.act("nsconfig", "save").status_code == 200


def refused(reply: httpx.Response) -> tuple[int, int]:
    """Status and NITRO error code of a reply."""
    return reply.status_code, reply.json()["errorcode"]


def in_health(primary: Talk, secondary: Talk) -> bool:
    """Whether both see a pair in good health: what one node says, the other knows a moment later."""
    return (primary.views(), secondary.views()) == (HEALTHY, HEALTHY[::-1])


def form(a: Talk, b: Talk) -> None:
    """Make a pair of the two, A primary, and wait for the first sync."""
    assert a.set("hanode", id=0, hastatus="STAYPRIMARY").status_code == 200
    assert b.set("hanode", id=0, hastatus="STAYSECONDARY").status_code == 200
    assert a.add("hanode", id=1, ipaddress=b.node.host).status_code == 201
    assert b.add("hanode", id=1, ipaddress=a.node.host).status_code == 201
    share_key(a, b, a.lab.shared_key)
    for each in (a, b):
        assert each.set("hanode", id=0, hastatus="ENABLED").status_code == 200
    until(lambda: in_health(a, b), "first synchronisation")


def synchronise(primary: Talk, secondary: Talk) -> None:
    """Force a synchronisation and see it through: until it begins, the last one's success is what shows."""
    secondary.node.admin("PUT", "/stuck", {"sync": True})
    assert primary.act("hasync", "Force", force=True).status_code == 200
    until(lambda: primary.views()[1][2] == "IN PROGRESS", "a forced synchronisation begins")
    secondary.node.admin("PUT", "/stuck", {"sync": False})
    until(lambda: primary.views()[1][2] == "SUCCESS", "a forced synchronisation ends")


def share_key(a: Talk, b: Talk, key: str) -> None:
    for each in (a, b):
        for host in (a.node.host, b.node.host):
            assert each.set("nsrpcnode", ipaddress=host, password=key).status_code == 200


def who_serves(lab: Lab) -> str | None:
    """Management address of the node behind the external virtual IP, None if nobody answers."""
    with httpx.Client(verify=trust(lab), timeout=10, trust_env=False) as client:
        try:
            reply = client.get(
                f"https://{lab.external}:{lab.external_port}/logon",
                extensions={"sni_hostname": "gateway.example.net"},
            )
        except httpx.HTTPError:
            return None
    assert reply.status_code == 200
    return reply.headers["X-Gatepair-Address"]


def raw(lab: Lab, node: Node, text: str) -> tuple[str, dict[str, str], bytes]:
    """Send a request as written and read the reply as sent: status line, headers, body."""
    context = trust(lab)
    with (
        socket.create_connection((node.host, node.ports.management), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=node.host) as tls,
    ):
        tls.sendall(text.replace("\n", "\r\n").encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += tls.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines[1:]}
        while len(body) < int(headers.get("Content-Length", "0")):
            body += tls.recv(65536)
    return lines[0], headers, body
