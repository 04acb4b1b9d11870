"""How the two nodes of a pair watch each other, and when one takes over."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.interface import check_interface_name

SHORTEST_HELLO_MS: Final = 200
LONGEST_HELLO_MS: Final = 1000
HELLO_STEP_MS: Final = 200
SHORTEST_DEAD_S: Final = 3
LONGEST_DEAD_S: Final = 60
HIGHEST_VLAN: Final = 4094
NO_VLAN: Final = 0


@attrs.frozen(kw_only=True)
class Heartbeat:
    """How often the nodes say hello, and how long silence lasts before the other one takes over.

    The ranges are those of ``hanode`` in the vendor's NITRO reference; within them at least three
    hellos always fit into the dead interval.

    Attributes:
        hello_interval_ms: 200 to 1000 milliseconds, a multiple of 200.
        dead_interval_s: 3 to 60 seconds.

    Example:
        >>> Heartbeat.preset("access-gateway-5")
        Heartbeat(hello_interval_ms=1000, dead_interval_s=10)
    """

    hello_interval_ms: int = 200
    dead_interval_s: int = 3

    def __attrs_post_init__(self) -> None:
        hello, dead = self.hello_interval_ms, self.dead_interval_s
        if not SHORTEST_HELLO_MS <= hello <= LONGEST_HELLO_MS or hello % HELLO_STEP_MS:
            raise InvalidInput(
                f"{hello} ms is not one of 200, 400, 600, 800, 1000 ms", key="hello_interval_ms"
            )
        if not SHORTEST_DEAD_S <= dead <= LONGEST_DEAD_S:
            raise InvalidInput(
                f"{dead} s is not between {SHORTEST_DEAD_S} and {LONGEST_DEAD_S} s",
                key="dead_interval_s",
            )

    @classmethod
    def preset(cls, name: str) -> Heartbeat:
        """Return a heartbeat by its name in `HEARTBEAT_PRESETS`.

        Raises:
            InvalidInput: There is no such preset.
        """
        if name not in HEARTBEAT_PRESETS:
            known = ", ".join(f'"{known}"' for known in HEARTBEAT_PRESETS)
            raise InvalidInput(f'there is no preset "{name}", only {known}')
        return HEARTBEAT_PRESETS[name]


HEARTBEAT_PRESETS: Final[Mapping[str, Heartbeat]] = MappingProxyType(
    {
        "default": Heartbeat(),
        # Access Gateway 5.x asked every second and took over after ten misses in a row:
        # https://www.poppelgaard.com/access-gateway-5-0-deep-dive-failover
        "access-gateway-5": Heartbeat(hello_interval_ms=1000, dead_interval_s=10),
    }
)
"""Heartbeats that have a name."""


@attrs.frozen(kw_only=True)
class Failover:
    """Settings of the failover that both nodes share.

    Attributes:
        heartbeat: Hello and dead interval.
        fail_safe: Keep one node primary even when both are unhealthy.
        max_flips: Changes of role after which the primary stays, 0 for no limit.
        max_flip_time_s: Seconds until those changes are forgotten, 0 for never.
        synchronization: Copy the primary's configuration to the secondary.
        propagation: Carry out each command on the secondary as well.
        sync_vlan: VLAN of its own for synchronization, 1 to 4094; 0 for none.
        independent_network: The nodes stand in different networks (INC mode): no address moves
            between them but the external one, and VLANs and routes are each node's own.
        failover_interface: The one interface of each node that carries heartbeats, such as ``1/2``; no
            other one does then. Empty: each interface is as it is, or as it is declared.
    """

    heartbeat: Heartbeat = attrs.field(factory=Heartbeat)
    fail_safe: bool = False
    max_flips: int = 0
    max_flip_time_s: int = 0
    synchronization: bool = True
    propagation: bool = True
    sync_vlan: int = NO_VLAN
    independent_network: bool = False
    failover_interface: str = ""

    def __attrs_post_init__(self) -> None:
        for key in ("max_flips", "max_flip_time_s"):
            if getattr(self, key) < 0:
                raise InvalidInput(f"{getattr(self, key)} is less than 0", key=key)
        if not NO_VLAN <= self.sync_vlan <= HIGHEST_VLAN:
            raise InvalidInput(
                f"{self.sync_vlan} is not a VLAN from 1 to {HIGHEST_VLAN}, nor 0 for none", key="sync_vlan"
            )
        if self.sync_vlan and self.independent_network:
            # NITRO error 2399: the appliance refuses the two together.
            raise InvalidInput("cannot be used together with independent_network", key="sync_vlan")
        if self.failover_interface:
            check_interface_name(self.failover_interface, "failover_interface")
