"""Resources: wire types, defaults, ranges, prerequisites and refusals of a single appliance."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import Talk

from gatepair_emulator.certificates import Authority
from gatepair_emulator.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab.start(tmp_path_factory.mktemp("emulator") / "pair", clock=5) as lab:
        yield lab


@pytest.fixture
def a(lab: Lab) -> Iterator[Talk]:
    with Talk(lab, lab.a) as talk:
        yield talk


def refused(reply: Any) -> tuple[int, int]:
    return reply.status_code, reply.json()["errorcode"]


# -- wire types ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "texts", "numbers", "flags", "lists"),
    [
        (
            "hanode",
            {"id", "maxflips", "maxfliptime", "curflips", "completedfliptime", "flags", "ifaces"},
            {"hellointerval", "deadinterval", "masterstatetime"},
            set(),
            set(),
        ),
        (
            "nsip",
            {"td", "flags", "tag", "ownernode", "ospfareaval", "vipvsercount", "freeports"},
            {"metric", "riserhimsgcode"},
            {"viprtadv2bsd"},
            {"iptype"},
        ),
        ("vpnvserver", {"range", "curaaausers", "curstate"}, {"port", "status"}, set(), set()),
        ("sslcertkey", {"status", "notificationperiod"}, {"daystoexpiration"}, set(), set()),
        ("authenticationldapaction", {"authtimeout"}, {"serverport"}, set(), set()),
        ("nsconfig", {"ipaddress", "primaryip", "systemtype"}, set(), {"configchanged"}, set()),
        ("nsversion", {"version", "mode"}, set(), set(), set()),
        ("Interface", {"id", "mtu", "uptime", "mac"}, set(), set(), set()),
        ("nslicense", {"modelid"}, set(), {"lb", "sslvpn", "isplatinumlic"}, set()),
        ("nsfeature", set(), set(), {"lb", "sslvpn", "gslb"}, {"feature"}),
    ],
)
def test_wire_types(  # noqa: PLR0917 - a table
    a: Talk, kind: str, texts: set[str], numbers: set[str], flags: set[str], lists: set[str]
) -> None:
    row = a.rows(kind)[0]
    assert {name for name in texts if not isinstance(row[name], str)} == set()
    assert {name for name in numbers if type(row[name]) is not int} == set()
    assert {name for name in flags if type(row[name]) is not bool} == set()
    assert {name for name in lists if not isinstance(row[name], list)} == set()


@pytest.mark.parametrize(
    "kind", ["nsversion", "nsconfig", "nshardware", "nsfeature", "nsmode", "nslicense", "systemparameter"]
)
def test_some_types_are_objects(a: Talk, kind: str) -> None:
    assert isinstance(a.send("GET", f"/config/{kind}").json()[kind], dict)


@pytest.mark.parametrize("kind", ["hanode", "ns", "system"])
def test_statistics_are_objects(a: Talk, kind: str) -> None:
    assert isinstance(a.send("GET", f"/stat/{kind}").json()[kind], dict)


def test_types_without_statistics_say_so(a: Talk) -> None:
    assert refused(a.send("GET", "/stat/nsip")) == (400, 1088)


def test_the_order_of_attributes_of_a_node_is_that_of_recorded_replies(a: Talk) -> None:
    assert list(a.rows("hanode")[0])[:8] == [
        "id",
        "name",
        "ipaddress",
        "flags",
        "hastatus",
        "state",
        "hasync",
        "haprop",
    ]


def test_the_version_matches_what_clients_look_for(a: Talk) -> None:
    version = a.rows("nsversion")[0]["version"]
    assert version.startswith("NetScaler NS14.1: Build 47.48.nc, Date: ")
    assert a.rows("nsversion", "?args=installedversion:true")[0]["installedversion"] is True


# -- hanode ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"id": 0, "hellointerval": 300}, (400, 1148)),
        ({"id": 0, "hellointerval": 100}, (400, 1109)),
        ({"id": 0, "hellointerval": 1200}, (400, 1108)),
        ({"id": 0, "deadinterval": 2}, (400, 1109)),
        ({"id": 0, "deadinterval": 61}, (400, 1108)),
        ({"id": 0, "hastatus": "PRIMARY"}, (400, 1097)),
        ({"id": 0, "syncvlan": 5000}, (400, 1108)),
        ({"id": 0, "ipaddress": "192.0.2.5"}, (599, 278)),
        ({"id": 0, "inc": "ENABLED"}, (599, 278)),
        ({"id": 0, "rpcnodepassword": "x"}, (599, 278)),
        ({"id": 0, "state": "Primary"}, (599, 278)),
        ({"id": 0, "colour": "red"}, (400, 1090)),
        ({"id": 7, "hasync": "ENABLED"}, (404, 258)),
        ({"id": 0}, (599, 431)),
    ],
)
def test_what_a_node_refuses(a: Talk, values: dict[str, Any], answer: tuple[int, int]) -> None:
    assert refused(a.set("hanode", **values)) == answer


def test_settings_of_node_0_read_back_and_can_be_unset(a: Talk) -> None:
    given = {"hellointerval": "1000", "deadinterval": 10, "failsafe": "ON", "maxflips": 3, "syncvlan": 9}
    assert a.set("hanode", id=0, **given).status_code == 200
    row = a.rows("hanode/0")[0]
    assert (row["hellointerval"], row["deadinterval"], row["failsafe"]) == (1000, 10, "ON")
    assert (row["maxflips"], row["syncvlan"]) == ("3", 9)
    unset = {"id": 0, **dict.fromkeys(given, True)}
    assert a.act("hanode", "unset", **unset).status_code == 200
    row = a.rows("hanode/0")[0]
    assert (row["hellointerval"], row["deadinterval"], row["failsafe"]) == (200, 3, "OFF")
    assert (row["maxflips"], "syncvlan" in row) == ("0", False)


@pytest.mark.parametrize("written", ["STAYSECONDARY", "STAYPRIMARY", "DISABLED"])
def test_status_reads_as_written_but_enabled_reads_up(a: Talk, written: str) -> None:
    assert a.set("hanode", hastatus=written).status_code == 200  # without id it is node 0
    assert a.rows("hanode/0")[0]["hastatus"] == written
    assert a.set("hanode", id="0", hastatus="ENABLE").status_code == 200
    assert a.rows("hanode/0")[0]["hastatus"] == "UP"


def test_node_0_cannot_be_removed_and_is_one_of_one(a: Talk) -> None:
    assert refused(a.remove("hanode/0")) == (599, 362)
    assert a.send("GET", "/config/hanode?count=yes").json()["hanode"] == [{"__count": "1"}]


def test_peers_that_are_refused(lab: Lab, a: Talk) -> None:
    assert refused(a.add("hanode", id=1)) == (400, 1095)
    assert refused(a.add("hanode", id=65, ipaddress=lab.b.host)) == (400, 1108)
    assert refused(a.add("hanode", id=1, ipaddress=lab.a.host)) == (599, 415)
    assert refused(a.add("hanode", id=1, ipaddress="198.51.100.9")) == (599, 414)
    assert refused(a.add("hanode", id=0, ipaddress=lab.b.host)) == (409, 273)
    assert refused(a.add("hanode", id=1, ipaddress=lab.b.host, hasync="ENABLED")) == (599, 278)


def test_what_a_peer_brings_and_forbids(lab: Lab, a: Talk) -> None:
    assert a.add("hanode", id=5, ipaddress=lab.b.host, rpcnodepassword="canary-rpc").status_code == 201
    try:
        assert {row["ipaddress"] for row in a.rows("nsrpcnode")} == {lab.a.host, lab.b.host}
        assert "canary-rpc" not in a.send("GET", "/config/nsrpcnode").text
        assert refused(a.add("hanode", id=6, ipaddress=f"{lab.network}.77")) == (599, 348)
        assert refused(a.add("nsip", ipaddress=lab.b.host, netmask="255.255.255.0")) == (599, 994)
        assert refused(a.set("hanode", id=5, hellointerval=400)) == (599, 278)
        a.set("hanode", id=0, syncvlan=7)
        assert refused(a.remove("hanode/5")) == (599, 1385)
        a.act("hanode", "unset", id=0, syncvlan=True)
    finally:
        assert a.remove("hanode/5").status_code == 200
    assert a.rows("nsrpcnode") == []


def test_independent_networks_have_rules_of_their_own(a: Talk) -> None:
    assert refused(a.add("hanode_routemonitor_binding", id=0, routemonitor="198.51.100.0")) == (599, 443)
    assert a.add("hanode", id=1, ipaddress="198.51.100.9", inc="ENABLED").status_code == 201
    try:
        assert refused(a.set("hanode", id=0, syncvlan=7)) == (599, 2399)
        monitor = {"id": 0, "routemonitor": "198.51.100.0", "netmask": "255.255.255.0"}
        assert a.set("hanode_routemonitor_binding", **monitor).status_code in {200, 201}
        assert a.rows("hanode_routemonitor_binding/0")[0]["routemonitorstate"] == "UP"
        assert "hanode_routemonitor_binding" in a.rows("hanode_binding/0")[0]
        assert refused(a.remove("hanode/1")) == (599, 377)
        gone = "hanode_routemonitor_binding/0?args=routemonitor:198.51.100.0,netmask:255.255.255.0"
        assert a.remove(gone).status_code == 200
    finally:
        assert a.remove("hanode/1").status_code == 200


def test_a_shared_key_needs_an_entry_and_speaks_two_dialects(lab: Lab, a: Talk) -> None:
    assert refused(a.set("nsrpcnode", ipaddress=lab.b.host, password="x")) == (404, 258)
    assert refused(a.add("nsrpcnode", ipaddress=lab.b.host, password="x")) == (405, 1237)
    a.add("hanode", id=1, ipaddress=lab.b.host)
    for written, read in (("YES", "ON"), ("OFF", "OFF"), ("NO", "OFF"), ("ON", "ON")):
        assert a.set("nsrpcnode", ipaddress=lab.b.host, secure=written).status_code == 200
        assert a.rows(f"nsrpcnode/{lab.b.host}")[0]["secure"] == read
    a.remove("hanode/1")


# -- addresses -------------------------------------------------------------------------------------


def test_the_management_address_stays(lab: Lab, a: Talk) -> None:
    own = next(row for row in a.rows("nsip") if row["type"] == "NSIP")
    assert (own["ipaddress"], own["mgmtaccess"]) == (lab.a.host, "ENABLED")
    assert refused(a.remove(f"nsip/{lab.a.host}")) == (599, 257)
    mask = "255.255.255.0"
    assert refused(a.add("nsip", ipaddress="192.0.2.1", netmask=mask, type="NSIP")) == (599, 996)
    assert refused(a.set("nsip", ipaddress=lab.a.host, arp="DISABLED")) == (599, 998)
    assert refused(a.act("nsip", "disable", ipaddress=lab.a.host)) == (599, 999)


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"netmask": "255.255.255.0"}, (400, 1095)),
        ({"ipaddress": "192.0.2.40"}, (400, 1095)),
        ({"ipaddress": "nonsense", "netmask": "255.255.255.0"}, (400, 1074)),
        ({"ipaddress": "192.0.2.40", "netmask": "255.255.255.0", "type": "SNOP"}, (400, 1097)),
        (
            {"ipaddress": "192.0.2.40", "netmask": "255.255.255.0", "type": "VIP", "mgmtaccess": "ENABLED"},
            (599, 1002),
        ),
        ({"ipaddress": "192.0.2.40", "netmask": "255.255.255.0", "metric": "much"}, (400, 1097)),
    ],
)
def test_addresses_that_are_refused(a: Talk, values: dict[str, Any], answer: tuple[int, int]) -> None:
    assert refused(a.add("nsip", **values)) == answer


def test_the_life_of_an_address(lab: Lab, a: Talk) -> None:
    floating = f"{lab.network}.33"
    assert a.add("nsip", ipaddress=floating, netmask="255.255.255.0").status_code == 201
    assert a.rows("nsip", f"?args=ipaddress:{floating}")[0]["type"] == "SNIP"
    assert refused(a.add("nsip", ipaddress=floating, netmask="255.255.255.0")) == (409, 273)
    assert a.set("nsip", ipaddress=floating, vserver="DISABLED", type="VIP").status_code == 200
    row = a.rows(f"nsip/{floating}")[0]
    assert (row["vserver"], row["type"]) == ("DISABLED", "SNIP")
    assert a.act("nsip", "unset", ipaddress=floating, vserver=True).status_code == 200
    assert a.rows(f"nsip/{floating}")[0]["vserver"] == "ENABLED"
    assert a.remove(f"nsip?args=ipaddress:{floating},td:0").status_code == 200
    assert refused(a.send("GET", f"/config/nsip?args=ipaddress:{floating}")) == (404, 258)


def test_ipv6_addresses(a: Talk) -> None:
    assert refused(a.add("nsip6", ipv6address="2001:db8::5")) == (400, 1074)
    assert a.add("nsip6", ipv6address="2001:db8::5/64").status_code == 201
    assert a.rows("nsip6", "?args=ipv6address:2001%3Adb8%3A%3A5%2F64")[0]["systemtype"] == "Stand-alone"
    assert a.remove("nsip6/2001%253Adb8%253A%253A5%252F64").status_code == 200


def test_a_virtual_server_brings_its_address_and_takes_it_along(lab: Lab, a: Talk) -> None:
    first, second = f"{lab.network}.41", f"{lab.network}.42"
    assert a.add("vpnvserver", name="other", servicetype="SSL", ipv46=first, port=8443).status_code == 201
    assert a.rows(f"nsip/{first}")[0]["type"] == "VIP"
    assert a.rows("vpnvserver/other")[0]["value"] == "Certkey not bound"
    assert a.rows("vpnvserver/other")[0]["curstate"] == "DOWN"
    assert a.set("vpnvserver", name="other", ipv46=second).status_code == 200
    assert first not in a.addresses()
    assert second in a.addresses()
    assert refused(a.set("vpnvserver", name="other", port=9443)) == (599, 278)
    assert refused(a.add("vpnvserver", name="third", servicetype="SSL", ipv46=second, port=8443)) == (
        409,
        273,
    )
    assert a.act("vpnvserver", "rename", name="other", newname="renamed").status_code == 200
    assert refused(a.act("vpnvserver", "rename", name="other", newname="x")) == (404, 258)
    assert a.act("vpnvserver", "disable", name="renamed").status_code == 200
    assert a.rows("vpnvserver/renamed")[0]["state"] == "DISABLED"
    assert a.remove("vpnvserver/renamed").status_code == 200
    assert second not in a.addresses()


def test_an_address_that_was_added_by_hand_stays_without_its_virtual_server(lab: Lab, a: Talk) -> None:
    address = f"{lab.network}.43"
    assert a.add("nsip", ipaddress=address, netmask="255.255.255.255", type="VIP").status_code == 201
    assert a.add("vpnvserver", name="v", servicetype="SSL", ipv46=address, port=8443).status_code == 201
    assert a.remove("vpnvserver/v").status_code == 200
    assert address in a.addresses()
    assert a.remove(f"nsip/{address}").status_code == 200


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
