"""Terraform or the provider dies in an apply: users stay served, and the next apply converges."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from appliances import Appliance
from project import Project, terraform_binary
from waiting import until

from gatepair_emulator.lab import Lab
from gatepair_emulator.probe import Users

Moment = Callable[[Lab], bool]


def pinned(lab: Lab) -> bool:
    return Appliance(lab, lab.a).own_node()["hastatus"] == "STAYPRIMARY"


def first_node_knows_its_peer(lab: Lab) -> bool:
    return len(Appliance(lab, lab.a).rows("hanode")) == 2


def both_nodes_know_each_other(lab: Lab) -> bool:
    return all(len(Appliance(lab, node).rows("hanode")) == 2 for node in (lab.a, lab.b))


def internal_address_is_there(lab: Lab) -> bool:
    return lab.internal in {row["ipaddress"] for row in Appliance(lab, lab.a).rows("nsip")}


def kill(victim: str, terraform: psutil.Process) -> None:
    """Kill Terraform, or the provider that holds the apply: its youngest child that is one."""
    doomed = [terraform]
    if victim == "provider":
        children = terraform.children(recursive=True)
        providers = [child for child in children if "provider" in " ".join(child.cmdline())]
        doomed = sorted(providers, key=psutil.Process.create_time)[-1:]
    for process in doomed:
        process.kill()


@pytest.mark.parametrize("victim", ["terraform", "provider"])
@pytest.mark.parametrize(
    "moment", [pinned, first_node_knows_its_peer, both_nodes_know_each_other, internal_address_is_there]
)
def test_a_killed_apply_is_mended_by_the_next_one(project: Project, moment: Moment, victim: str) -> None:
    lab = project.lab
    project.init()
    with Users(f"{lab.external}:{lab.external_port}", Path(lab.ca_file)) as users:
        users.served_by("gw-a")
        users.mark()
        family: list[psutil.Process] = []
        with subprocess.Popen(
            [terraform_binary(), "apply", "-auto-approve", "-input=false", "-no-color"],
            cwd=project.stack,
            env=project.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as apply:
            until(lambda: moment(lab) or apply.poll() is not None, moment.__name__)
            # On a busy machine the apply may end in this very moment, which is as good a moment.
            with contextlib.suppress(psutil.NoSuchProcess):
                terraform = psutil.Process(apply.pid)
                family = terraform.children(recursive=True)
                kill(victim, terraform)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, "nothing lives on when Terraform is gone"

        outcome = project.apply()
        assert outcome.code == 0, outcome.text
        assert users.failures() == 0
    roles = sorted(Appliance(lab, node).role() for node in (lab.a, lab.b))
    assert roles == ["Primary", "Secondary"]
    for node in (lab.a, lab.b):
        assert Appliance(lab, node).own_node()["hastatus"] == "UP"
    assert project.plan().code == 0
