"""Declarations of all shapes, for property tests."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address

import attrs
from hypothesis import strategies as st

from gatepair.models import (
    Appliance,
    Failover,
    FurtherVirtualIp,
    Heartbeat,
    Interface,
    InternalVirtualIp,
    ManagementAddress,
    Network,
    Pair,
    Route,
    SecretReference,
    Tagging,
    VirtualIp,
    VirtualIpRole,
    Vlan,
)
from gatepair.models.network import shared_network_keys

words = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
host_names = st.builds("{}.{}".format, words, st.sampled_from(["example", "test", "lan"]))
hosts = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), host_names)
addresses = st.builds(ManagementAddress, host=hosts, port=st.one_of(st.just(443), st.integers(1, 65535)))
heartbeats = st.builds(
    Heartbeat,
    hello_interval_ms=st.sampled_from([200, 400, 600, 800, 1000]),
    dead_interval_s=st.integers(3, 60),
)
references = st.one_of(
    st.from_regex(r"env:[A-Z_][A-Z0-9_]{0,20}", fullmatch=True),
    st.from_regex(r"file:[a-zA-Z0-9 ./'\"\\-]{1,30}", fullmatch=True),
    st.from_regex(r"keyring:[a-z/]{0,9}[a-z]/[a-z]{1,10}", fullmatch=True),
).map(SecretReference)
unicast = st.integers(int(IPv4Address("1.0.0.0")), int(IPv4Address("223.255.255.255"))).map(IPv4Address)
host_masks = st.sampled_from([IPv4Address("255.255.255.255"), IPv4Address("255.255.255.254")])
interface_names = st.sampled_from(["0/1", "1/1", "1/2", "1/10", "10/1", "LA/1", "1/1/1"])
interfaces = st.dictionaries(
    interface_names,
    st.builds(Interface, heartbeat=st.booleans(), monitor=st.booleans(), state=st.booleans()),
)


@st.composite
def vlans(draw: st.DrawFn) -> dict[int, Vlan]:
    numbers = draw(st.lists(st.integers(2, 4000), max_size=4, unique=True))
    untagged = draw(st.dictionaries(interface_names, st.sampled_from(numbers or [0]), max_size=3))
    bound = draw(st.dictionaries(unicast, st.sampled_from(numbers or [0]), max_size=3))
    return {
        number: Vlan(
            alias=draw(st.sampled_from(["", "dmz", 'a "b" \\ c'])),
            interfaces=dict.fromkeys(draw(st.lists(interface_names, max_size=2)), Tagging.TAGGED)
            | {name: Tagging.UNTAGGED for name, home in untagged.items() if home == number},
            addresses={address: "255.255.255.0" for address, home in bound.items() if home == number},
        )
        for number in numbers
    }


@st.composite
def routes(draw: st.DrawFn) -> Route:
    length = draw(st.integers(1, 32))
    network = IPv4Network((draw(unicast), length), strict=False)
    return Route(network=network.network_address, netmask=network.netmask, gateway=draw(unicast))


networks = st.builds(
    Network,
    host_name=st.one_of(
        st.none(), st.from_regex(r"[A-Za-z_]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?", fullmatch=True)
    ),
    interfaces=st.one_of(st.none(), interfaces),
    vlans=st.one_of(st.none(), vlans()),
    routes=st.one_of(st.none(), st.lists(routes(), max_size=3, unique=True)),
    dns_servers=st.one_of(st.none(), st.lists(st.ip_addresses(), max_size=3, unique=True)),
    ntp_servers=st.one_of(st.none(), st.lists(hosts, max_size=3, unique=True)),
)


@st.composite
def failovers(draw: st.DrawFn) -> Failover:
    independent = draw(st.booleans())
    return Failover(
        heartbeat=draw(heartbeats),
        fail_safe=draw(st.booleans()),
        max_flips=draw(st.integers(0, 10**6)),
        max_flip_time_s=draw(st.integers(0, 10**6)),
        synchronization=draw(st.booleans()),
        propagation=draw(st.booleans()),
        sync_vlan=0 if independent else draw(st.sampled_from([0, 1, 4094])),
        independent_network=independent,
        failover_interface=draw(st.sampled_from(["", "1/2"])),
    )


@st.composite
def further_ips(draw: st.DrawFn, failover: Failover) -> FurtherVirtualIp:
    role = VirtualIpRole.EXTERNAL if failover.independent_network else draw(st.sampled_from(VirtualIpRole))
    return FurtherVirtualIp(
        address=draw(unicast),
        netmask=draw(host_masks),
        role=role,
        management_access=role is VirtualIpRole.INTERNAL and draw(st.booleans()),
    )


NOTHING = (Network(), Network())


@st.composite
def agreeing(draw: st.DrawFn, failover: Failover) -> tuple[Network, Network]:
    """Two networks that agree on what the nodes share."""
    first, second = draw(networks), draw(networks)
    shared = shared_network_keys(independent_network=failover.independent_network)
    return first, attrs.evolve(second, **{key: getattr(first, key) for key in shared})


@st.composite
def pairs(draw: st.DrawFn, *, networked: bool = False) -> Pair:
    nodes = draw(st.lists(addresses, min_size=2, max_size=2, unique=True))
    failover = draw(failovers())
    taken = {node.host for node in nodes if not isinstance(node.host, str | IPv6Address)}
    free = unicast.filter(lambda address: address not in taken)
    external = draw(st.none() | st.builds(VirtualIp, address=free, netmask=host_masks))
    internal = None
    if not failover.independent_network:
        internal = draw(
            st.none()
            | st.builds(InternalVirtualIp, address=free, netmask=host_masks, management_access=st.booleans())
        )
    if external and internal and external.address == internal.address:
        internal = InternalVirtualIp(address=internal.address, netmask=external.netmask)
    used = taken | {virtual_ip.address for virtual_ip in (external, internal) if virtual_ip}
    further = draw(
        st.none() | st.lists(further_ips(failover), max_size=3, unique_by=lambda each: each.address)
    )
    further = None if further is None else [each for each in further if each.address not in used]
    old = draw(st.none() | free.filter(lambda address: external is None or address != external.address))
    return Pair(
        appliances=tuple(
            Appliance(address=node, network=network)
            for node, network in zip(nodes, draw(agreeing(failover)) if networked else NOTHING, strict=True)
        ),
        preferred_primary=draw(st.sampled_from(nodes)),
        shared_key=draw(st.none() | references),
        shared_key_version=draw(st.integers(1, 10**6)),
        external=external,
        internal=internal,
        further=further,
        failover=failover,
        overwrite_joining_node=draw(st.booleans()),
        replaces_external=old,
    )
