"""Resources: the system, files and users of a single appliance, its interfaces, services and certificates."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from emulator_talk import Talk, refused

from gatepair_emulator.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(standing_lab: Lab) -> Lab:
    return standing_lab


# -- system ----------------------------------------------------------------------------------------


def test_host_names(a: Talk) -> None:
    assert refused(a.set("nshostname", hostname="no good")) == (599, 417)
    assert refused(a.set("nshostname", hostname="x" * 256)) == (400, 1106)
    assert a.set("nshostname", hostname="gw-x").status_code == 200
    assert a.rows("nshostname") == [{"hostname": "gw-x"}]
    assert a.rows("hanode/0")[0]["name"] == "gw-x"
    a.set("nshostname", hostname="gw-a")


def test_features_and_modes(a: Talk) -> None:
    assert a.act("nsfeature", "disable", feature=["LB"]).status_code == 200
    assert a.rows("nsfeature")[0]["lb"] is False
    body = {"lbvserver": {"name": "warned", "servicetype": "HTTP"}}
    reply = a.send("POST", "/config/lbvserver?warning=yes", body)
    assert (reply.status_code, reply.headers["X-NITRO-WARNING"]) == (
        209,
        "1067 - Feature(s) not enabled [LB]",
    )
    assert a.remove("lbvserver/warned").status_code == 200
    assert a.act("nsfeature", "enable", feature="lb").status_code == 200
    assert "LB" in a.rows("nsfeature")[0]["feature"]
    assert refused(a.act("nsmode", "enable", mode=["WARP"])) == (400, 1097)


def test_files_are_written_read_and_removed(a: Talk) -> None:
    content = base64.b64encode(b"a file").decode()
    file = {"filename": "x.txt", "filelocation": "/var/tmp"}  # noqa: S108 - a path of the appliance
    assert a.add("systemfile", filecontent=content, fileencoding="BASE64", **file).status_code == 201
    assert refused(a.add("systemfile", filecontent=content, **file)) == (409, 273)
    found = a.rows("systemfile", "?args=filename:x.txt,filelocation:%2Fvar%2Ftmp")
    assert [row["filecontent"] for row in found] == [content]
    assert refused(a.add("systemfile", filename="x", filelocation="/no/where", filecontent=content)) == (
        599,
        3445,
    )
    assert a.remove("systemfile/x.txt?args=filelocation:%252Fvar%252Ftmp").status_code == 200
    assert refused(a.remove("systemfile/x.txt?args=filelocation:%2Fvar%2Ftmp")) == (404, 258)


def test_a_path_cannot_leave_the_appliances_disk(a: Talk) -> None:
    content = base64.b64encode(b"x").decode()
    escape = {"filename": "../../escaped", "filelocation": "/nsconfig/../../.."}
    a.add("systemfile", filecontent=content, **escape)
    assert list(a.node.directory.parent.glob("escaped")) == []
    assert not (a.node.directory / "escaped").exists()


def test_users_have_passwords_that_count(a: Talk) -> None:
    assert refused(a.add("systemuser", username="u")) == (400, 1095)
    assert a.add("systemuser", username="u", password="canary-user").status_code == 201
    assert "canary-user" not in a.send("GET", "/config/systemuser").text
    assert refused(a.set("systemuser", username="u", maxsession=41)) == (400, 1108)
    assert a.set("systemuser", username="u", password="canary-other").status_code == 200
    login = {"login": {"username": "u", "password": "canary-other"}}
    assert a.send("POST", "/config/login", login).status_code == 201
    a.client.cookies.clear()
    assert refused(a.remove("systemuser/nsroot")) == (599, 257)
    assert a.remove("systemuser/u").status_code == 200


def test_a_backup_and_its_removal(a: Talk) -> None:
    assert a.act("systembackup", "create", filename="before", level="full").status_code == 200
    assert [row["filename"] for row in a.rows("systembackup")] == ["before.tgz"]
    assert a.remove("systembackup/before.tgz").status_code == 200
    assert refused(a.remove("systembackup/before.tgz")) == (404, 258)


# -- network, balancing, certificates --------------------------------------------------------------


def test_interfaces(a: Talk) -> None:
    assert [row["id"] for row in a.rows("Interface")] == ["1/1", "1/2", "LO/1"]
    assert a.set("Interface", id="1/2", hamonitor="OFF").status_code == 200
    assert a.rows("hanode/0")[0]["hamonifaces"] == "1/1"
    assert a.act("Interface", "disable", id="1/2").status_code == 200
    assert a.rows("Interface/1%252F2")[0]["state"] == "DISABLED"
    assert a.rows("hanode/0")[0]["disifaces"] == "1/2"
    assert a.act("Interface", "enable", id="1/2").status_code == 200
    assert a.act("Interface", "unset", id="1/2", hamonitor=True).status_code == 200
    assert refused(a.set("Interface", id="9/9", hamonitor="OFF")) == (404, 258)
    assert refused(a.set("Interface", id="1/1", mac="00:11:22:33:44:55")) == (400, 1090)


def test_routes_have_a_compound_key(a: Talk) -> None:
    route = {"network": "198.51.100.0", "netmask": "255.255.255.0", "gateway": "192.0.2.1"}
    assert a.add("route", **route).status_code == 201
    assert a.add("route", **{**route, "gateway": "192.0.2.2"}).status_code == 201
    assert len(a.rows("route", "?args=network:198.51.100.0")) == 2
    assert a.rows("route")[0]["distance"] == "1"
    for gateway in ("192.0.2.1", "192.0.2.2"):
        gone = a.remove(f"route/198.51.100.0?args=netmask:255.255.255.0,gateway:{gateway}")
        assert gone.status_code == 200


def test_services_and_their_virtual_server(a: Talk) -> None:
    assert a.add("server", name="web", ipaddress="192.0.2.80").status_code == 201
    assert refused(a.add("service", name="s", ip="192.0.2.80", servicetype="HTTP", port=80)) == (409, 1335)
    service = {"name": "s", "servername": "web", "servicetype": "HTTP", "port": 80}
    assert a.add("service", **service).status_code == 201
    assert a.add("lbvserver", name="lb", servicetype="HTTP").status_code == 201
    assert a.rows("lbvserver/lb")[0]["curstate"] == "DOWN"
    binding = {"name": "lb", "servicename": "s"}
    assert refused(a.set("lbvserver_service_binding", **{**binding, "servicename": "no"})) == (404, 463)
    assert a.set("lbvserver_service_binding", **binding).status_code in {200, 201}
    row = a.rows("lbvserver_service_binding/lb")[0]
    assert (row["weight"], row["port"]) == ("1", 80)
    assert a.rows("lbvserver/lb")[0]["curstate"] == "UP"
    assert a.send("GET", "/stat/lbvserver/lb").json()["lbvserver"][0]["state"] == "UP"
    assert refused(a.remove("server/web")) == (599, 257)
    assert a.remove("lbvserver_service_binding/lb?args=servicename:s").status_code == 200
    for path in ("lbvserver/lb", "service/s", "server/web"):
        assert a.remove(path).status_code == 200
    assert refused(a.send("GET", "/config/service/s")) == (404, 344)


def test_certificates_need_files_that_belong_together(a: Talk, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.create()
    for stem in ("one", "two"):
        chain, key = authority.issue("other.example.net")
        for suffix, content in (("pem", chain), ("key", key)):
            file = {"filename": f"{stem}.{suffix}", "filelocation": "/nsconfig/ssl"}
            a.add("systemfile", filecontent=base64.b64encode(content).decode(), **file)
    assert refused(a.add("sslcertkey", certkey="c", cert="none.pem", key="none.key")) == (599, 3441)
    assert refused(a.add("sslcertkey", certkey="c", cert="one.pem", key="two.key")) == (400, 1097)
    assert a.add("sslcertkey", certkey="c", cert="one.pem", key="one.key").status_code == 201
    assert a.rows("sslcertkey/c")[0]["status"] == "Valid"
    assert a.act("sslcertkey", "update", certkey="c", cert="two.pem", key="two.key").status_code == 200
    binding = {"vservername": "gateway", "certkeyname": "c"}
    assert a.set("sslvserver_sslcertkey_binding", **binding).status_code in {200, 201}
    names = [row["certkeyname"] for row in a.rows("sslvserver_sslcertkey_binding/gateway")]
    assert names == ["c"]
    assert refused(a.remove("sslcertkey/c")) == (599, 257)
    a.set("sslvserver_sslcertkey_binding", vservername="gateway", certkeyname="gateway")
    assert a.remove("sslcertkey/c").status_code == 200
    missing = {"vservername": "gateway", "certkeyname": "none"}
    assert refused(a.set("sslvserver_sslcertkey_binding", **missing)) == (599, 1540)


def test_session_policies_at_the_gateway(a: Talk) -> None:
    assert a.add("vpnsessionaction", name="act", wihome="http://wi.example.net").status_code == 201
    assert a.add("vpnsessionpolicy", name="pol", rule="true", action="act").status_code == 201
    binding = {"name": "gateway", "policy": "pol", "priority": 100}
    assert a.set("vpnvserver_vpnsessionpolicy_binding", **binding).status_code in {200, 201}
    assert a.rows("vpnvserver_vpnsessionpolicy_binding/gateway")[0]["priority"] == "100"
    missing = {"name": "gateway", "policy": "none"}
    assert refused(a.set("vpnvserver_vpnsessionpolicy_binding", **missing)) == (404, 258)


def test_clear_basic_keeps_the_network_and_the_node_and_clears_the_rest(lab: Lab) -> None:
    with Talk(lab, lab.b) as b:
        b.add("vlan", id=44)
        b.add("nsip", ipaddress=f"{lab.network}.60", netmask="255.255.255.0")
        b.add("server", name="web", ipaddress="192.0.2.80")
        b.set("hanode", id=0, hellointerval=400)
        assert refused(b.act("nsconfig", "clear", force=True)) == (400, 1095)
        assert b.act("nsconfig", "clear", level="basic", force=True).status_code == 200
        assert b.rows("server") == []
        assert [row["id"] for row in b.rows("vlan")] == ["1", "44"]
        assert f"{lab.network}.60" in b.addresses()
        assert b.rows("hanode/0")[0]["hellointerval"] == 400
        assert b.act("nsconfig", "clear", level="full", force=True).status_code == 200
        assert b.addresses() == {lab.b.host}
        assert b.rows("hanode/0")[0]["hellointerval"] == 200
        assert len(b.rows("vlan")) == 1
