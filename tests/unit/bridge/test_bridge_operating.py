from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bridge_fakes import PAIR_ID, PAIR_PATH, A, B

if TYPE_CHECKING:
    from bridge_fakes import Appliances, Client


def test_status_gives_the_live_facts(client: Client) -> None:
    answer = client("GET", f"{PAIR_PATH}/status")
    assert (answer.status, answer.json["id"], answer.json["primary"]) == (200, PAIR_ID, A)


def test_preflight_with_and_without_a_declaration(client: Client, declaration: dict[str, object]) -> None:
    assert client("POST", f"{PAIR_PATH}/preflight").json["checks"][0]["evidence"] == "None"
    checked = client("POST", f"{PAIR_PATH}/preflight", declaration)
    assert checked.json["ok"] is True
    assert "Pair(" in checked.json["checks"][0]["evidence"]


@pytest.mark.parametrize(
    ("body", "call"),
    [
        (None, "failover False None"),
        ({}, "failover False None"),
        ({"force": True, "to": B}, f"failover True {B}"),
    ],
)
def test_failover(client: Client, appliances: Appliances, body: object, call: str) -> None:
    answer = client("POST", f"{PAIR_PATH}/failover", body)
    assert (answer.status, answer.json["new_primary"]) == (200, B)
    assert appliances.calls[0] == call


@pytest.mark.parametrize("body", [{"force": "yes"}, {"to": 3}, {"to": ""}, {"now": True}])
def test_a_failover_that_is_not_understood_is_not_done(
    client: Client, appliances: Appliances, body: object
) -> None:
    assert client("POST", f"{PAIR_PATH}/failover", body).status == 422
    assert appliances.calls == []


def test_health_figures_and_description_need_no_appliance(client: Client, appliances: Appliances) -> None:
    client("GET", f"{PAIR_PATH}/status")
    assert client("GET", "/healthz").json["status"] == "ok"
    assert 'route="readPairStatus",method="GET",status="200"} 1' in client("GET", "/metrics").body.decode()
    assert client("GET", "/openapi.json").json["openapi"] == "3.1.0"
    assert appliances.calls == ["status", "close"]
