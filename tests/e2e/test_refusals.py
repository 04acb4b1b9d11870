"""What must stop a pair from forming stops it before any change: node, reason, remedy, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from appliances import Appliance
from project import Project

from gatepair_emulator.lab import Lab

SHARED_TYPES = (
    "hanode",
    "nsip",
    "nsrpcnode",
    "sslcertkey",
    "authenticationldapaction",
    "vpnvserver",
    "nshostname",
)
VOLATILE = {"masterstatetime", "freeports"}
MakeLab = Callable[..., Lab]


def configuration(lab: Lab) -> list[list[dict[str, Any]]]:
    """Everything that forming a pair could touch, on both nodes."""
    return [
        [
            {key: value for key, value in row.items() if key not in VOLATILE}
            for row in Appliance(lab, node).rows(kind)
        ]
        for node in (lab.a, lab.b)
        for kind in SHARED_TYPES
    ]


def refused(
    project: Project, *, node: str, because: str, before: list[list[dict[str, Any]]] | None = None
) -> str:
    """Apply, expect a refusal that names the node and the reason, and nothing changed on either node."""
    outcome = project.apply()
    assert outcome.code == 1, outcome.text
    assert "Traceback" not in outcome.text
    assert node in outcome.flat
    assert because in outcome.flat, outcome.text
    if before is not None:
        assert configuration(project.lab) == before
    return outcome.flat


def test_different_firmware(tmp_path: Any, make_lab: MakeLab) -> None:
    project = Project(tmp_path / "project", make_lab("version-mismatch"))
    text = refused(project, node=project.lab.b.address, because="firmware", before=configuration(project.lab))
    assert "upgrade" in text.lower()


def test_different_admin_passwords(project: Project) -> None:
    lab = project.lab
    other = "another-Passw0rd"
    Appliance(lab, lab.b).request(
        "PUT", "systemuser", {"systemuser": {"username": "nsroot", "password": other}}
    )
    text = refused(project, node=lab.b.address, because="password")
    assert other not in text
    assert lab.password not in text


def test_an_unreachable_node(project: Project) -> None:
    project.lab.b.kill()
    refused(project, node=project.lab.b.address, because="does not answer")


def test_a_node_in_another_pair(project: Project) -> None:
    lab = project.lab
    stranger = lab.network + ".99"
    Appliance(lab, lab.b).request("POST", "hanode", {"hanode": {"id": 1, "ipaddress": stranger}})
    text = refused(project, node=lab.b.address, because="paired with", before=configuration(lab))
    assert stranger in text


def test_a_joining_node_with_a_configuration_of_its_own(project: Project) -> None:
    lab = project.lab
    action = {"name": "branch-ldap", "serverip": "192.0.2.53"}
    Appliance(lab, lab.b).request("POST", "authenticationldapaction", {"authenticationldapaction": action})
    text = refused(project, node=lab.b.address, because="configuration of its own", before=configuration(lab))
    assert "overwrite_joining_node" in text

    project.declare(more="overwrite_joining_node = true")
    project.deploy()
    names = [row["name"] for row in Appliance(lab, lab.b).rows("authenticationldapaction")]
    assert names == ["corp-ldap"]


def test_a_wrong_shared_key(project: Project, tmp_path: Any) -> None:
    missing = tmp_path / "no-such-key"
    project.declare(shared_key_file=str(missing))
    refused(project, node="shared_key", because=str(missing), before=configuration(project.lab))


@pytest.mark.parametrize("kind", ["external", "internal"])
def test_a_virtual_ip_that_is_a_management_address(project: Project, kind: str) -> None:
    management = project.lab.a.address.split(":")[0]
    project.declare(**{kind: management})
    outcome = project.run("cdktf", "synth")
    assert outcome.code == 1
    assert "Traceback" not in outcome.text
    for word in ("pairs.toml", "office", kind, management, "management address"):
        assert word in outcome.flat
