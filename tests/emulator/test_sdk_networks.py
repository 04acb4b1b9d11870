"""Networks, further virtual IPs and nodes in different networks, on two emulated appliances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from emulator_talk import Talk, who_serves
from sdk_lab import QUICK, connections, declared
from waiting import until

from gatepair import PairSession, errors
from gatepair.documents import pair_to_document
from gatepair.models import (
    Appliance,
    FurtherVirtualIp,
    Interface,
    InternalVirtualIp,
    Network,
    Route,
    VirtualIp,
    Vlan,
)

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

pytestmark = pytest.mark.slow

ROUTE = Route(network="198.51.100.0", netmask="255.255.255.0", gateway="192.0.2.1")
OTHER_ROUTE = Route(network="203.0.113.0", netmask="255.255.255.0", gateway="192.0.2.1")


def whole(lab: Lab) -> Network:
    return Network(
        host_name="gw-x",
        vlans={
            20: Vlan(alias="dmz", interfaces={"1/2": "tagged"}),
            30: Vlan(
                interfaces={"1/1": "tagged", "1/2": "untagged"}, addresses={lab.a.host: "255.255.255.0"}
            ),
        },
        routes=[ROUTE, OTHER_ROUTE],
        dns_servers=["192.0.2.53", "192.0.2.54"],
        ntp_servers=["192.0.2.123", "ntp.example.net"],
    )


def network_of(session: PairSession, address: str, *keys: str) -> Network:
    return session.read_network(address, keys)


class TestAlone:
    """An appliance without a peer has its whole network to itself."""

    def test_everything_is_made_and_read_back(self, lab: Lab, session: PairSession) -> None:
        wanted = whole(lab)
        assert session.converge_network(lab.a.address, wanted) == wanted
        assert session.plan_network(lab.a.address, wanted).steps == ()
        assert session.read_network(lab.a.address, wanted.declared) == wanted
        assert network_of(session, lab.b.address, "vlans").vlans == {}
        lab.a.kill()
        lab.a.start()
        assert session.read_network(lab.a.address, wanted.declared) == wanted, "it was saved"

    def test_only_what_differs_is_changed(self, lab: Lab, session: PairSession) -> None:
        before = whole(lab)
        session.converge_network(lab.a.address, before)
        after = attrs.evolve(
            before,
            vlans={
                20: Vlan(alias="perimeter", interfaces={"1/1": "tagged"}),
                40: Vlan(addresses={lab.a.host: "255.255.255.0"}),
            },
            routes=[OTHER_ROUTE],
            dns_servers=["192.0.2.53"],
            ntp_servers=["192.0.2.123", "192.0.2.124"],
        )
        ids = [step.id for step in session.plan_network(lab.a.address, after).steps]
        assert ids == [
            "remove-vlan",
            "vlan-unbind",
            "vlan-alias",
            "vlan-bind",
            "add-vlan",
            "remove-route",
            "remove-dns-server",
            "add-ntp-server",
            "remove-ntp-server",
            "save",
        ]
        assert session.converge_network(lab.a.address, after) == after
        assert session.converge_network(lab.a.address, Network(vlans={}, routes=[])) == Network(
            vlans={}, routes=[]
        )
        with Talk(lab, lab.a) as a:
            assert [row["id"] for row in a.rows("vlan")] == ["1"]
            assert a.rows("vlan_interface_binding") == []

    def test_the_default_route_and_vlan_1_stay(self, lab: Lab, session: PairSession) -> None:
        with Talk(lab, lab.a) as a:
            default = {"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "192.0.2.1"}
            assert a.add("route", **default).status_code == 201
            assert network_of(session, lab.a.address, "routes").routes == ()
            session.converge_network(lab.a.address, Network(routes=[ROUTE], vlans={}))
            session.converge_network(lab.a.address, Network(routes=[], vlans={}))
            assert [row["network"] for row in a.rows("route")] == ["0.0.0.0"]
            assert [row["id"] for row in a.rows("vlan")] == ["1"]

    def test_an_interface_is_switched_off_and_on(self, lab: Lab, session: PairSession) -> None:
        off = Network(interfaces={"1/2": Interface(heartbeat=False, monitor=False, state=False)})
        (step, _) = session.plan_network(lab.b.address, off).steps
        assert "disabled (was heartbeat on, monitor on, enabled)" in step.title
        assert session.converge_network(lab.b.address, off) == off
        on = Network(interfaces={"1/2": Interface()})
        assert session.converge_network(lab.b.address, on) == on

    def test_an_address_that_is_not_there_cannot_be_bound(self, lab: Lab, session: PairSession) -> None:
        wanted = Network(vlans={20: Vlan(addresses={"192.0.2.77": "255.255.255.0"})})
        with pytest.raises(errors.GatepairError) as refused:
            session.converge_network(lab.a.address, wanted)
        assert refused.value.errorcode == 397
        assert refused.value.step == "add-vlan"


class TestInAPair:
    """What the nodes share is changed on the primary, whichever node is asked."""

    def test_a_change_on_the_secondary_goes_to_the_primary(self, lab: Lab, formed: PairSession) -> None:
        wanted = Network(host_name="gw-b", routes=[ROUTE], dns_servers=["192.0.2.53"])
        steps = {step.id: step.node for step in formed.plan_network(lab.b.address, wanted).steps}
        assert steps["host-name"] == lab.b.address
        assert steps["add-route"] == steps["add-dns-server"] == lab.a.address
        assert formed.converge_network(lab.b.address, wanted) == wanted
        for node in (lab.a, lab.b):
            assert network_of(formed, node.address, "routes").routes == (ROUTE,)
            assert formed.plan_network(node.address, Network(routes=[ROUTE])).steps == ()
        assert network_of(formed, lab.a.address, "host_name").host_name == "gw-a"
        until(lambda: formed.status().healthy, "a healthy pair")

    def test_after_a_failover_it_goes_to_the_new_primary(self, lab: Lab, formed: PairSession) -> None:
        formed.failover()
        until(lambda: formed.status().healthy, "a healthy pair after the failover")
        wanted = Network(vlans={20: Vlan(interfaces={"1/2": "tagged"})}, ntp_servers=["ntp.example.net"])
        assert {step.node for step in formed.plan_network(lab.a.address, wanted).steps} == {lab.b.address}
        assert formed.converge_network(lab.a.address, wanted) == wanted
        assert formed.read_network(lab.b.address, wanted.declared) == wanted

    @pytest.mark.usefixtures("formed")
    def test_a_secondary_whose_primary_is_not_known_refuses(self, lab: Lab) -> None:
        alone = (declared(lab).addresses[1],) * 2
        with PairSession(alone, connections(lab)) as session:
            with pytest.raises(errors.WriteToSecondaryRefused, match=lab.a.host):
                session.converge_network(lab.b.address, Network(routes=[ROUTE]))
            assert session.converge_network(lab.b.address, Network(routes=[])) == Network(routes=[])

    def test_they_come_with_the_pair(self, lab: Lab) -> None:
        shared = Network(vlans={20: Vlan(interfaces={"1/2": "tagged"})}, routes=[ROUTE])
        desired = declared(
            lab,
            appliances=(
                Appliance(address=lab.a.address, network=attrs.evolve(shared, host_name="gw-1")),
                Appliance(
                    address=lab.b.address, network=Network(host_name="gw-2", dns_servers=["192.0.2.53"])
                ),
            ),
        )
        with PairSession(desired, connections(lab)) as session:
            session.converge()
            assert session.plan().steps == ()
            for node, name in ((lab.a, "gw-1"), (lab.b, "gw-2")):
                found = network_of(session, node.address, "host_name", "vlans", "routes", "dns_servers")
                assert found == attrs.evolve(shared, host_name=name, dns_servers=["192.0.2.53"]), (
                    "declared on one, shared by both"
                )
            session.failover()
            until(lambda: session.status().healthy, "a healthy pair after the failover")
            with Talk(lab, lab.b) as b:
                assert b.remove("route/198.51.100.0?args=netmask:255.255.255.0,gateway:192.0.2.1").is_success
            assert next((step.id, step.node) for step in session.plan().steps) == ("add-route", lab.b.address)
            session.converge()
            assert session.plan().steps == ()


class TestDifferentNetworks:
    """Independent network configuration: VLANs and routes are each node's own, no address floats inside."""

    def test_a_pair_is_formed_and_changed_through_its_primary(self, lab: Lab) -> None:
        own = {
            lab.a.address: Network(routes=[ROUTE], vlans={20: Vlan(alias="a")}),
            lab.b.address: Network(routes=[OTHER_ROUTE], vlans={30: Vlan(alias="b")}),
        }
        desired = declared(
            lab,
            appliances=tuple(Appliance(address=address, network=network) for address, network in own.items()),
            internal=None,
            failover=attrs.evolve(QUICK, independent_network=True),
        )
        with PairSession(desired, connections(lab)) as session:
            assert session.converge().to_document()["independent_network"] == "enabled"
            assert session.plan().steps == ()
            for address, network in own.items():
                assert session.read_network(address, network.declared) == network
            assert session.failover().new_primary == lab.b.address
            until(lambda: session.status().healthy, "a healthy pair after the failover")
            moved = VirtualIp(address=f"{lab.network}.30")
            changed = attrs.evolve(desired, external=moved)
            session.converge(changed)
            until(lambda: who_serves_at(lab, str(moved.address)) == lab.b.host, "users follow")
            for address, network in own.items():
                assert session.read_network(address, network.declared) == network, "still its own"
            wanted = Network(dns_servers=["192.0.2.53"], routes=[ROUTE, OTHER_ROUTE])
            steps = {step.id: step.node for step in session.plan_network(lab.a.address, wanted).steps}
            assert (steps["add-dns-server"], steps["add-route"]) == (lab.b.address, lab.a.address)
            session.converge_network(lab.a.address, wanted)
            assert network_of(session, lab.b.address, "routes").routes == (OTHER_ROUTE,)


def who_serves_at(lab: Lab, address: str) -> str | None:
    return next((node.host for node in (lab.a, lab.b) if address in node.status()["addresses"]), None)


class TestFailoverInterface:
    def test_one_interface_carries_all_heartbeats(self, lab: Lab) -> None:
        desired = declared(lab, failover=attrs.evolve(QUICK, failover_interface="1/2"))
        with PairSession(desired, connections(lab)) as session:
            document = session.converge().to_document()
            assert document["failover_interface"] == "1/2"
            assert session.observe().to_document() == document == pair_to_document(desired)
            assert session.plan().steps == ()
            for node in (lab.a, lab.b):
                with Talk(lab, node) as talk:
                    silent = {row["id"] for row in talk.rows("Interface") if row["haheartbeat"] == "OFF"}
                    assert silent == {"1/1", "LO/1"}
                    talk.set("Interface", id="1/1", haheartbeat="ON")
                assert session.observe().to_document()["failover_interface"] in {"mixed", "1/1 1/2"}
            assert [step.id for step in session.plan().steps].count("interface") == 2
            session.converge()
            assert session.observe().to_document() == document
            assert session.status().healthy


class TestFurtherVirtualIps:
    def test_they_are_made_moved_and_removed(self, lab: Lab, formed: PairSession) -> None:
        users, back_ends = f"{lab.network}.50", f"{lab.network}.51"
        further = (
            FurtherVirtualIp(address=back_ends, netmask="255.255.255.0", role="internal"),
            FurtherVirtualIp(address=users),
        )
        desired = declared(lab, further=further)
        document = formed.converge(desired).to_document()
        assert document == pair_to_document(desired)
        assert formed.plan(desired).steps == ()
        assert {users, back_ends} <= set(lab.a.status()["addresses"])
        formed.failover()
        until(lambda: {users, back_ends} <= set(lab.b.status()["addresses"]), "they move with the primary")
        until(lambda: formed.status().healthy, "a healthy pair after the failover")
        with Talk(lab, lab.b) as b:
            assert b.remove(f"nsip/{users}").is_success
        found = formed.observe(further=[users, back_ends]).to_document()
        assert [each["address"] for each in found["further_virtual_ips"]] == [back_ends]
        assert [step.id for step in formed.plan(desired).steps] == ["add-further", "save"]
        fewer = declared(lab, further=further[1:])
        assert [step.id for step in formed.plan(fewer).steps] == ["add-further", "remove-further", "save"]
        assert formed.converge(fewer).to_document() == pair_to_document(fewer)
        for node in (lab.a, lab.b):
            with Talk(lab, node) as talk:
                assert back_ends not in talk.addresses()

    def test_what_is_not_declared_is_left_alone(self, lab: Lab, formed: PairSession) -> None:
        extra = f"{lab.network}.52"
        with Talk(lab, lab.a) as a:
            a.add("nsip", ipaddress=extra, netmask="255.255.255.0", type="SNIP")
        assert "further_virtual_ips" not in formed.observe().to_document()
        assert not any(extra in step.title for step in formed.plan().steps)

    def test_an_address_with_a_server_on_it_is_not_removed(self, lab: Lab, formed: PairSession) -> None:
        extra = f"{lab.network}.53"
        with Talk(lab, lab.a) as a:
            a.add("lbvserver", name="web", servicetype="HTTP", ipv46=extra, port=8081)
        desired = declared(lab, further=())
        assert not any(extra in step.title for step in formed.plan(desired).steps)
        named = declared(lab, further=(FurtherVirtualIp(address=extra),))
        formed.converge(named)
        assert formed.plan(named).steps == ()

    def test_an_internal_one_in_the_place_of_a_vip_is_refused(self, lab: Lab, formed: PairSession) -> None:
        extra = f"{lab.network}.54"
        with Talk(lab, lab.a) as a:
            a.add("nsip", ipaddress=extra, netmask="255.255.255.255", type="VIP")
        wanted = FurtherVirtualIp(address=extra, role="internal")
        with pytest.raises(errors.PreflightFailed, match="is there as a VIP"):
            formed.plan(declared(lab, further=(wanted,)))


def test_both_virtual_ips_move_beside_further_ones(lab: Lab, formed: PairSession) -> None:
    further = (
        FurtherVirtualIp(address=f"{lab.network}.55"),
        FurtherVirtualIp(address=f"{lab.network}.56", netmask="255.255.255.0", role="internal"),
    )
    formed.converge(declared(lab, further=further))
    desired = declared(
        lab,
        external=VirtualIp(address=f"{lab.network}.30"),
        internal=InternalVirtualIp(address=f"{lab.network}.31", netmask="255.255.255.0"),
        further=further,
    )
    assert formed.converge(desired).to_document() == pair_to_document(desired)
    assert formed.plan(desired).steps == ()
    assert who_serves(lab) is None, "the old external address is gone"
