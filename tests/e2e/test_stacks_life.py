"""What happens to stacks over the years: parts that move, names that change, another library."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import pytest
from appliances import Appliance
from project import PAIR, Project

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

PROGRAM = """\
from cdktf_stacks import FailoverPair, FailoverPairStack, VirtualIp
from cdktf_stacks._cdktf import cdk
from gatepair import load_config, models

config = load_config("pairs.toml")
app = cdk.App()
{body}
app.synth()
"""
APART = """\
stack = FailoverPairStack(app, "office", config.pairs["office"], config_file=config.path)
VirtualIp(stack, "users", stack.pair, models.VirtualIp(address="{external}"))
inner = models.InternalVirtualIp(address="{internal}", netmask="255.255.255.0")
VirtualIp(stack, "inner", stack.pair, inner)
"""
RENAMED = """\
from cdktf_stacks import declare_provider
stack = cdk.TerraformStack(app, "office")
declare_provider(stack, config_file=config.path)
cdk.LocalBackend(stack, path="../../../terraform.office.tfstate")
FailoverPair(stack, "{name}", config.pairs["office"], moved_from={before!r})
"""


def write(project: Project, body: str, **values: Any) -> None:
    (project.folder / "main.py").write_text(PROGRAM.format(body=body.format(**values)))


def without_virtual_ips(project: Project) -> None:
    lines = (project.folder / "pairs.toml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("external", "internal"))]
    (project.folder / "pairs.toml").write_text("\n".join(kept) + "\n")


def addresses(lab: Lab) -> dict[str, str]:
    return {row["ipaddress"]: row["type"] for row in Appliance(lab, lab.a).rows("nsip")}


def actions(project: Project) -> dict[str, list[str]]:
    changes = project.planned()["resource_changes"]
    return {change["address"]: change["change"]["actions"] for change in changes}


def test_virtual_ips_apart_from_their_pair_come_change_and_stay(project: Project) -> None:
    lab = project.lab
    without_virtual_ips(project)
    project.deploy()
    assert project.plan().code == 0, "what is not declared is no difference"

    write(project, APART, external=lab.external, internal=lab.internal)
    applied = project.apply()
    assert applied.code == 0, applied.text
    assert "2 added, 0 changed" in applied.text
    assert addresses(lab)[lab.internal] == "SNIP"
    assert project.plan().code == 0

    new = str(ipaddress.IPv4Address(lab.external) + 3)
    write(project, APART, external=new, internal=lab.internal)
    assert project.plan().code == 2
    assert actions(project)["restapi_object.users"] == ["delete", "create"]
    applied = project.terraform("apply", "-input=false", "-no-color", "plan.bin")
    assert applied.code == 0, applied.text
    assert addresses(lab)[new] == "VIP"
    assert lab.external not in addresses(lab)
    assert Appliance(lab, lab.a).rows("vpnvserver")[0]["ipv46"] == new
    assert project.plan().code == 0

    write(project, 'FailoverPairStack(app, "office", config.pairs["office"], config_file=config.path)')
    project.deploy()
    assert {new, lab.internal} <= addresses(lab).keys(), "users may be on it"
    assert project.plan().code == 0


def test_a_pair_is_renamed_within_a_stack_without_being_touched(project: Project) -> None:
    write(project, RENAMED, name=PAIR, before=None)
    project.deploy()
    write(project, RENAMED, name="head-office", before=PAIR)
    planned = project.plan()
    assert "0 to add, 0 to change, 0 to destroy" in planned.flat, planned.text
    moved = {
        change["address"]: change.get("previous_address") for change in project.planned()["resource_changes"]
    }
    assert moved["restapi_object.head-office"] == f"restapi_object.{PAIR}"
    assert len(moved) == 3
    assert all(moved.values())
    assert project.terraform("apply", "-input=false", "-no-color", "plan.bin").code == 0
    assert project.plan().code == 0


def test_a_stack_gets_a_new_name_by_forgetting_and_adopting(formed: Project) -> None:
    listed = formed.terraform("state", "list").text.split()
    assert len(listed) == 3
    assert formed.terraform("state", "rm", *listed).code == 0
    file = formed.folder / "pairs.toml"
    file.write_text(file.read_text().replace("[pairs.office]", "[pairs.head-office]"))
    formed.must("gatepair", "adopt", "head-office")
    formed.synth()
    stack = formed.folder / "cdktf.out" / "stacks" / "head-office"
    formed.must("terraform", "init", "-input=false", "-no-color", folder=stack)
    planned = formed.must("terraform", "plan", "-input=false", "-no-color", folder=stack)
    assert "3 to import, 0 to add, 0 to change, 0 to destroy" in planned


@pytest.mark.parametrize(("first", "second"), [("cdktf", "cdktn"), ("cdktn", "cdktf")])
def test_the_other_library_finds_nothing_to_do(project: Project, first: str, second: str) -> None:
    project.environment["GATEPAIR_CDK"] = first
    assert "3 added" in project.must("cdktf", "deploy", PAIR, "--auto-approve")
    project.environment["GATEPAIR_CDK"] = second
    assert "No changes." in project.must("cdktf", "diff", PAIR)
    project.must("cdktf", "destroy", PAIR, "--auto-approve")
