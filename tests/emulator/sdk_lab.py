"""What the SDK's tests need to know about an emulated pair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepair.config import Connections, Settings, Tls
from gatepair.models import Appliance, Failover, Heartbeat, InternalVirtualIp, Pair, Secret, VirtualIp

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

QUICK = Failover(heartbeat=Heartbeat(hello_interval_ms=200, dead_interval_s=3))


def connections(lab: Lab, *, password: str | None = None) -> Connections:
    """Return how the SDK reaches both appliances."""
    tls = Tls(ca_file=Path(lab.ca_file))
    return Connections(common=Settings(password=Secret(password or lab.password), tls=tls))


def declared(lab: Lab, **changes: Any) -> Pair:
    """Return the usual declaration: both virtual IPs, quick heartbeats."""
    values: dict[str, Any] = {
        "appliances": (Appliance(address=lab.a.address), Appliance(address=lab.b.address)),
        "shared_key": Secret(lab.shared_key),
        "external": VirtualIp(address=lab.external),
        "internal": InternalVirtualIp(address=lab.internal, netmask="255.255.255.0"),
        "failover": QUICK,
    }
    return Pair(**(values | changes))
