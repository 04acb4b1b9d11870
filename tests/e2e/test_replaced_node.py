"""A node is replaced: on the appliances by `gatepair replace`, then in pairs.toml, then by one deploy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from appliances import Appliance
from fresh_node import fresh_node
from project import PAIR, Project
from waiting import until

from gatepair_emulator.probe import Users

if TYPE_CHECKING:
    from gatepair_emulator.lab_node import Node


@pytest.fixture
def fresh(formed: Project) -> Iterator[Node]:
    node = fresh_node(formed.lab)
    node.start()
    yield node
    node.stop()


def peers(project: Project, node: Node) -> list[str]:
    return sorted(row["ipaddress"] for row in Appliance(project.lab, node).rows("hanode"))


def actions(project: Project) -> dict[str, list[str]]:
    return {
        change["address"].removeprefix("restapi_object."): change["change"]["actions"]
        for change in project.planned()["resource_changes"]
    }


@pytest.mark.parametrize("back", [False, True])
def test_a_replaced_node_is_declared_and_deployed_with_users_served(
    formed: Project,
    fresh: Node,
    back: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    lab = formed.lab
    lab.b.kill()
    with Users(f"{lab.external}:{lab.external_port}", Path(lab.ca_file)) as users:
        users.served_by("gw-a")
        users.mark()
        words = ("--dead", lab.b.address, "--with", fresh.address, "--yes")
        formed.must("gatepair", "replace", PAIR, *words)
        if back:  # cleared, and on the shelf with its old address
            lab.b.exchange()
            until(lambda: len(Appliance(lab, lab.b).rows("hanode")) == 1, "B is a fresh one")
        formed.declare(b=fresh.address)
        planned = formed.plan()
        assert planned.code == 2, planned.text
        assert actions(formed)[PAIR] == ["delete", "create"]
        deployed = formed.deploy()
        assert users.failures() == 0
    # What is declared of a silent appliance that nobody declares any more is gone when it is looked at.
    assert f"2 added, 0 changed, {2 if back else 1} destroyed" in deployed
    after = formed.plan()
    assert after.code == 0, after.text
    pair = sorted((lab.a.host, fresh.host))
    assert peers(formed, lab.a) == peers(formed, fresh) == pair
    assert Appliance(lab, fresh).rows("nshostname")[0]["hostname"] == "gw-b"
    assert Appliance(lab, lab.a).role() == "Primary"


def test_a_node_that_is_not_replaced_yet_is_refused_while_planning(formed: Project, fresh: Node) -> None:
    lab = formed.lab
    formed.declare(b=fresh.address)
    planned = formed.plan()
    assert planned.code == 1
    assert "gatepair replace" in planned.flat
    assert "Nothing was changed" in planned.flat
    assert peers(formed, lab.a) == sorted((lab.a.host, lab.b.host))
    formed.declare(b=lab.b.address)
    assert formed.plan().code == 0
