"""First conversations of other people's clients, as they put them on the wire.

Each conversation is written down from the client named; what the client relies on is what is asserted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import httpx
import pytest
from emulator_talk import raw, trust
from waiting import until

if TYPE_CHECKING:
    import ssl

    from gatepair_emulator.lab import Lab, Node

pytestmark = pytest.mark.slow
Json = dict[str, Any]


@pytest.fixture(scope="module")
def lab(standing_pair: Lab) -> Lab:
    return standing_pair


@pytest.fixture(scope="module")
def context(lab: Lab) -> ssl.SSLContext:
    return trust(lab)


def send(  # noqa: PLR0917 - a request has so many parts
    lab: Lab, node: Node, method: str, path: str, headers: Json, body: str = ""
) -> tuple[str, Json, Json]:
    """One request with exactly these headers; status line, headers and JSON of the reply."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    text = "\n".join([f"{method} {path} HTTP/1.1", f"Host: {node.host}", *lines, "", body])
    status, replied, content = raw(lab, node, text)
    return status, replied, json.loads(content) if content else {}


def test_vendor_go_sdk_and_terraform_provider(lab: Lab) -> None:
    """citrix/adc-nitro-go: login, session in a request's Set-Cookie, status lines compared as text."""
    plain = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "terraform-ctxadc",
    }
    login = json.dumps({"login": {"username": "nsroot", "password": lab.password}})
    status, _, reply = send(lab, lab.a, "POST", "/nitro/v1/config/login", plain, login)
    assert status == "HTTP/1.1 201 Created"
    session = {**plain, "Set-Cookie": f"NITRO_AUTH_TOKEN={reply['sessionid']}"}
    status, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/hanode/1", session)
    assert (status, reply["hanode"][0]["ipaddress"]) == ("HTTP/1.1 200 OK", lab.b.host)
    status, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/hanode/9", session)
    assert (status, reply["message"]) == ("HTTP/1.1 404 Not Found", "No such resource [id, 9]")
    body = json.dumps({"hanode": {"id": 1, "ipaddress": lab.b.host}})
    path = "/nitro/v1/config/hanode?idempotent=yes"
    assert send(lab, lab.a, "POST", path, session, body)[0] == "HTTP/1.1 599 Netscaler specific error"
    body = json.dumps({"nsrpcnode": {"ipaddress": lab.b.host, "secure": "ON"}})
    assert send(lab, lab.a, "PUT", "/nitro/v1/config/nsrpcnode", session, body)[0] == "HTTP/1.1 200 OK"
    status, _, reply = send(
        lab, lab.a, "GET", f"/nitro/v1/config/nsip?args=ipaddress:{lab.internal}", session
    )
    assert reply["nsip"][0]["mgmtaccess"] == "ENABLED"
    save = json.dumps({"nsconfig": {}})
    assert (
        send(lab, lab.a, "POST", "/nitro/v1/config/nsconfig?action=save", session, save)[0]
        == "HTTP/1.1 200 OK"
    )
    assert send(lab, lab.a, "GET", "/nitro/v1/config/nslicense", session)[2]["nslicense"]["sslvpn"] is True
    logout = json.dumps({"logout": {}})
    status, _, _ = send(lab, lab.a, "POST", "/nitro/v1/config/logout", session, logout)
    assert status == "HTTP/1.1 201 Created"
    status, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/hanode", session)
    assert (status, reply["errorcode"]) == ("HTTP/1.1 401 Unauthorized", 444)


def test_ansible_collection(lab: Lab) -> None:
    """netscaler/ansible-collection-netscaleradc: raw cookie, version by regular expression, 404 is absent."""
    plain = {"Content-Type": "application/json", "User-Agent": "ansible-ctxadc"}
    login = json.dumps({"login": {"username": "nsroot", "password": lab.password}})
    _, _, reply = send(lab, lab.a, "POST", "/nitro/v1/config/login", plain, login)
    session = {**plain, "Cookie": f"NITRO_AUTH_TOKEN={reply['sessionid']}"}
    _, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/nsversion", session)
    assert isinstance(reply["nsversion"], dict)
    status, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/lbvserver/none", session)
    assert status == "HTTP/1.1 404 Not Found"
    body = json.dumps({"systemuser": {"username": "nsroot", "password": "x"}})
    status, _, reply = send(lab, lab.a, "POST", "/nitro/v1/config/systemuser", session, body)
    assert (status, reply["errorcode"]) == ("HTTP/1.1 409 Conflict", 273)
    send(lab, lab.a, "POST", "/nitro/v1/config/logout", session, '{"logout": {}}')


def test_vendor_python_sdk(lab: Lab) -> None:
    """atopuzov/nitro-python: vendor media types, encoded cookie unquoted and sent back in Set-Cookie."""
    media = "application/vnd.com.citrix.netscaler.login+json"
    login = json.dumps({"login": {"username": "nsroot", "password": lab.password, "timeout": 1800}})
    _, headers, _ = send(lab, lab.b, "POST", "/nitro/v1/config/login", {"Content-Type": media}, login)
    cookie = unquote(headers["Set-Cookie"].partition(";")[0].partition("=")[2])
    session = {"Set-Cookie": f"NITRO_AUTH_TOKEN={cookie}", "Accept": media.replace("login", "hanode")}
    _, _, reply = send(lab, lab.b, "GET", "/nitro/v1/config/hanode", session)
    assert [row["state"] for row in reply["hanode"]] == ["Secondary", "Primary"]


def test_nsnitro(lab: Lab) -> None:
    """ndenev/nsnitro: everything posted as a form to the bare path, the action in params."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "sessionid="}
    login = json.dumps({"login": {"username": "nsroot", "password": lab.password}})
    _, _, reply = send(lab, lab.a, "POST", "/nitro/v1/config/", form, f"object={quote(login)}")
    form["Cookie"] = f"sessionid={reply['sessionid']}"
    add = json.dumps({"server": {"name": "web", "ipaddress": "192.0.2.81"}})
    status, _, _ = send(lab, lab.a, "POST", "/nitro/v1/config/", form, f"object={quote(add)}")
    assert status == "HTTP/1.1 201 Created"
    disable = json.dumps({"params": {"action": "disable"}, "server": {"name": "web"}})
    _, _, reply = send(lab, lab.a, "POST", "/nitro/v1/config/", form, f"object={quote(disable)}")
    assert reply["errorcode"] == 0
    _, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/server/web", {"Cookie": form["Cookie"]})
    assert reply["server"][0]["state"] == "DISABLED"
    status, _, _ = send(lab, lab.a, "DELETE", "/nitro/v1/config/server/web", {"Cookie": form["Cookie"]})
    assert status == "HTTP/1.1 200 OK"


def test_exporters(lab: Lab) -> None:
    """Two exporters (elohmeier, netscaler): sessionid as cookie and as a request's Set-Cookie."""
    login = json.dumps({"login": {"username": "nsroot", "password": lab.password}})
    _, _, reply = send(
        lab, lab.a, "POST", "/nitro/v1/config/login", {"Content-Type": "application/json"}, login
    )
    for name in ("Cookie", "Set-Cookie"):
        session = {name: f"sessionid={reply['sessionid']}"}
        _, _, statistics = send(lab, lab.a, "GET", "/nitro/v1/stat/hanode", session)
        assert isinstance(statistics["hanode"]["hatotpktrx"], str)
        assert isinstance(statistics["hanode"]["hapktrxrate"], int)
    _, _, rows = send(
        lab, lab.a, "GET", "/nitro/v1/config/hanode", {"Cookie": f"sessionid={reply['sessionid']}"}
    )
    assert type(rows["hanode"][0]["masterstatetime"]) is int


@pytest.mark.parametrize("path", ["hafailover?action=Force", "hafailover?action=force"])
def test_powershell_modules(healthy_lab: Lab, path: str) -> None:
    """devblackops/NetScaler and j81blog/J81.ADCToolkit: params in every body, warnings asked for."""
    lab = healthy_lab  # the other tests share a pair, in any order, and rely on its roles
    plain = {"Content-Type": "application/json"}
    login = {
        "params": {"warning": "YES"},
        "login": {"username": "nsroot", "password": lab.password, "timeout": 900},
    }
    _, headers, reply = send(lab, lab.a, "POST", "/nitro/v1/config/login", plain, json.dumps(login))
    session = {**plain, "Cookie": headers["Set-Cookie"].partition(";")[0]}
    _, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/nsversion", session)
    assert reply["nsversion"]["version"].split(",")[0].startswith("NetScaler NS14.1: Build ")
    _, _, reply = send(lab, lab.a, "GET", "/nitro/v1/config/nsconfig", session)
    assert reply["nsconfig"]["systemtype"] == "HA"
    primary = lab.a if reply["nsconfig"]["primaryip"] == lab.a.host else lab.b
    body = {"params": {"warning": "YES", "onerror": "EXIT"}, "hafailover": {"force": "true"}}
    credentials = {**plain, "X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password}
    status, _, reply = send(lab, primary, "POST", f"/nitro/v1/config/{path}", credentials, json.dumps(body))
    assert status in {"HTTP/1.1 200 OK", "HTTP/1.1 209 X-NITRO-WARNING"}

    def roles() -> list[str]:
        _, _, reply = send(lab, primary, "GET", "/nitro/v1/config/hanode", credentials)
        return [row["state"] for row in reply["hanode"]]

    until(lambda: roles() == ["Secondary", "Primary"], "the roles have changed")
    until(lambda: primary.status()["sync"] == "SUCCESS", "the former primary is synchronised")


def test_the_cheapest_primary_check(lab: Lab, context: ssl.SSLContext) -> None:
    """jantytgat/go-netscaleradc-nitro asks for one attribute of the statistics."""
    headers = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password}
    with httpx.Client(verify=context, headers=headers, timeout=10, trust_env=False) as client:
        states = {
            client.get(f"https://{node.address}/nitro/v1/stat/hanode?attrs=hacurmasterstate").text
            for node in (lab.a, lab.b)
        }
    assert {text.rpartition('"hanode": ')[2] for text in states} == {
        '{ "hacurmasterstate": "Primary" } }',
        '{ "hacurmasterstate": "Secondary" } }',
    }
