"""Fixtures of the bridge's tests; what they are made of is in bridge_fakes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bridge_fakes import CANARY, PAIR_ID, Appliances, Client, Held

from gatepair.config import Connections, Settings
from gatepair.models import Secret
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.sessions import Sessions


@pytest.fixture
def appliances() -> Appliances:
    return Appliances()


@pytest.fixture
def sessions(appliances: Appliances) -> Sessions:
    ways = Connections(common=Settings(password=Secret(CANARY)))
    return Sessions(ways, open_session=appliances.open)


@pytest.fixture
def client(sessions: Sessions) -> Iterator[Client]:
    with EmbeddedBridge(sessions, busy_wait_s=0) as bridge:
        yield Client(bridge)


@pytest.fixture
def declaration() -> dict[str, object]:
    return {
        "id": PAIR_ID,
        "failover_pair": "formed",
        "external_virtual_ip": {"address": "192.0.2.20", "netmask": "255.255.255.255"},
        "internal_virtual_ip": {
            "address": "192.0.2.21",
            "netmask": "255.255.255.0",
            "management_access": "enabled",
        },
        "heartbeat": {"hello_interval_ms": 1000, "dead_interval_s": 10},
        "fail_safe": "off",
        "max_flips": 0,
        "max_flip_time_s": 0,
        "synchronization": "enabled",
        "propagation": "enabled",
        "sync_vlan": 0,
        "independent_network": "disabled",
    }


@pytest.fixture
def held(appliances: Appliances) -> Iterator[Held]:
    hold = Held()
    appliances.pause = hold
    yield hold
    hold.released.set()
