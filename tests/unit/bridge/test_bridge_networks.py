from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bridge_fakes import Appliances, Client

NODE = "127.0.10.11:8443"
PATH = f"/v1/appliances/{NODE}/network"
NETWORK = {"id": NODE, "host_name": "gw-a", "interfaces": {"1/2": {"heartbeat": "off", "monitor": "off"}}}


def test_a_network_is_set_read_and_forgotten(client: Client, appliances: Appliances) -> None:
    assert client("PUT", PATH, NETWORK, query="keys=host_name,interfaces&interfaces=1/2").json == NETWORK
    assert client("GET", PATH).json == NETWORK
    assert client("DELETE", PATH, query="keys=host_name").status == 204
    assert client("GET", PATH).json == NETWORK
    assert "converge_network" in appliances.calls


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
