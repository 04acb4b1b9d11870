"""Pairs over independent networks, monitored routes, heartbeats per interface, losses, fail-safe."""

from __future__ import annotations

import pytest
from emulator_talk import Talk, form, in_health, share_key, synchronise, who_serves
from waiting import until

pytestmark = pytest.mark.slow


def form_independent(a: Talk, b: Talk) -> None:
    b.set("hanode", id=0, hastatus="STAYSECONDARY")
    assert a.add("hanode", id=1, ipaddress=b.node.host, inc="ENABLED").status_code == 201
    assert b.add("hanode", id=1, ipaddress=a.node.host, inc="ENABLED").status_code == 201
    share_key(a, b, a.lab.shared_key)
    b.set("hanode", id=0, hastatus="ENABLED")
    until(lambda: in_health(a, b), "first synchronisation")


def test_in_independent_networks_snips_vlans_and_routes_stay_local(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form_independent(a, b)
    lab = a.lab
    mask = "255.255.255.0"
    assert b.add("nsip", ipaddress=f"{lab.network}.52", netmask=mask, mgmtaccess="ENABLED").status_code == 201
    assert a.add("nsip", ipaddress=f"{lab.network}.51", netmask=mask).status_code == 201
    assert a.add("vlan", id=5).status_code == 201
    assert a.add("server", name="shared", ipaddress="192.0.2.80").status_code == 201
    synchronise(a, b)
    assert f"{lab.network}.51" not in b.addresses()
    assert f"{lab.network}.52" in b.addresses()
    assert len(b.rows("vlan")) == 1
    assert [row["name"] for row in b.rows("server")] == ["shared"]
    until(lambda: f"{lab.network}.52:8443" in str(lab.b.status()["bound"]), "its own SNIP on the secondary")
    assert lab.external in str(lab.a.status()["addresses"])


def test_a_lost_monitored_route_hands_the_role_over(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form_independent(a, b)
    for each in talks:
        each.add("hanode_routemonitor_binding", id=0, routemonitor="198.51.100.0")
    a.node.admin("PUT", "/hardware", {"routes_failed": True})
    until(lambda: b.views()[0][0] == "Primary", "takeover")
    assert a.statistics()["hacurstate"] == "ROUTEMONITORFAIL"


def test_heartbeats_on_one_interface_are_enough(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    for each in talks:
        assert each.set("Interface", id="1/1", haheartbeat="OFF").status_code == 200
    assert a.rows("hanode/0")[0]["haheartbeatifaces"] == "1/1"
    received = int(a.statistics()["hatotpktrx"])
    until(lambda: int(a.statistics()["hatotpktrx"]) > received + 20, "heartbeats go on")
    assert (a.views()[0][0], b.views()[0][0]) == ("Primary", "Secondary")
    assert a.rows("hanode/0")[0]["ifaces"] == ""


def test_without_any_heartbeat_interface_both_become_primary(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    for name in ("1/1", "1/2"):
        b.set("Interface", id=name, haheartbeat="OFF")
    until(lambda: b.views()[0][0] == "Primary", "split brain")
    gone = [("Primary", "UP", "ENABLED"), ("UNKNOWN", "NOT UP", "UNKNOWN")]
    until(lambda: a.views() == gone, "the other side of it")


@pytest.mark.parametrize("way", ["outgoing", "incoming"])
def test_a_partition_one_way_ends_with_one_node_serving_once_mended(
    talks: tuple[Talk, Talk], way: str
) -> None:
    a, b = talks
    form(a, b)
    a.node.cut_network(outgoing=way == "outgoing", incoming=way == "incoming")
    silent, other = (b, a) if way == "outgoing" else (a, b)
    until(lambda: silent.views()[1][0] == "UNKNOWN", "one no longer hears the other")
    a.node.mend_network()
    until(lambda: {a.views()[0][0], b.views()[0][0]} == {"Primary", "Secondary"}, "one primary")
    until(lambda: other.views()[1][0] != "UNKNOWN", "both hear each other")
    until(lambda: who_serves(a.lab) is not None, "users are served")


def test_lost_heartbeats_do_not_shake_a_pair(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    for each in talks:
        each.node.admin("PUT", "/network", {"loss": 0.3})
    received = int(b.statistics()["hatotpktrx"])
    until(lambda: int(b.statistics()["hatotpktrx"]) > received + 30, "heartbeats go on")
    assert (a.views()[0][0], b.views()[0][0]) == ("Primary", "Secondary")


def test_fail_safe_keeps_the_last_primary_when_both_are_unhealthy(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    for each in talks:
        each.set("hanode", id=0, failsafe="ON")
    b.node.admin("PUT", "/hardware", {"failed_links": ["1/2"]})
    until(lambda: a.rows("hanode/1")[0]["pfifaces"] == "1/2", "the primary knows that its peer is unhealthy")
    a.node.admin("PUT", "/hardware", {"failed_links": ["1/2"]})
    until(lambda: a.statistics()["hacurstate"] == "PARTIALFAIL", "unhealthy")
    received = int(a.statistics()["hatotpktrx"])
    until(lambda: int(a.statistics()["hatotpktrx"]) > received + 20, "some time passes")
    assert (a.views()[0][0], b.views()[0][0]) == ("Primary", "Secondary")
    assert who_serves(a.lab) == a.node.host
    a.set("hanode", id=0, failsafe="OFF")
    b.set("hanode", id=0, failsafe="OFF")
    until(lambda: who_serves(a.lab) is None, "nobody serves")


def test_changing_addresses_reach_both_nodes_after_a_failover(talks: tuple[Talk, Talk]) -> None:
    a, b = talks
    form(a, b)
    lab = a.lab
    assert a.act("hafailover", "Force", force=True).status_code == 200
    until(lambda: b.views()[0][0] == "Primary", "the other node takes over")
    new = f"{lab.network}.25"
    assert b.add("nsip", ipaddress=new, netmask="255.255.255.255", type="VIP").status_code == 201
    assert b.set("vpnvserver", name="gateway", ipv46=new).status_code == 200
    assert lab.external not in b.addresses()  # it came with the virtual server and goes with it
    until(lambda: a.views()[0][2] == "SUCCESS", "the old primary follows")
    until(lambda: a.addresses() == (b.addresses() - {lab.b.host}) | {lab.a.host}, "both have it")
    until(lambda: f"{new}:8443" in str(lab.b.status()["bound"]), "the new address answers")
