"""Forming and mending a pair, over two appliances in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from converging import changes_of, formed, fresh, observed, run, steps
from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    KEY,
    A,
    B,
    FakeAppliance,
    FakePair,
    configured,
    declared,
    no_reference,
)
from fake_runner import Runner
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepair import errors
from gatepair.models import (
    Appliance,
    Interface,
    InternalVirtualIp,
    Network,
    VirtualIp,
)
from gatepair.workflows.converge import converge

if TYPE_CHECKING:
    from gatepair.nitro.call import HttpRequest


class TestForming:
    def test_two_standalone_appliances_become_a_pair(self) -> None:
        pair = fresh()
        found = run(pair)
        assert found.to_document()["failover_pair"] == "formed"
        assert found.to_document()["external_virtual_ip"] == {
            "address": EXTERNAL,
            "netmask": "255.255.255.255",
        }
        assert pair.b.config == pair.a.config
        assert {"gateway"} == set(pair.b.config["vpnvserver"])
        assert not pair.a.unsaved
        assert not pair.b.unsaved

    def test_the_order_keeps_the_configured_node_primary(self) -> None:
        pair = fresh()
        run(pair)
        assert changes_of(pair)[:4] == [
            ("192.0.2.11", "PUT", "hanode"),
            ("192.0.2.12", "PUT", "hanode"),
            ("192.0.2.11", "POST", "hanode"),
            ("192.0.2.12", "POST", "hanode"),
        ]
        assert pair.a.role == "Primary"

    def test_the_shared_key_is_written_for_both_addresses_on_both_nodes(self) -> None:
        pair = fresh()
        run(pair)
        assert pair.a.rpc == pair.b.rpc == {"192.0.2.11": KEY, "192.0.2.12": KEY}

    def test_both_nodes_get_the_timers(self) -> None:
        pair = fresh()
        run(pair)
        for node in pair.nodes:
            assert (node.settings["hellointerval"], node.settings["deadinterval"]) == (1000, 10)

    def test_the_preferred_primary_gives_the_configuration(self) -> None:
        pair = FakePair()
        configured(pair.b)
        run(pair, declared(preferred_primary=B))
        assert pair.b.role == "Primary"
        assert "gateway" in pair.a.config["vpnvserver"]

    def test_running_it_again_changes_nothing(self) -> None:
        pair = formed()
        run(pair)
        assert changes_of(pair) == []
        assert steps(pair) == []

    def test_a_pair_without_virtual_ips_leaves_addresses_alone(self) -> None:
        pair = fresh()
        found = run(pair, declared(external=None, internal=None))
        assert set(pair.a.config["nsip"]) == {EXTERNAL}
        assert found.to_document()["external_virtual_ip"] == {"address": "", "netmask": ""}

    def test_one_address_for_both_is_a_snip_that_serves(self) -> None:
        shared = "192.0.2.40"
        desired = declared(
            external=VirtualIp(address=shared, netmask="255.255.255.0"),
            internal=InternalVirtualIp(address=shared, netmask="255.255.255.0"),
        )
        pair = fresh()
        found = run(pair, desired)
        row = pair.b.config["nsip"][shared]
        assert (row["type"], row["vserver"], row["mgmtaccess"]) == ("SNIP", "ENABLED", "ENABLED")
        document = found.to_document()
        assert (
            document["external_virtual_ip"]["address"] == document["internal_virtual_ip"]["address"] == shared
        )
        assert steps(pair, desired) == []

    def test_networks_are_declared_with_the_pair(self) -> None:
        network = Network(host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False, monitor=False)})
        desired = declared(appliances=(Appliance(address=A), Appliance(address=B, network=network)))
        pair = fresh()
        run(pair, desired)
        assert pair.b.host_name == "gw-b"
        assert pair.b.interfaces["1/2"]["haheartbeat"] == "OFF"
        assert steps(pair, desired) == []

    def test_no_secret_is_told_to_those_who_watch(self) -> None:
        runner = Runner(fresh())
        runner.run(converge(ADDRESSES, declared(), no_reference))
        assert runner.events
        assert KEY not in "".join(runner.events)


class TestMending:
    def test_a_pair_dissolved_by_hand_is_formed_again(self) -> None:
        pair = formed()
        pair.a.peer = pair.b.peer = None
        pair.settle()
        assert "form" in steps(pair)
        run(pair)
        assert pair.tied()
        assert steps(pair) == []

    @pytest.mark.parametrize("who", ["a", "b"])
    def test_a_peer_removed_on_one_side_is_added_again(self, who: str) -> None:
        pair = formed()
        getattr(pair, who).peer = None
        pair.settle()
        run(pair)
        assert pair.tied()
        assert sorted(node.role for node in pair.nodes) == ["Primary", "Secondary"]

    def test_a_missing_virtual_ip_is_added_on_the_primary_of_the_moment(self) -> None:
        pair = formed()
        pair.a.role, pair.b.role = "Secondary", "Primary"
        for node in pair.nodes:
            del node.config["nsip"][INTERNAL]
        assert steps(pair) == ["add-internal", "save"]
        run(pair)
        assert ("192.0.2.12", "POST", "nsip") in pair.requests
        assert ("192.0.2.11", "POST", "nsip") not in pair.requests
        assert INTERNAL in pair.a.config["nsip"]

    def test_a_virtual_ip_that_was_switched_off_is_switched_on(self) -> None:
        pair = formed()
        for node in pair.nodes:
            node.config["nsip"][EXTERNAL]["state"] = "DISABLED"
        run(pair)
        assert pair.a.answers_on(EXTERNAL)

    @pytest.mark.parametrize("who", ["a", "b"])
    def test_a_timer_changed_by_hand_on_one_node_is_seen_and_mended(self, who: str) -> None:
        pair = formed()
        getattr(pair, who).settings["deadinterval"] = 5
        seen = Runner(pair).run(observed())
        assert seen["heartbeat"]["dead_interval_s"] == -1
        assert seen["heartbeat"]["hello_interval_ms"] == 1000
        run(pair)
        assert pair.a.settings == pair.b.settings
        assert changes_of(pair) == [
            (getattr(pair, who).nsip, "PUT", "hanode"),
            ("192.0.2.11", "POST", "nsconfig?save"),
            ("192.0.2.12", "POST", "nsconfig?save"),
        ]

    def test_a_node_held_in_its_role_is_let_go(self) -> None:
        pair = formed()
        pair.b.hastatus = "STAYSECONDARY"
        assert steps(pair) == ["release", "shared-key", "save"]
        run(pair)
        assert pair.b.hastatus == "ENABLED"

    def test_two_primaries_end_as_one(self) -> None:
        pair = formed()
        pair.heartbeats = False
        pair.settle()
        assert [node.role for node in pair.nodes] == ["Primary", "Primary"]

        def heal(_: FakePair) -> None:
            pair.heartbeats = any(node.hastatus == "STAYSECONDARY" for node in pair.nodes) or pair.heartbeats

        pair.after.append(heal)
        run(pair)
        assert sorted(node.role for node in pair.nodes) == ["Primary", "Secondary"]

    def test_two_primaries_that_do_not_hear_each_other_end_with_one_server_and_an_error(self) -> None:
        pair = formed()
        pair.heartbeats = False
        pair.settle()
        with pytest.raises(errors.SplitBrain, match="hears no heartbeats") as caught:
            run(pair)
        assert [node.role for node in pair.nodes] == ["Primary", "Secondary"]
        assert "3003" in caught.value.remedy
        pair.heartbeats = True
        pair.settle()
        run(pair)
        assert {node.hastatus for node in pair.nodes} == {"ENABLED"}

    def test_a_failed_synchronization_gets_the_key_again(self) -> None:
        pair = formed()
        pair.b.rpc["192.0.2.12"] = "changed by hand"
        pair.b.sync = "FAILED"
        assert steps(pair) == ["shared-key", "synchronize", "save"]
        run(pair)
        assert pair.b.sync == "SUCCESS"

    def test_a_synchronization_that_is_about_to_fail_gets_the_key_again(self) -> None:
        pair = formed()
        pair.b.rpc["192.0.2.12"] = "changed by hand"
        pair.b.config["nsip"].clear()
        states = ["IN PROGRESS", "IN PROGRESS", "FAILED"]

        def ends(fake: FakePair, node: FakeAppliance, request: HttpRequest) -> None:
            if states and node is fake.b and request.target.endswith("/config/hanode"):
                fake.b.sync = states.pop(0)

        pair.hooks.append(ends)
        run(pair)
        assert (pair.b.sync, pair.b.config) == ("SUCCESS", pair.a.config)

    def test_a_fresh_appliance_in_place_of_the_primary_takes_over_what_is_left(self) -> None:
        pair = formed()
        pair.a = FakeAppliance(nsip="192.0.2.11")
        pair.settle()
        run(pair)
        assert pair.b.role == "Primary"
        assert "gateway" in pair.a.config["vpnvserver"]

    @given(
        pins=st.tuples(*[st.sampled_from(["ENABLED", "STAYPRIMARY", "STAYSECONDARY", "DISABLED"])] * 2),
        peers=st.tuples(st.booleans(), st.booleans()),
        same_key=st.booleans(),
        dead=st.tuples(st.integers(3, 60), st.integers(3, 60)),
        lost=st.sets(st.sampled_from([EXTERNAL, INTERNAL])),
        off=st.booleans(),
        swapped=st.booleans(),
    )
    @settings(deadline=None, max_examples=60)
    def test_every_state_a_pair_can_get_into_leads_back(
        self,
        *,
        pins: tuple[str, str],
        peers: tuple[bool, bool],
        same_key: bool,
        dead: tuple[int, int],
        lost: set[str],
        off: bool,
        swapped: bool,
    ) -> None:
        pair = formed()
        if swapped:
            pair.a.role, pair.b.role = "Secondary", "Primary"
        for node, pin, has_peer, dead_s in zip(pair.nodes, pins, peers, dead, strict=True):
            node.hastatus = pin
            node.settings["deadinterval"] = dead_s
            if not has_peer:
                node.peer, node.sync = None, ""
            for address in lost:
                del node.config["nsip"][address]
            if off and EXTERNAL in node.config["nsip"]:
                node.config["nsip"][EXTERNAL]["state"] = "DISABLED"
        if not same_key:
            pair.b.rpc["192.0.2.11"] = "other"
            pair.b.sync = "FAILED" if pair.tied() else pair.b.sync
        pair.settle()
        run(pair)
        assert pair.tied()
        assert sorted(node.role for node in pair.nodes) == ["Primary", "Secondary"]
        assert {node.hastatus for node in pair.nodes} == {"ENABLED"}
        assert pair.a.config == pair.b.config
        assert sum(node.answers_on(EXTERNAL) for node in pair.nodes) == 1
        assert steps(pair) == []
