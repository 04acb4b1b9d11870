"""What is declared: appliances, their networks, the pair and its addresses. No input or output here.

All classes are frozen; what cannot be meant is refused with `gatepair.errors.InvalidInput`, whose
``key`` names the part to blame.
"""

from __future__ import annotations

from gatepair.models.addresses import ManagementAddress
from gatepair.models.appliance import Appliance
from gatepair.models.difference import Difference, compare
from gatepair.models.failover import HEARTBEAT_PRESETS, Failover, Heartbeat
from gatepair.models.interface import Interface
from gatepair.models.network import NETWORK_KEYS, Network, shared_network_keys
from gatepair.models.pair import Pair
from gatepair.models.route import Route
from gatepair.models.secrets import Credentials, Secret, SecretReference, SecretScheme
from gatepair.models.virtual_ip import FurtherVirtualIp, InternalVirtualIp, VirtualIp, VirtualIpRole
from gatepair.models.vlan import Tagging, Vlan

__all__ = [
    "HEARTBEAT_PRESETS",
    "NETWORK_KEYS",
    "Appliance",
    "Credentials",
    "Difference",
    "Failover",
    "FurtherVirtualIp",
    "Heartbeat",
    "Interface",
    "InternalVirtualIp",
    "ManagementAddress",
    "Network",
    "Pair",
    "Route",
    "Secret",
    "SecretReference",
    "SecretScheme",
    "Tagging",
    "VirtualIp",
    "VirtualIpRole",
    "Vlan",
    "compare",
    "shared_network_keys",
]
