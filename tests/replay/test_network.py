from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepair import Interface, Network, PairSession
from gatepair.errors import GatepairError, WriteToSecondaryRefused
from gatepair.models import NETWORK_KEYS, Appliance, Failover, Route, Vlan

if TYPE_CHECKING:
    from stage import Stage

ARRANGED = pytest.mark.backends("cassette", "emulator")


def test_reading_all_or_a_part(stage: Stage) -> None:
    with stage.open() as pair:
        whole = pair.read_network(stage.a)
        assert whole.declared == NETWORK_KEYS
        assert whole.interfaces is not None
        assert set(whole.interfaces) >= {"1/1"}
        part = pair.read_network(stage.a, ["interfaces"], ["1/1"])
        assert (part.host_name, list(part.interfaces or {})) == (None, ["1/1"])


@ARRANGED
def test_a_host_name_and_an_interface(stage: Stage) -> None:
    wanted = Network(host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False, monitor=False)})
    with stage.open() as pair:
        assert [step.id for step in pair.plan_network(stage.b, wanted).steps][-1] == "save"
        assert pair.converge_network(stage.b, wanted) == wanted
        assert pair.plan_network(stage.b, wanted).steps == ()
        assert pair.read_network(stage.a).host_name == "gw-a", "never through the peer"


@ARRANGED
def test_an_interface_that_is_not_there(stage: Stage) -> None:
    wanted = Network(interfaces={"9/9": Interface(heartbeat=False)})
    with stage.open() as pair, pytest.raises(GatepairError) as refused:
        pair.converge_network(stage.a, wanted)
    assert "9/9" in str(refused.value)
    assert refused.value.node == stage.a


ROUTE = Route(network="198.51.100.0", netmask="255.255.255.0", gateway="192.0.2.1")
AROUND = Network(
    vlans={20: Vlan(alias="dmz", interfaces={"1/2": "tagged"}), 30: Vlan()},
    routes=[ROUTE],
    dns_servers=["192.0.2.53", "192.0.2.54"],
    ntp_servers=["192.0.2.123", "ntp.example.net"],
)


@ARRANGED
def test_vlans_routes_and_servers(stage: Stage) -> None:
    fewer = Network(
        vlans={20: Vlan(interfaces={"1/2": "untagged"})},
        routes=[],
        dns_servers=["192.0.2.53"],
        ntp_servers=["192.0.2.123"],
    )
    with stage.open() as pair:
        assert pair.converge_network(stage.a, AROUND) == AROUND
        assert pair.plan_network(stage.a, AROUND).steps == ()
        said = [str(difference) for difference in pair.plan_network(stage.a, fewer).differences]
        assert f"{stage.a}: DNS servers: 192.0.2.53, 192.0.2.54 -> 192.0.2.53" in said
        assert pair.converge_network(stage.a, fewer) == fewer
        assert pair.read_network(stage.b, ["vlans"]).vlans == {}


@ARRANGED
def test_what_a_pair_shares_is_changed_on_its_primary(stage: Stage) -> None:
    wanted = Network(host_name="gw-b", routes=[ROUTE], dns_servers=["192.0.2.53"])
    with stage.open() as pair:
        pair.converge()
        nodes = {step.id: step.node for step in pair.plan_network(stage.b, wanted).steps}
        assert (nodes["host-name"], nodes["add-route"]) == (stage.b, stage.a)
        assert pair.converge_network(stage.b, wanted) == wanted
        assert pair.read_network(stage.a, ["routes"]).routes == (ROUTE,)
    alone = (stage.declared().addresses[1],) * 2
    lonely = PairSession(alone, stage.connections, clock=stage.clock)
    with lonely, pytest.raises(WriteToSecondaryRefused) as refused:
        lonely.converge_network(stage.b, Network(routes=[]))
    assert refused.value.node == stage.b


@ARRANGED
def test_nodes_in_different_networks(stage: Stage) -> None:
    other = Route(network="203.0.113.0", netmask="255.255.255.0", gateway="192.0.2.1")
    own = {stage.a: Network(routes=[ROUTE]), stage.b: Network(routes=[other])}
    heartbeat = stage.declared().failover.heartbeat
    desired = stage.declared(
        appliances=tuple(Appliance(address=address, network=network) for address, network in own.items()),
        internal=None,
        failover=Failover(heartbeat=heartbeat, independent_network=True),
    )
    with stage.open(desired) as pair:
        assert pair.converge().to_document()["independent_network"] == "enabled"
        assert pair.plan().steps == ()
        for address, network in own.items():
            assert pair.read_network(address, ["routes"]) == network
