"""What is declared: appliances, their networks, the pair and its addresses. No input or output here.

All classes are frozen; what cannot be meant is refused with `gatepair.errors.InvalidInput`, whose
``key`` names the part to blame.
"""

from __future__ import annotations

from gatepair.models.addresses import ManagementAddress
from gatepair.models.appliance import Appliance
from gatepair.models.difference import Difference, compare
from gatepair.models.failover import HEARTBEAT_PRESETS, Failover, Heartbeat
from gatepair.models.network import NETWORK_KEYS, Interface, Network
from gatepair.models.pair import Pair
from gatepair.models.secrets import Credentials, Secret, SecretReference, SecretScheme
from gatepair.models.virtual_ip import InternalVirtualIp, VirtualIp

__all__ = [
    "HEARTBEAT_PRESETS",
    "NETWORK_KEYS",
    "Appliance",
    "Credentials",
    "Difference",
    "Failover",
    "Heartbeat",
    "Interface",
    "InternalVirtualIp",
    "ManagementAddress",
    "Network",
    "Pair",
    "Secret",
    "SecretReference",
    "SecretScheme",
    "VirtualIp",
    "compare",
]
