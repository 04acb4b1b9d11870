"""A failover pair as it is declared: two appliances and what they share."""

# ruff: noqa: TC001 - the types of attrs classes stay resolvable at run time
from __future__ import annotations

from ipaddress import IPv4Address

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.addresses import ManagementAddress
from gatepair.models.appliance import Appliance
from gatepair.models.failover import Failover, Heartbeat
from gatepair.models.secrets import Secret, SecretReference
from gatepair.models.virtual_ip import InternalVirtualIp, VirtualIp


def _check_appliances(_: object, __: object, value: tuple[Appliance, ...]) -> None:
    if len(value) != 2:  # noqa: PLR2004 - a pair is two
        raise InvalidInput(f"a pair has exactly two appliances, not {len(value)}", key="appliances")
    if value[0].address == value[1].address:
        raise InvalidInput(f"both appliances are {value[0].address}", key="appliances")


def _first(pair: Pair) -> ManagementAddress:
    # attrs computes defaults before it validates.
    _check_appliances(pair, None, pair.appliances)
    return pair.appliances[0].address


@attrs.frozen(kw_only=True)
class Pair:
    """Desired state of a failover pair.

    Attributes:
        appliances: The two nodes; the first one is the preferred primary unless said otherwise.
        preferred_primary: The node whose configuration the pair takes over when it is formed. Which
            node is primary later is not part of the desired state: a failover is no difference.
        shared_key: Where the secret is that both nodes know; in memory it may be the secret itself.
        shared_key_version: Raise it to have the key written anew, 1 or more.
        external: Virtual IP that users connect to; ``None`` for none.
        internal: Virtual IP that the pair talks to back ends from; ``None`` for none. It may have
            the same address and netmask as ``external``.
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
