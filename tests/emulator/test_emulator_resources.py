"""Resources: wire types, defaults, ranges and refusals of a single appliance; its HA nodes and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import Talk, refused

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(standing_lab: Lab) -> Lab:
    return standing_lab


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
