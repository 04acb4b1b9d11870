"""Changing a formed pair, and trouble on the way, over two appliances in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from converging import MOVED, changes_of, formed, fresh, run, steps
from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    FakeAppliance,
    FakePair,
    declared,
    no_reference,
    refused,
)
from fake_runner import Runner

from gatepair import errors
from gatepair.models import (
    Failover,
    Heartbeat,
    InternalVirtualIp,
    VirtualIp,
)
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.codes import Code
from gatepair.workflows.converge import converge, plan

if TYPE_CHECKING:
    from gatepair.nitro.call import HttpRequest


class TestChanging:
    def test_the_external_address_moves_with_what_listens_on_it(self) -> None:
        pair = formed()
        for node in pair.nodes:
            node.config["lbvserver"]["web"] = {"name": "web", "ipv46": EXTERNAL, "port": 80}
        desired = declared(external=VirtualIp(address=MOVED))
        found = Runner(pair).run(plan(ADDRESSES, desired, no_reference))
        assert [step.id for step in found.steps] == [
            "add-external",
            "move-external",
            "remove-external",
            "save",
        ]
        assert found.impact == "reconnect"
        run(pair, desired)
        assert EXTERNAL not in pair.b.config["nsip"]
        assert pair.a.config["lbvserver"]["web"]["ipv46"] == MOVED
        assert pair.a.config["vpnvserver"]["gateway"]["ipv46"] == MOVED
        assert steps(pair, desired) == []

    def test_several_gateways_move_in_one_request(self) -> None:
        pair = formed()
        for node in pair.nodes:
            node.config["vpnvserver"]["second"] = {"name": "second", "ipv46": EXTERNAL, "port": 443}
        run(pair, declared(external=VirtualIp(address=MOVED)))
        assert [one for one in pair.requests if one[2] == "vpnvserver" and one[1] == "PUT"] == [
            ("192.0.2.11", "PUT", "vpnvserver")
        ]
        assert {row["ipv46"] for row in pair.b.config["vpnvserver"].values()} == {MOVED}

    def test_two_candidates_for_the_old_address_are_not_guessed_at(self) -> None:
        pair = formed()
        pair.a.config["vpnvserver"]["second"] = {"name": "second", "ipv46": "192.0.2.50", "port": 443}
        with pytest.raises(errors.PreflightFailed, match=r"192\.0\.2\.20 and 192\.0\.2\.50") as caught:
            run(pair, declared(external=VirtualIp(address=MOVED)))
        assert "replaces_external" in caught.value.remedy
        assert changes_of(pair) == []

    def test_the_named_old_address_is_the_one_that_moves(self) -> None:
        pair = formed()
        for node in pair.nodes:
            node.config["vpnvserver"]["second"] = {"name": "second", "ipv46": "192.0.2.50", "port": 443}
            node.config["nsip"]["192.0.2.50"] = {
                "ipaddress": "192.0.2.50",
                "netmask": "255.255.255.255",
                "type": "VIP",
            }
        run(pair, declared(external=VirtualIp(address=MOVED), replaces_external="192.0.2.50"))
        assert pair.b.config["vpnvserver"]["second"]["ipv46"] == MOVED
        assert pair.b.config["vpnvserver"]["gateway"]["ipv46"] == EXTERNAL

    def test_a_second_gateway_elsewhere_is_left_where_it_is(self) -> None:
        pair = formed()
        for node in pair.nodes:
            node.config["vpnvserver"]["second"] = {"name": "second", "ipv46": "192.0.2.50", "port": 443}
        run(pair, declared(failover=Failover(heartbeat=Heartbeat(dead_interval_s=20))))
        assert pair.a.config["vpnvserver"]["second"]["ipv46"] == "192.0.2.50"

    def test_the_internal_address_is_replaced_by_the_new_one(self) -> None:
        pair = formed()
        desired = declared(internal=InternalVirtualIp(address="192.0.2.22", netmask="255.255.255.0"))
        run(pair, desired)
        assert INTERNAL not in pair.b.config["nsip"]
        assert "192.0.2.22" in pair.b.config["nsip"]
        assert steps(pair, desired) == []

    def test_management_access_and_netmask_are_changed_in_place(self) -> None:
        pair = formed()
        desired = declared(
            internal=InternalVirtualIp(address=INTERNAL, netmask="255.255.255.128", management_access=False)
        )
        run(pair, desired)
        row = pair.b.config["nsip"][INTERNAL]
        assert (row["netmask"], row["mgmtaccess"]) == ("255.255.255.128", "DISABLED")

    def test_synchronization_switched_off_is_not_waited_for(self) -> None:
        pair = formed()
        run(pair, declared(failover=Failover(synchronization=False)))
        assert [node.settings["hasync"] for node in pair.nodes] == ["DISABLED", "DISABLED"]

    def test_a_sync_vlan_is_set_and_unset(self) -> None:
        pair = formed(declared(failover=Failover(sync_vlan=7)))
        assert [node.settings["syncvlan"] for node in pair.nodes] == [7, 7]
        run(pair, declared(failover=Failover()))
        assert ["syncvlan" in node.settings for node in pair.nodes] == [False, False]


class TestTrouble:
    def test_a_primary_that_moved_meanwhile_is_followed(self) -> None:
        """A write is answered with warning 1028: the roles are read anew, the write goes to the other."""
        pair = formed()
        moved: list[bool] = []

        def swap(found: FakePair, _: FakeAppliance, request: HttpRequest) -> Any:
            if request.method == "POST" and request.target.startswith("/nitro/v1/config/nsip") and not moved:
                moved.append(True)
                found.a.role, found.b.role = "Secondary", "Primary"
                found.a.sync = "SUCCESS"
                answer = refused(209, Code.ON_SECONDARY)
                return type(answer)(status=209, body=answer.body.replace(b"ERROR", b"WARNING"))
            return None

        pair.hooks.append(swap)
        desired = declared(internal=InternalVirtualIp(address="192.0.2.22", netmask="255.255.255.0"))
        run(pair, desired)
        assert ("192.0.2.12", "POST", "nsip") in pair.requests
        assert "192.0.2.22" in pair.a.config["nsip"]

    def test_a_connection_lost_in_an_add_is_looked_into(self) -> None:
        pair = formed()
        lost: list[bool] = []

        def cut(found: FakePair, node: FakeAppliance, request: HttpRequest) -> Any:
            if request.method == "POST" and "config/nsip" in request.target and not lost:
                lost.append(True)
                found._dispatch(node, request)
                return Breakdown(kind=BreakdownKind.BROKEN, detail="reset")
            return None

        pair.hooks.append(cut)
        desired = declared(internal=InternalVirtualIp(address="192.0.2.22", netmask="255.255.255.0"))
        run(pair, desired)
        assert "192.0.2.22" in pair.a.config["nsip"]
        assert [one for one in pair.requests if one[1:] == ("POST", "nsip")] == [
            ("192.0.2.11", "POST", "nsip")
        ]

    def test_a_refused_peer_takes_everything_back(self) -> None:
        pair = fresh()

        def refuse(found: FakePair, node: FakeAppliance, request: HttpRequest) -> Any:
            is_add = request.method == "POST" and request.target.endswith("/config/hanode")
            return refused(599, Code.PEER_NOT_IN_SUBNET) if node is found.b and is_add else None

        pair.hooks.append(refuse)
        with pytest.raises(errors.InvalidArgument) as caught:
            run(pair)
        assert caught.value.node == "192.0.2.12"
        assert caught.value.errorcode == Code.PEER_NOT_IN_SUBNET
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
        assert [node.peer for node in pair.nodes] == [None, None]
        assert pair.a.answers_on(EXTERNAL)

    def test_nodes_that_do_not_hear_each_other_are_not_tied(self) -> None:
        pair = fresh()
        pair.heartbeats = False
        with pytest.raises(errors.DeadlineExceeded, match="heartbeats") as caught:
            run(pair)
        assert "3003" in caught.value.remedy
        assert [node.peer for node in pair.nodes] == [None, None]
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
        assert "gateway" not in pair.b.config["vpnvserver"]

    def test_a_password_mismatch_after_joining_names_node_and_remedy_and_users_are_served(self) -> None:
        pair = fresh()
        pair.broken_key = True
        with pytest.raises(errors.SyncFailed) as caught:
            run(pair)
        assert caught.value.node == "192.0.2.12"
        assert "shared key" in caught.value.remedy
        assert "keeps serving users" in caught.value.message
        assert pair.a.answers_on(EXTERNAL)
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
        pair.broken_key = False
        run(pair)
        assert pair.b.sync == "SUCCESS"

    def test_the_deadline_stops_it_and_lets_both_go(self) -> None:
        pair = fresh()
        pair.heartbeats = False
        flow = converge(ADDRESSES, declared(), no_reference)
        with pytest.raises(errors.DeadlineExceeded, match="was stopped"):
            Runner(pair).run(flow, deadline_s=3)
        assert [node.hastatus for node in pair.nodes] == ["ENABLED", "ENABLED"]
