"""Pairs to synthesize."""

from __future__ import annotations

from typing import Any

from gatepair import models


def appliance(last: int, third: int = 10, **network: Any) -> models.Appliance:
    return models.Appliance(address=f"127.0.{third}.{last}:8443", network=models.Network(**network))


FULL = models.Pair(
    appliances=(
        appliance(12, host_name="gw-b", interfaces={"1/2": models.Interface(heartbeat=False, monitor=False)}),
        appliance(11, host_name="gw-a"),
    ),
    preferred_primary=models.ManagementAddress.parse("127.0.10.11:8443"),
    shared_key=models.SecretReference("file:keys/${pair}/%{key}"),
    shared_key_version=3,
    external=models.VirtualIp(address="127.0.10.20"),
    internal=models.InternalVirtualIp(address="127.0.10.21", netmask="255.255.255.0"),
    failover=models.Failover(heartbeat=models.Heartbeat.preset("access-gateway-5"), fail_safe=True),
)
BARE = models.Pair(appliances=(appliance(11), appliance(12)))


def many(count: int) -> dict[str, models.Pair]:
    """Return so many pairs by name, each with both networks."""
    return {
        f"pair-{number}": models.Pair(
            appliances=(
                appliance(11, number, host_name=f"gw-{number}-a"),
                appliance(12, number, host_name=f"gw-{number}-b"),
            ),
            external=models.VirtualIp(address=f"127.0.{number}.20"),
        )
        for number in range(count)
    }
