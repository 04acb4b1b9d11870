"""Networks and virtual IPs that are managed apart: shown with their pair, in words."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from review_cases import document, plan_of, review_of, reviewed, row, with_data

from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from cdktf_stacks.review.model import PairReview

A = "restapi_object.office_192_0_2_11_8443"


def with_network(before: dict[str, Any], after: dict[str, Any]) -> PairReview:
    changed = document("nothing")
    change = row(changed, A)["change"]
    change["actions"] = ["update"]
    for side, values in (("before", before), ("after", after)):
        change[side] = change[side] | {"data": json.dumps({"id": "192.0.2.11:8443"} | values)}
    (pair,) = review_of(plan_of(changed)).pairs
    return pair


def titles(pair: PairReview) -> str:
    return "\n".join(step.title for step in pair.steps)


def test_vlans_routes_and_servers_are_steps_and_changes_in_words() -> None:
    (pair,) = reviewed("shared-network").pairs
    assert "Add the DNS server 192.0.2.54\nRemove the DNS server 192.0.2.53" in titles(pair)
    assert "Add the NTP server time.example.net" in titles(pair)
    assert "Add the route 10.3.0.0/16 via 192.0.2.3\nRemove the route 10.1.0.0/16 via 192.0.2.1" in titles(
        pair
    )
    assert "Remove VLAN 30 (voice)\nName VLAN 20: dmz -> outside" in titles(pair)
    assert pair.impact is Impact.RECONNECT
    shown = {change.label: (change.before, change.after) for change in pair.changes}
    assert shown["192.0.2.11:8443: DNS servers"] == ("192.0.2.53", "192.0.2.54")
    assert shown["192.0.2.11:8443: vlans 20 alias"] == ("dmz", "outside")
    assert "default route" in " ".join(pair.risks)
    assert any("name servers" in line for line in pair.touch)


def test_a_new_vlan_and_a_new_route_are_told() -> None:
    (vlan,), (route,) = (reviewed(kind).pairs for kind in ("vlan-new", "route-new"))
    assert titles(vlan) == "Add VLAN 20 (dmz) with interface 1/2 tagged"
    assert any("the switch needs the same VLANs" in risk for risk in vlan.risks)
    assert titles(route) == "Add the route 10.1.0.0/16 via 192.0.2.1"
    assert route.impact is Impact.NONE


def test_an_interface_that_is_switched_off_cuts_sessions() -> None:
    on = {"heartbeat": "on", "monitor": "on", "state": "enabled"}
    pair = with_network({"interfaces": {"1/3": on}}, {"interfaces": {"1/3": on | {"state": "disabled"}}})
    assert pair.impact is Impact.RECONNECT
    assert pair.users.startswith("sessions that use what is changed are cut")


def test_a_key_of_a_network_that_is_not_known_is_shown_and_counts_as_an_outage() -> None:
    pair = with_network({"host_name": "gw-a"}, {"host_name": "gw-a", "lanes": {"blue": 4}})
    assert ("192.0.2.11:8443: lanes blue", "4") in {(change.label, change.after) for change in pair.changes}
    assert pair.impact is Impact.OUTAGE


def virtual_ip(before: dict[str, str] | None, after: dict[str, str] | None) -> PairReview:
    changed = document("nothing")
    new = copy.deepcopy(row(changed))
    base = {"netmask": "255.255.255.255", "role": "external", "management_access": ""}
    path = {"path": "/v1/pairs/192.0.2.11:8443,192.0.2.12:8443/virtual-ips/{id}"}
    actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
    new |= {"address": "restapi_object.hall_users", "name": "hall_users"}
    new["change"] = {"actions": actions}
    for side, values in (("before", before), ("after", after)):
        new["change"][side] = None if values is None else path | {"data": json.dumps(base | values)}
    changed["resource_changes"].append(new)
    (pair,) = review_of(plan_of(changed)).pairs
    return pair


def test_a_virtual_ip_apart_from_its_pair_is_shown_with_it() -> None:
    pair = virtual_ip(None, {"address": "192.0.2.77"})
    assert pair.name == "office"
    assert "Add the external virtual IP 192.0.2.77" in titles(pair)
    assert any("DNS" in line and "192.0.2.77" in line for line in pair.touch)


def test_one_that_is_both_is_to_be_let_through_on_both_sides() -> None:
    pair = virtual_ip(None, {"address": "192.0.2.77", "role": "both", "management_access": "enabled"})
    assert any(line.startswith("NAT and firewall: let users reach 192.0.2.77") for line in pair.touch)
    assert "Firewall to the back ends: allow 192.0.2.77." in pair.touch


def test_one_that_moves_makes_users_reconnect_and_one_that_goes_stays_on_the_appliances() -> None:
    moved = virtual_ip({"address": "192.0.2.77"}, {"address": "192.0.2.78"})
    assert moved.impact is Impact.RECONNECT
    gone = virtual_ip({"address": "192.0.2.77"}, None)
    assert gone.impact is Impact.NONE
    assert any("stays on the appliances" in line for line in gone.touch)


def test_nothing_of_it_starts_node() -> None:
    code = (
        "import sys, pkgutil, importlib, cdktf_stacks.review as r\n"
        "names = [m.name for m in pkgutil.walk_packages(r.__path__, r.__name__ + '.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "assert len(names) > 20 and not {'cdktf', 'cdktn', 'jsii', 'constructs'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rules_for_further_virtual_ips_are_to_be_changed_elsewhere() -> None:
    def rows(**last: str) -> list[dict[str, str]]:
        base = {"netmask": "255.255.255.255", "management_access": ""}
        return [base | {"address": f"192.0.2.{key[1:]}", "role": role} for key, role in last.items()]

    old = rows(_30="external", _31="internal")
    new = rows(_31="internal", _32="external", _33="internal")
    changed = with_data(document("heartbeat"), "before", further_virtual_ips=old)
    (pair,) = review_of(plan_of(with_data(changed, "after", further_virtual_ips=new))).pairs
    assert pair.touch == (
        "NAT and firewall: let users reach 192.0.2.32.",
        "Firewall: drop the rules for 192.0.2.30 afterwards.",
        "Firewall to the back ends: allow 192.0.2.33.",
    )
    (pair,) = review_of(plan_of(changed)).pairs
    assert pair.touch == (), "what is no longer declared is left as it is"
