"""Transport: sessions in every form, exact bytes, queries, bulk and warnings."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from emulator_talk import Talk, raw, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(standing_lab: Lab) -> Lab:
    return standing_lab


@pytest.fixture
def bare(lab: Lab) -> Iterator[httpx.Client]:
    """A client without credentials."""
    base = f"https://{lab.a.address}/nitro/v1"
    with httpx.Client(base_url=base, verify=trust(lab), timeout=10, trust_env=False) as client:
        yield client


def token(lab: Lab, client: httpx.Client) -> str:
    reply = client.post("/config/login", json={"login": {"username": "nsroot", "password": lab.password}})
    assert (reply.status_code, reply.json()["errorcode"]) == (201, 0)
    client.cookies.clear()
    return reply.json()["sessionid"]


# -- bytes -----------------------------------------------------------------------------------------


def test_status_line_headers_and_body_of_an_error_are_exact(lab: Lab) -> None:
    status, headers, body = raw(
        lab,
        lab.a,
        f"GET /nitro/v1/config/nsip?args=ipaddress:192.0.2.9 HTTP/1.1\nHost: {lab.a.host}\n"
        f"X-NITRO-USER: nsroot\nX-NITRO-PASS: {lab.password}\n\n",
    )
    assert status == "HTTP/1.1 404 Not Found"
    assert body == (
        b'{ "errorcode": 258, "message": "No such resource [ipaddress, 192.0.2.9]", "severity": "ERROR" }'
    )
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Server"] == "Apache"
    assert headers["Pragma"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        (
            "POST",
            "/nitro/v1/config/nsip",
            {"nsip": {"ipaddress": "{a}", "netmask": "255.255.255.0"}},
            "409 Conflict",
        ),
        (
            "PUT",
            "/nitro/v1/config/hanode",
            {"hanode": {"id": 0, "ipaddress": "{b}"}},
            "599 Netscaler specific error",
        ),
        ("POST", "/nitro/v1/config/nsip", {"nsip": {"netmask": "255.255.255.0"}}, "400 Bad Request"),
        ("POST", "/nitro/v1/config/nsip?action=bang", {"nsip": {}}, "400 Bad Request"),
        ("DELETE", "/nitro/v1/config/nsversion", None, "405 Method Not Allowed"),
        ("GET", "/nitro/v1/config/nsip", None, "200 OK"),
        ("POST", "/nitro/v1/config/logout", {"logout": {}}, "201 Created"),
    ],
)
def test_status_lines(lab: Lab, method: str, path: str, body: object, status: str) -> None:
    content = "" if body is None else json.dumps(body).replace("{a}", lab.a.host).replace("{b}", lab.b.host)
    line, _, _ = raw(
        lab,
        lab.a,
        f"{method} {path} HTTP/1.1\nHost: x\nX-NITRO-USER: nsroot\nX-NITRO-PASS: {lab.password}\n"
        f"Content-Type: application/json\nContent-Length: {len(content)}\n\n{content}",
    )
    assert line == f"HTTP/1.1 {status}"


def test_the_login_reply_has_the_recorded_length_and_both_forms_of_the_session(lab: Lab) -> None:
    """Content-Length 328 stands in a recording of 14.1."""
    content = json.dumps({"login": {"username": "nsroot", "password": lab.password, "timeout": "30"}})
    line, headers, body = raw(
        lab,
        lab.a,
        f"POST /nitro/v1/config/login HTTP/1.1\nHost: x\nContent-Length: {len(content)}\n\n{content}",
    )
    session = json.loads(body)["sessionid"]
    assert line == "HTTP/1.1 201 Created"
    assert headers["Content-Length"] == "328"
    assert session.startswith("##")
    assert headers["Set-Cookie"] == f"NITRO_AUTH_TOKEN={quote(session)}; path=/nitro/v1"


def test_a_wrong_accept_header_is_406(bare: httpx.Client) -> None:
    assert bare.get("/config/nsversion", headers={"Accept": "text/html"}).status_code == 406


def test_an_unknown_page_is_apaches(lab: Lab, bare: httpx.Client) -> None:
    reply = bare.get(f"https://{lab.a.address}/menu/neo")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html; charset=iso-8859-1")


# -- sessions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda session: {"Cookie": f"NITRO_AUTH_TOKEN={session}"},
        lambda session: {"Cookie": f"NITRO_AUTH_TOKEN={quote(session)}"},
        lambda session: {"Cookie": f"sessionid={session}"},
        lambda session: {"Cookie": f"startupapp=neo; NITRO_AUTH_TOKEN={quote(session)}; path=/nitro/v1"},
        lambda session: {"Set-Cookie": f"NITRO_AUTH_TOKEN={session}"},
        lambda session: {"Set-Cookie": f"NITRO_AUTH_TOKEN={quote(session)}"},
        lambda session: {"Set-Cookie": f"sessionid={quote(session)}"},
    ],
)
def test_every_form_of_carrying_a_session(lab: Lab, bare: httpx.Client, form: object) -> None:
    assert callable(form)
    headers = form(token(lab, bare))
    assert bare.get("/config/nsversion", headers=headers).status_code == 200


def test_credentials_on_the_request(lab: Lab, bare: httpx.Client) -> None:
    basic = base64.b64encode(f"nsroot:{lab.password}".encode()).decode()
    for headers in (
        {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password},
        {"Authorization": f"Basic {basic}"},
    ):
        assert bare.get("/config/nsversion", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-NITRO-USER": "nsroot", "X-NITRO-PASS": "wrong"}, 354),
        ({"X-NITRO-USER": "nobody", "X-NITRO-PASS": "wrong"}, 354),
        ({"Authorization": "Basic ???"}, 354),
        ({"Cookie": "NITRO_AUTH_TOKEN=%23%23ABC"}, 444),
        ({}, 1027),
    ],
)
def test_refused_callers(bare: httpx.Client, headers: dict[str, str], code: int) -> None:
    reply = bare.get("/config/nsversion", headers=headers)
    assert (reply.status_code, reply.json()["errorcode"]) == (401, code)


def test_basic_authentication_can_be_switched_off(lab: Lab, a: Talk, bare: httpx.Client) -> None:
    session = {"Cookie": f"NITRO_AUTH_TOKEN={token(lab, bare)}"}
    assert a.set("systemparameter", basicauth="DISABLED").status_code == 200
    try:
        reply = a.send("GET", "/config/nsversion")
        assert (reply.status_code, reply.json()["errorcode"]) == (401, 1244)
        assert bare.get("/config/nsversion", headers=session).status_code == 200
    finally:
        body = {"systemparameter": {"basicauth": "ENABLED"}}
        assert bare.put("/config/systemparameter", headers=session, json=body).status_code == 200


def test_after_logout_the_session_is_gone(lab: Lab, bare: httpx.Client) -> None:
    session = {"Cookie": f"NITRO_AUTH_TOKEN={token(lab, bare)}"}
    assert bare.post("/config/logout", headers=session, json={"logout": {}}).status_code == 201
    reply = bare.get("/config/nsversion", headers=session)
    assert (reply.status_code, reply.json()["errorcode"]) == (401, 444)


def test_a_session_ends_after_its_idle_time(lab: Lab, bare: httpx.Client) -> None:
    body = {"login": {"username": "nsroot", "password": lab.password, "timeout": 60}}
    headers = {"Cookie": f"sessionid={bare.post('/config/login', json=body).json()['sessionid']}"}
    bare.cookies.clear()
    assert bare.get("/config/nsversion", headers=headers).status_code == 200
    lab.a.admin("PUT", "/clock", {"advance": 61})
    assert bare.get("/config/nsversion", headers=headers).json()["errorcode"] == 444


def test_a_session_can_be_killed(lab: Lab, a: Talk, bare: httpx.Client) -> None:
    headers = {"Cookie": f"NITRO_AUTH_TOKEN={token(lab, bare)}"}
    number = a.rows("systemsession")[-1]["sid"]
    assert a.act("systemsession", "kill", sid=number).status_code == 200
    assert bare.get("/config/nsversion", headers=headers).json()["errorcode"] == 444


def test_too_many_sessions_are_refused(a: Talk, bare: httpx.Client) -> None:
    assert a.add("systemuser", username="greedy", password="canary-secret-1", maxsession=2).status_code == 201
    login = {"login": {"username": "greedy", "password": "canary-secret-1"}}
    codes = [bare.post("/config/login", json=login).json()["errorcode"] for _ in range(3)]
    assert codes == [0, 0, 445]
    assert a.remove("systemuser/greedy").status_code == 200


def test_a_read_only_user_may_read_and_nothing_else(a: Talk, bare: httpx.Client) -> None:
    assert a.add("systemuser", username="reader", password="canary-secret-2").status_code == 201
    reader = {"X-NITRO-USER": "reader", "X-NITRO-PASS": "canary-secret-2"}
    refused = bare.get("/config/hanode", headers=reader)
    assert (refused.status_code, refused.json()["errorcode"]) == (403, 2138)
    assert refused.json()["message"] == "Not authorized to execute this command [show HA node]"
    bound = a.set(
        "systemuser_systemcmdpolicy_binding", username="reader", policyname="read-only", priority=100
    )
    assert bound.status_code in {200, 201}
    assert bare.get("/config/hanode", headers=reader).status_code == 200
    assert bare.get("/stat/hanode", headers=reader).status_code == 200
    body = {"nshostname": {"hostname": "mine"}}
    refused = bare.put("/config/nshostname", headers=reader, json=body)
    assert refused.json()["message"] == "Not authorized to execute this command [set ns hostName]"
    assert a.remove("systemuser/reader").status_code == 200


# -- queries ---------------------------------------------------------------------------------------


def test_one_by_name_is_a_list_of_one(a: Talk) -> None:
    assert [row["name"] for row in a.rows("vpnvserver/gateway")] == ["gateway"]


def test_an_interface_is_named_with_double_encoding_and_printed_with_a_capital(a: Talk) -> None:
    reply = a.send("GET", "/config/interface/1%252F1")
    assert [row["id"] for row in reply.json()["Interface"]] == ["1/1"]
    refused = a.send("GET", "/config/interface/1%2F1")
    assert (refused.status_code, refused.json()["errorcode"]) == (400, 1074)


def test_arguments_filters_projection_count_and_pages(lab: Lab, a: Talk) -> None:
    assert [row["type"] for row in a.rows("nsip", f"?args=ipaddress:{lab.external}")] == ["VIP"]
    assert [row["type"] for row in a.rows("nsip", "?filter=type:VIP")] == ["VIP"]
    assert [row["type"] for row in a.rows("nsip", "?filter=type:/N.*/")] == ["NSIP"]
    assert a.rows("nsip", "?attrs=ipaddress&filter=type:NSIP") == [{"ipaddress": lab.a.host}]
    assert a.send("GET", "/config/nsip?count=yes").json()["nsip"] == [{"__count": "2"}]
    first = a.rows("nsip", "?pagesize=1;pageno=1&attrs=type")
    second = a.rows("nsip", "?pagesize=1&pageno=2&attrs=type")
    assert (first, second) == ([{"type": "NSIP"}], [{"type": "VIP"}])
    assert a.rows("nsip", "?view=summary&attrs=type") == [{"type": "NSIP"}, {"type": "VIP"}]


def test_an_empty_result_has_no_member_of_the_type(a: Talk) -> None:
    assert a.send("GET", "/config/route").json() == {"errorcode": 0, "message": "Done", "severity": "NONE"}


def test_unknown_types_attributes_and_verbs(a: Talk) -> None:
    assert a.send("GET", "/config/nonsense").json()["errorcode"] == 1232
    assert (
        a.add("nsip", ipaddress="192.0.2.7", netmask="255.255.255.0", colour="red").json()["errorcode"]
        == 1090
    )
    assert a.act("nsip", "bang", ipaddress="192.0.2.7").json()["errorcode"] == 1240
    assert a.send("DELETE", "/config/nsversion").json()["errorcode"] == 1237


# -- writes ----------------------------------------------------------------------------------------


def test_add_again_is_409_and_idempotent_add_updates(a: Talk) -> None:
    assert a.add("vlan", id=100, aliasname="first").status_code == 201
    again = a.add("vlan", id=100)
    assert (again.status_code, again.json()["message"]) == (409, "Resource already exists [id, 100]")
    changed = a.send("POST", "/config/vlan?idempotent=yes", {"vlan": {"id": 100, "mtu": 1500}})
    assert changed.status_code == 200
    assert a.rows("vlan/100")[0]["aliasname"] == "first"
    assert a.rows("vlan/100")[0]["mtu"] == "1500"
    assert a.send("POST", "/config/vlan?action=unset", {"vlan": {"id": 100, "mtu": True}}).status_code == 200
    assert "mtu" not in a.rows("vlan/100")[0]
    assert a.send("PUT", "/config/vlan/100", {"vlan": {"aliasname": "second"}}).status_code == 200
    assert a.rows("vlan/100")[0]["aliasname"] == "second"
    assert a.remove("vlan/100").status_code == 200
    gone = a.remove("vlan/100")
    assert (gone.status_code, gone.json()["message"]) == (404, "No such resource [id, 100]")


@pytest.mark.parametrize("onerror", ["exit", "continue", "rollback"])
def test_bulk(a: Talk, onerror: str) -> None:
    entries = [{"id": 201}, {"id": 1}, {"id": 202}]
    reply = a.client.post("/config/vlan", json={"vlan": entries}, headers={"X-NITRO-ONERROR": onerror})
    codes = [entry["errorcode"] for entry in reply.json()["response"]]
    there = {row["id"] for row in a.rows("vlan")} & {"201", "202"}
    assert reply.status_code == 207
    if onerror == "exit":
        assert (reply.json()["errorcode"], codes, there) == (1243, [0, 273], {"201"})
    elif onerror == "continue":
        assert (reply.json()["errorcode"], codes, there) == (1243, [0, 273, 0], {"201", "202"})
    else:
        assert (reply.json()["errorcode"], codes, there) == (1241, [0, 273], set())
    for number in there:
        a.remove(f"vlan/{number}")


def test_bulk_that_goes_well_is_201_and_can_be_taken_back(a: Talk) -> None:
    assert a.client.post("/config/vlan", json={"vlan": [{"id": 301}, {"id": 302}]}).status_code == 201
    body = {"vlan": [{"id": 301}, {"id": 302}]}
    assert a.client.post("/config/vlan?action=remove", json=body).status_code == 200
    assert len(a.rows("vlan")) == 1


def test_one_request_may_hold_objects_of_several_types(a: Talk) -> None:
    body = {
        "server": [{"name": "macro", "ipaddress": "192.0.2.70"}],
        "service": {"name": "macro", "servername": "macro", "servicetype": "HTTP", "port": 80},
        "lbvserver": [{"name": "macro", "servicetype": "HTTP"}],
        "lbvserver_service_binding": [{"name": "macro", "servicename": "macro"}],
    }
    assert a.client.post("/config/macroapi", json=body).status_code == 201
    assert a.rows("lbvserver_service_binding/macro")[0]["servicename"] == "macro"
    again = a.client.post("/config/macroapi", json=body, headers={"X-NITRO-ONERROR": "continue"})
    assert again.status_code == 207
    assert [entry["errorcode"] for entry in again.json()["response"]] == [273] * 4
    gone = {"macroapi": {"action": "rm", "lbvserver": [{"name": "macro"}], "service": [{"name": "macro"}]}}
    assert a.client.post("/config/macroapi", json=gone).status_code == 200
    assert a.remove("server/macro").status_code == 200
    assert a.client.post("/config/macroapi", json={"params": {}}).status_code == 400


def test_warnings_are_told_only_to_those_who_ask(lab: Lab, a: Talk) -> None:
    body = {"hanode": {"id": 1, "ipaddress": lab.b.host}}
    reply = a.send("POST", "/config/hanode?warning=yes", body)
    assert reply.status_code == 209
    assert reply.reason_phrase == "X-NITRO-WARNING"
    assert reply.json()["severity"] == "WARNING"
    assert reply.headers["X-NITRO-WARNING"].startswith("1064 - One or more RPC nodes")
    assert a.remove("hanode/1").status_code == 200
    assert a.send("POST", "/config/hanode", body).status_code == 201
    assert a.remove("hanode/1").status_code == 200


def test_the_old_form_post_names_the_type_and_the_action_in_the_body(lab: Lab) -> None:
    base = f"https://{lab.a.address}/nitro/v1/config"
    with httpx.Client(verify=trust(lab), timeout=10, trust_env=False) as client:
        login = json.dumps({"login": {"username": "nsroot", "password": lab.password}})
        session = client.post(f"{base}/", data={"object": login}).json()["sessionid"]
        client.cookies.clear()
        headers = {"Cookie": f"sessionid={session}"}
        save = json.dumps({"params": {"action": "save"}, "nsconfig": {}})
        assert client.post(f"{base}/", data={"object": save}, headers=headers).status_code == 200


def test_the_header_for_saving_saves(a: Talk) -> None:
    assert a.add("vlan", id=7).status_code == 201
    assert a.rows("nsconfig")[0]["configchanged"] is True
    reply = a.client.delete("/config/vlan/7", headers={"X-NITRO-SAVECONFIG": "yes"})
    assert reply.status_code == 200
    assert a.rows("nsconfig")[0]["configchanged"] is False


def test_plain_http_answers_too(lab: Lab) -> None:
    headers = {"X-NITRO-USER": "nsroot", "X-NITRO-PASS": lab.password}
    url = f"http://{lab.a.host}:{lab.a.ports.plain}/nitro/v1/config/nsversion"
    assert httpx.get(url, headers=headers, timeout=10, trust_env=False).json()["nsversion"]["mode"] == "1"
