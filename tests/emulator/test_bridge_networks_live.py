"""Networks through a bridge that no pairs file tells who belongs to whom, on two emulated appliances."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from appliances import Appliance
from bridge_lab import BridgeLab, bridge_lab
from waiting import until

from gatepair import load_config
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.sessions import Sessions

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path, gatepair_pool: LabPool) -> Iterator[BridgeLab]:
    """A pair that is formed, and a bridge that has been told of no pair."""
    with bridge_lab(tmp_path, gatepair_pool) as told:
        assert told.form().status == 201
        with EmbeddedBridge(Sessions(load_config(told.file))) as bridge:
            yield attrs.evolve(told, bridge=bridge)


def network_of(address: str) -> str:
    return f"/v1/appliances/{address}/network"


def name_servers(office: BridgeLab) -> list[set[str]]:
    nodes = (Appliance(office.lab, node) for node in (office.lab.a, office.lab.b))
    return [{row["ip"] for row in node.rows("dnsnameserver")} for node in nodes]


def test_what_both_share_is_changed_on_the_primary_that_the_secondary_names(office: BridgeLab) -> None:
    b = office.lab.b.address
    wanted = {"id": b, "host_name": "gw-south", "dns_servers": ["192.0.2.53"]}
    planned = office("PUT", network_of(b), wanted, query="dry_run=true").json
    nodes = {step["id"]: step["node"] for step in planned["steps"]}
    assert (nodes["add-dns-server"], nodes["host-name"]) == (office.lab.a.address, b)

    changed = office("PUT", network_of(b), wanted)
    assert (changed.status, changed.json) == (200, wanted), changed.body
    assert name_servers(office) == [{"192.0.2.53"}, {"192.0.2.53"}]
    read = office("GET", network_of(b), query="keys=host_name,dns_servers")
    assert read.json == wanted
    unseen = {"if-match": '"another"'}
    assert office("PUT", network_of(b), wanted, headers=unseen).status == 412


def test_both_networks_at_once_and_the_primary_is_lost(office: BridgeLab) -> None:
    a, b = office.lab.a.address, office.lab.b.address
    with ThreadPoolExecutor() as pool:
        bodies = [{"id": node, "dns_servers": ["192.0.2.53", "192.0.2.54"]} for node in (a, b)]
        sent = [pool.submit(office, "PUT", network_of(body["id"]), body) for body in bodies]
        assert [each.result(60).status for each in sent] == [200, 200]
    assert name_servers(office) == [{"192.0.2.53", "192.0.2.54"}] * 2

    office.lab.a.kill()
    until(lambda: Appliance(office.lab, office.lab.b).role() == "Primary", "B is primary")
    changed = office("PUT", network_of(b), {"id": b, "dns_servers": ["192.0.2.55"]})
    assert changed.status == 200, changed.body
    office.lab.a.start()
    until(lambda: name_servers(office) == [{"192.0.2.55"}] * 2, "A takes it over")
