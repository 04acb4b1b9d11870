from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from bridge_fakes import PAIR_ID, PAIR_PATH, A, B, through_asgi

from gatepair.models import Appliance, Pair
from gatepair_bridge.api.app import create_app
from gatepair_bridge.settings import read_settings

if TYPE_CHECKING:
    from bridge_fakes import Appliances, Client, Held

    from gatepair_bridge.api.sessions import Sessions

NODE = "127.0.10.11:8443"
PATH = f"/v1/appliances/{NODE}/network"
INTERFACE = {"heartbeat": "off", "monitor": "off", "state": "enabled"}
NETWORK = {"id": NODE, "host_name": "gw-a", "interfaces": {"1/2": INTERFACE}}


def test_a_network_is_set_read_and_forgotten(client: Client, appliances: Appliances) -> None:
    assert client("PUT", PATH, NETWORK, query="keys=host_name,interfaces&interfaces=1/2").json == NETWORK
    assert client("GET", PATH).json == NETWORK
    assert client("DELETE", PATH, query="keys=host_name").status == 204
    assert client("GET", PATH).json == NETWORK
    assert f"converge_network {NODE},{NODE}" in appliances.calls


def test_only_managed_keys_are_asked_for(client: Client, appliances: Appliances) -> None:
    client("GET", PATH, query="keys=host_name,interfaces&interfaces=1%2F2,1/3")
    assert appliances.calls[0] == "read_network ['host_name', 'interfaces'] ['1/2', '1/3']"


def test_a_dry_run_of_a_network(client: Client, appliances: Appliances) -> None:
    planned = client("PUT", PATH, {"id": NODE, "host_name": "gw-b"}, query="dry_run=true")
    assert planned.json["steps"][0]["id"] == "host-name"
    assert client("DELETE", PATH, query="dry_run=true").json["steps"] == []
    assert appliances.networks == {}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"id": "127.0.10.12:8443"}, "id"),
        ({"host_name": "gw-a"}, "id"),
        ({"id": NODE, "host_name": "-"}, "host_name"),
        ({"id": NODE, "interfaces": {"x y": {}}}, "interfaces.x y"),
        ({"id": NODE, "colour": "red"}, "colour"),
    ],
)
def test_a_network_that_is_not_valid_is_a_problem(client: Client, body: object, key: str) -> None:
    problem = client("PUT", PATH, body)
    assert (problem.status, problem.json["key"]) == (422, key)


def test_a_key_no_network_has_is_a_problem(client: Client) -> None:
    assert client("GET", PATH, query="keys=hostname").status == 400


OWN: dict[str, object] = {"host_name": "gw-a"}
SHARED: dict[str, object] = {"dns_servers": ["192.0.2.53"]}
OFFICE = Pair(appliances=(Appliance(address=A), Appliance(address=B)))


def network_of(node: str) -> str:
    return f"/v1/appliances/{node}/network"


@pytest.mark.parametrize("keys", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize("declared", [{}, {"office": OFFICE}], ids=["unknown", "declared"])
def test_a_change_of_what_both_share_holds_both(
    client: Client,
    appliances: Appliances,
    sessions: Sessions,
    keys: dict[str, object],
    declared: dict[str, Pair],
) -> None:
    appliances.peers[A] = B
    sessions.declared = declared
    seen: list[set[str]] = []
    appliances.pause = lambda: seen.append(set(client.bridge._bridge.locks._held))
    assert client("PUT", network_of(A), {"id": A, **keys}).status == 200
    shared = keys is SHARED
    assert seen == [{A, B} if shared else {A}]
    known = PAIR_ID if shared or declared else f"{A},{A}"
    assert f"converge_network {known}" in appliances.calls
    asked_for_its_peer = f"appliance_status {A}" in appliances.calls
    assert asked_for_its_peer == (shared and not declared)


def test_one_without_a_peer_is_changed_alone(client: Client, appliances: Appliances) -> None:
    assert client("PUT", network_of(A), {"id": A, **SHARED}).status == 200
    assert f"converge_network {A},{A}" in appliances.calls


def test_a_peer_that_is_out_of_bounds_is_not_spoken_to(sessions: Sessions, appliances: Appliances) -> None:
    appliances.peers[A] = B
    app = create_app(read_settings(None, {"appliance_networks": [f"{A}/32"]}), sessions=sessions)
    refused = through_asgi(app, "PUT", network_of(A), {"id": A, **SHARED})
    assert refused.status == 403
    assert B in refused.json["detail"]
    assert not [call for call in appliances.calls if call.startswith("converge_network")]


def test_networks_of_a_pair_wait_for_each_other_and_nothing_else_does(
    client: Client, appliances: Appliances, held: Held
) -> None:
    appliances.peers[A] = B
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client, "PUT", network_of(A), {"id": A, **SHARED})
        assert held.reached.wait(10)
        refused = client("DELETE", PAIR_PATH)
        assert (refused.status, refused.json["holder"]["what"]) == (409, f"PUT {network_of(A)}")
        second = pool.submit(client, "PUT", network_of(B), {"id": B, **OWN})
        assert not second.done()
        held.released.set()
        assert (first.result(10).status, second.result(10).status) == (200, 200)
    assert client("DELETE", PAIR_PATH).status == 204
