"""A failover pair as it is declared: two appliances and what they share."""

# ruff: noqa: TC001 - the types of attrs classes stay resolvable at run time
from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.addresses import ManagementAddress
from gatepair.models.appliance import Appliance
from gatepair.models.failover import Failover, Heartbeat
from gatepair.models.network import NETWORK_KEYS, Network, shared_network_keys
from gatepair.models.secrets import Secret, SecretReference
from gatepair.models.virtual_ip import FurtherVirtualIp, InternalVirtualIp, VirtualIp, VirtualIpRole


def _check_appliances(_: object, __: object, value: tuple[Appliance, ...]) -> None:
    if len(value) != 2:  # noqa: PLR2004 - a pair is two
        raise InvalidInput(f"a pair has exactly two appliances, not {len(value)}", key="appliances")
    if value[0].address == value[1].address:
        raise InvalidInput(f"both appliances are {value[0].address}", key="appliances")


def _first(pair: Pair) -> ManagementAddress:
    # attrs computes defaults before it validates.
    _check_appliances(pair, None, pair.appliances)
    return pair.appliances[0].address


def _further(value: Iterable[FurtherVirtualIp] | None) -> tuple[FurtherVirtualIp, ...] | None:
    return None if value is None else tuple(sorted(value, key=lambda virtual_ip: virtual_ip.address))


@attrs.frozen(kw_only=True)
class Pair:
    """Desired state of a failover pair.

    Attributes:
        appliances: The two nodes; the first one is the preferred primary unless said otherwise.
        preferred_primary: The node whose configuration the pair takes over when it is formed. Which
            node is primary later is not part of the desired state: a failover is no difference.
        shared_key: Where the secret is that both nodes know; in memory it may be the secret itself.
        shared_key_version: Raise it to have Terraform write the key anew, 1 or more.
        external: Virtual IP that users connect to; ``None`` for none.
        internal: Virtual IP that the pair talks to back ends from; ``None`` for none. It may have
            the same address and netmask as ``external``.
        further: All further virtual IPs, in the order of their addresses: what is not among them is
            removed, unless a virtual server listens on it. ``None`` leaves them as they are.
        failover: Heartbeat and the other settings.
        overwrite_joining_node: The joining node has a configuration of its own, which may go.
        replaces_external: The old external virtual IP, where several addresses could be it.

    Raises:
        InvalidInput: The parts do not go together; ``key`` names the part to blame.

    Example:
        >>> office = Pair(appliances=(Appliance(address="192.0.2.12"), Appliance(address="192.0.2.11")))
        >>> office.id, str(office.preferred_primary)
        ('192.0.2.11,192.0.2.12', '192.0.2.12')
    """

    appliances: tuple[Appliance, Appliance] = attrs.field(validator=_check_appliances)
    preferred_primary: ManagementAddress = attrs.field(default=attrs.Factory(_first, takes_self=True))
    shared_key: SecretReference | Secret | None = None
    shared_key_version: int = 1
    external: VirtualIp | None = None
    internal: InternalVirtualIp | None = None
    further: tuple[FurtherVirtualIp, ...] | None = attrs.field(default=None, converter=_further)
    failover: Failover = attrs.field(factory=Failover)
    overwrite_joining_node: bool = False
    replaces_external: IPv4Address | None = None

    def __attrs_post_init__(self) -> None:
        if self.preferred_primary not in self.addresses:
            raise InvalidInput(
                f"{self.preferred_primary} is not one of the appliances {self.id.replace(',', ' and ')}",
                key="preferred_primary",
            )
        if self.shared_key_version < 1:
            raise InvalidInput(f"{self.shared_key_version} is less than 1", key="shared_key_version")
        self._check_virtual_ips()
        self._check_further()
        self._check_networks()
        if self.failover.failover_interface:
            own = tuple(_silenced(each, self.failover.failover_interface) for each in self.appliances)
            object.__setattr__(self, "appliances", own)

    def _check_virtual_ips(self) -> None:
        for key, label, address in (
            ("external.address", "the external virtual IP", self.external and self.external.address),
            ("internal.address", "the internal virtual IP", self.internal and self.internal.address),
            ("replaces_external", "the old external virtual IP", self.replaces_external),
        ):
            if address is not None and address in {managed.ip for managed in self.addresses}:
                raise InvalidInput(f"{label} {address} is the management address of an appliance", key=key)
        if self.internal and self.failover.independent_network:
            raise InvalidInput(
                "nodes in different networks (independent_network) have no internal address that could "
                "move between them",
                key="internal",
            )
        if self.same_address and self.external and self.internal:
            masks = (self.external.netmask, self.internal.netmask)
            if masks[0] != masks[1]:
                raise InvalidInput(
                    f"external and internal are one address, but have netmasks {masks[0]} and {masks[1]}",
                    key="external.netmask",
                )
        if self.external and self.replaces_external == self.external.address:
            raise InvalidInput(
                f"{self.replaces_external} is the external virtual IP itself, not an old one",
                key="replaces_external",
            )

    def _check_further(self) -> None:
        others = {managed.ip: "the management address of an appliance" for managed in self.addresses}
        others |= {self.external.address: "the external virtual IP"} if self.external else {}
        others |= {self.internal.address: "the internal virtual IP"} if self.internal else {}
        for virtual_ip in self.further or ():
            if virtual_ip.address in others:
                raise InvalidInput(f"{virtual_ip.address} is {others[virtual_ip.address]}", key="further")
            others[virtual_ip.address] = "there twice"
            if virtual_ip.role is VirtualIpRole.INTERNAL and self.failover.independent_network:
                raise InvalidInput(
                    f"{virtual_ip.address} is internal, and nodes in different networks "
                    "(independent_network) have no internal address that could move between them",
                    key="further",
                )

    def _check_networks(self) -> None:
        first, second = (appliance.network for appliance in self.appliances)
        for key in self._shared_keys:
            values = (getattr(first, key), getattr(second, key))
            if None not in values and values[0] != values[1]:
                raise InvalidInput(
                    f"{key} belong to the pair and come from its primary: declare the same for both "
                    "appliances, or for one of them only",
                    key="appliances",
                )
        vlan = (self.shared_network.vlans or {}).get(self.failover.sync_vlan)
        if vlan is not None and vlan.addresses:
            # NITRO error 1018.
            raise InvalidInput(
                f"VLAN {self.failover.sync_vlan} has an address bound to it, "
                "so it cannot carry synchronization",
                key="sync_vlan",
            )

    @property
    def _shared_keys(self) -> tuple[str, ...]:
        return shared_network_keys(independent_network=self.failover.independent_network)

    @property
    def shared_network(self) -> Network:
        """What is declared of the network that both nodes share, on whichever of them."""
        return attrs.evolve(
            Network(),
            **{
                key: next(
                    (found for each in self.appliances if (found := getattr(each.network, key)) is not None),
                    None,
                )
                for key in self._shared_keys
            },
        )

    def own_network(self, address: ManagementAddress) -> Network:
        """Return what is declared of a node's own part of its network."""
        shared = self._shared_keys
        return self.appliance(address).network.limited(
            keys=[key for key in NETWORK_KEYS if key not in shared]
        )

    def placed_network(self, address: ManagementAddress) -> Network:
        """Return what is declared of a node's network, with what both share on the preferred primary.

        A node that joins gives up its own configuration: before the pair is formed, what both are to have
        belongs on the node whose configuration stays, on whichever of them it is declared.

        Raises:
            InvalidInput: ``address`` is not in the pair.
        """
        declared = self.appliance(address).network
        shared = self.shared_network
        if address == self.preferred_primary:
            return attrs.evolve(declared, **{key: getattr(shared, key) for key in self._shared_keys})
        there = self.appliance(self.preferred_primary).network
        moved = {key for key in self._shared_keys if getattr(there, key) is None}
        return attrs.evolve(declared, **dict.fromkeys(moved))

    @property
    def id(self) -> str:
        """Canonical identifier: both management addresses in order, with a comma."""
        return ",".join(map(str, self.addresses))

    @property
    def addresses(self) -> tuple[ManagementAddress, ManagementAddress]:
        """The management addresses in canonical order, however they were declared."""
        first, second = (appliance.address for appliance in self.appliances)
        return (first, second) if first < second else (second, first)

    @property
    def heartbeat(self) -> Heartbeat:
        """The heartbeat, a part of ``failover``."""
        return self.failover.heartbeat

    @property
    def same_address(self) -> bool:
        """Whether external and internal virtual IP are one address."""
        return bool(self.external and self.internal and self.external.address == self.internal.address)

    @property
    def joining(self) -> ManagementAddress:
        """The node that takes over the other one's configuration when the pair is formed."""
        return self.other(self.preferred_primary)

    def other(self, address: ManagementAddress) -> ManagementAddress:
        """Return the peer of a node.

        Raises:
            InvalidInput: ``address`` is not in the pair.
        """
        first, second = self.addresses
        if address not in {first, second}:
            raise InvalidInput(f"{address} is not one of the appliances {first} and {second}")
        return second if address == first else first

    def appliance(self, address: ManagementAddress) -> Appliance:
        """Return the appliance with that management address.

        Raises:
            InvalidInput: There is none in the pair.
        """
        self.other(address)
        return next(appliance for appliance in self.appliances if appliance.address == address)


def _silenced(appliance: Appliance, failover_interface: str) -> Appliance:
    """Return an appliance whose declared interfaces carry heartbeats only if they are the one."""
    interfaces = appliance.network.interfaces
    if interfaces is None:
        return appliance
    told = {
        name: attrs.evolve(each, heartbeat=name == failover_interface) for name, each in interfaces.items()
    }
    return attrs.evolve(appliance, network=attrs.evolve(appliance.network, interfaces=told))
