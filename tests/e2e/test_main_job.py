"""The main job: declare a pair, deploy once, live through failovers and other people's changes."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import TYPE_CHECKING

from appliances import Appliance
from project import PAIR, Project
from waiting import until

from gatepair_emulator.probe import Users

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

FAILOVER_LIMIT_S = 3 + 1


def another_address(address: str, step: int = 1) -> str:
    """Return a neighbour of an address on the same emulated network."""
    host, _, port = address.partition(":")
    neighbour = str(ipaddress.IPv4Address(host) + step)
    return f"{neighbour}:{port}" if port else neighbour


def assert_no_changes(project: Project) -> None:
    outcome = project.plan()
    assert outcome.code == 0, outcome.text


def roles(lab: Lab) -> tuple[str, str]:
    return Appliance(lab, lab.a).role(), Appliance(lab, lab.b).role()


def until_roles(lab: Lab, a: str, b: str) -> None:
    until(lambda: roles(lab) == (a, b), f"A is {a} and B is {b}")


def until_synchronized(secondary: Appliance) -> None:
    until(lambda: secondary.own_node()["hasync"] == "SUCCESS", "the secondary is synchronized")


def test_one_cdktf_deploy_forms_the_pair_and_the_next_plan_is_empty(project: Project) -> None:
    deployed = project.must("cdktf", "deploy", PAIR, "--auto-approve")
    assert "Apply complete! Resources: 3 added" in deployed
    assert roles(project.lab) == ("Primary", "Secondary")
    assert "No changes." in project.must("cdktf", "diff", PAIR)

    for node in (project.lab.a, project.lab.b):
        appliance = Appliance(project.lab, node)
        addresses = {row["ipaddress"]: row for row in appliance.rows("nsip")}
        assert addresses[project.lab.external]["type"] == "VIP"
        assert addresses[project.lab.internal]["mgmtaccess"] == "ENABLED"
        assert [row["certkey"] for row in appliance.rows("sslcertkey")] == ["gateway"]
        assert [row["name"] for row in appliance.rows("authenticationldapaction")] == ["corp-ldap"]
        assert [row["name"] for row in appliance.rows("vpnvserver")] == ["gateway"]
        assert appliance.own_node()["hastatus"] == "UP", "no pin of the forming is left behind"
    assert Appliance(project.lab, project.lab.b).rows("nshostname")[0]["hostname"] == "gw-b"


def test_a_restart_of_both_nodes_keeps_the_pair(formed: Project) -> None:
    lab = formed.lab
    for node in (lab.a, lab.b):
        node.kill()
    for node in (lab.a, lab.b):
        node.start()
    until(lambda: sorted(roles(lab)) == ["Primary", "Secondary"], "one primary, one secondary")
    for node in (lab.a, lab.b):
        assert [row["name"] for row in Appliance(lab, node).rows("vpnvserver")] == ["gateway"]
    assert_no_changes(formed)


def test_the_plan_stays_empty_after_a_forced_failover(formed: Project) -> None:
    lab = formed.lab
    formed.must("gatepair", "failover", PAIR, "--yes")
    until_roles(lab, "Secondary", "Primary")
    assert_no_changes(formed)


def test_users_are_served_again_within_the_dead_interval_and_a_second(formed: Project) -> None:
    lab = formed.lab
    with Users(f"{lab.external}:{lab.external_port}", Path(lab.ca_file)) as users:
        users.served_by("gw-a")
        users.mark()
        lab.a.kill()
        outage_s = users.watch_takeover(away_from="gw-a", tell=lambda _: None)
    assert outage_s <= FAILOVER_LIMIT_S

    lab.a.start()
    until_roles(lab, "Secondary", "Primary")
    until_synchronized(Appliance(lab, lab.a))
    assert_no_changes(formed)


def test_a_change_after_a_failover_lands_on_the_live_primary(formed: Project) -> None:
    lab = formed.lab
    formed.must("gatepair", "failover", PAIR, "--yes")
    until_roles(lab, "Secondary", "Primary")

    new = another_address(lab.external, 2)
    formed.declare(external=new)
    formed.deploy()

    def moved(appliance: Appliance) -> bool:
        addresses = {row["ipaddress"] for row in appliance.rows("nsip")}
        servers = [row["ipv46"] for row in appliance.rows("vpnvserver")]
        return new in addresses and lab.external not in addresses and servers == [new]

    assert moved(Appliance(lab, lab.b))
    # The secondary was just synchronizing; what it refused meanwhile comes with the next synchronization.
    until(lambda: moved(Appliance(lab, lab.a)), "the secondary has the new address and not the old one")
    port = lab.external_port
    with Users(f"{new}:{port}", Path(lab.ca_file)) as users:
        users.served_by("gw-b")
    assert_no_changes(formed)


def test_a_pair_dissolved_by_hand_is_planned_in_its_own_words_and_mended(formed: Project) -> None:
    lab = formed.lab
    for node in (lab.b, lab.a):
        Appliance(lab, node).delete("hanode/1")

    planned = formed.plan()
    assert planned.code == 2
    assert 'failover_pair = "dissolved" -> "formed"' in planned.flat

    formed.deploy()
    until(lambda: sorted(roles(lab)) == ["Primary", "Secondary"], "one primary, one secondary")
    assert_no_changes(formed)


def test_a_virtual_ip_removed_by_hand_is_planned_in_its_own_words_and_mended(formed: Project) -> None:
    lab = formed.lab
    Appliance(lab, lab.a).delete(f"nsip/{lab.internal}")

    planned = formed.plan()
    assert planned.code == 2
    assert "internal_virtual_ip" in planned.text
    assert f'"" -> "{lab.internal}"' in planned.text

    formed.deploy()
    for node in (lab.a, lab.b):
        assert lab.internal in {row["ipaddress"] for row in Appliance(lab, node).rows("nsip")}
    assert_no_changes(formed)


def test_destroy_dissolves_and_the_primary_keeps_serving_users(formed: Project) -> None:
    lab = formed.lab
    with Users(f"{lab.external}:{lab.external_port}", Path(lab.ca_file)) as users:
        users.served_by("gw-a")
        users.mark()
        formed.must("cdktf", "destroy", PAIR, "--auto-approve")
        assert users.failures() == 0
    for node in (lab.a, lab.b):
        assert len(Appliance(lab, node).rows("hanode")) == 1
    freed = Appliance(lab, lab.b)
    assert lab.external not in {row["ipaddress"] for row in freed.rows("nsip") if row["state"] == "ENABLED"}


def test_secrets_are_nowhere(formed: Project) -> None:
    lab = formed.lab
    formed.environment["TF_LOG"] = "TRACE"
    formed.environment["TF_LOG_PATH"] = str(formed.folder / "terraform.log")
    formed.environment["GATEPAIR_LOG"] = "debug"
    formed.declare(external=another_address(lab.external, 3))
    assert formed.plan().code == 2
    (formed.folder / "plan.json").write_text(json.dumps(formed.planned()))
    formed.deploy()
    written = [
        *formed.folder.glob("**/*.tfstate*"),
        *formed.stack.glob("**/*"),
        formed.folder / "plan.json",
        formed.folder / "terraform.log",
        *lab.state_dir.glob("*/*.log"),
    ]
    assert len(written) > 8
    for file in (file for file in written if file.is_file()):
        content = file.read_bytes()
        for secret in (lab.password, lab.shared_key):
            assert secret.encode() not in content, file
