"""An appliance: one gateway, known by its management address."""

from __future__ import annotations

import attrs

from gatepair.models.addresses import ManagementAddress
from gatepair.models.network import Network


def _address(value: ManagementAddress | str) -> ManagementAddress:
    return ManagementAddress.parse(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class Appliance:
    """One node of a pair as it is declared.

    Attributes:
        address: Where its management interface answers.
        network: What is declared of its own network; empty for an appliance left as it is.

    Example:
        >>> str(Appliance(address="192.0.2.11:8443").address)
        '192.0.2.11:8443'
    """

    address: ManagementAddress = attrs.field(converter=_address)
    network: Network = attrs.field(factory=Network)
