"""The command line about networks, single appliances and all pairs at once, as processes."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from emulator_talk import Talk
from test_cli_process import Shell, shell
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["shell"]
pytestmark = pytest.mark.slow

ROUTE = {"network": "198.51.100.0", "netmask": "255.255.255.0", "gateway": "192.0.2.1"}


def pairs_file(shell: Shell) -> Path:
    return shell.folder / "pairs.toml"


def test_an_adopted_pair_has_an_empty_plan_with_all_of_its_networks(shell: Shell) -> None:
    lab = shell.lab
    shell.run("apply", "--yes")
    with Talk(lab, lab.a) as a:
        a.add("vlan", id=20, aliasname="dmz")
        a.add("vlan_interface_binding", id=20, ifnum="1/2", tagged=True)
        a.add("route", **ROUTE)
        a.add("dnsnameserver", ip="192.0.2.53")
        a.add("ntpserver", servername="ntp.example.net")
        a.add("nsip", ipaddress=f"{lab.network}.60", netmask="255.255.255.0", type="SNIP")
        a.add("nsip", ipaddress=f"{lab.network}.61", netmask="255.255.255.255", type="VIP")
        a.act("nsconfig", "save")
    with Talk(lab, lab.b) as b:
        b.set("Interface", id="1/2", hamonitor="OFF")
        b.act("Interface", "disable", id="1/2")
        b.act("nsconfig", "save")
    pairs_file(shell).unlink()
    shell.init()
    first, second = tomllib.loads(pairs_file(shell).read_text())["pairs"]["office"]["appliances"]
    assert first["vlans"] == {"20": {"alias": "dmz", "interfaces": {"1/2": "tagged"}}}
    assert (first["routes"], first["dns_servers"]) == ([ROUTE], ["192.0.2.53"])
    assert first["ntp_servers"] == ["ntp.example.net"]
    assert second["interfaces"] == {"1/2": {"monitor": "off", "state": "disabled"}}
    assert not {"vlans", "routes"} & set(second), "they belong to the pair and are declared once"
    office = tomllib.loads(pairs_file(shell).read_text())["pairs"]["office"]
    assert office["internal"]["address"] == f"{lab.network}.60"
    assert [each["address"] for each in office["further"]] == [f"{lab.network}.61"]
    assert shell.run("plan")[0] == "No changes: the pair is as declared.\n"


def test_a_plan_tells_steps_and_differences(shell: Shell) -> None:
    shell.run("apply", "--yes")
    text = pairs_file(shell).read_text()
    assert 'host_name = "gw-a"' in text
    text = text.replace('host_name = "gw-a"', 'host_name = "gw-1", dns_servers = ["192.0.2.53"]')
    pairs_file(shell).write_text(text.replace('heartbeat = "default"', 'heartbeat = "access-gateway-5"'))
    said = shell.run("plan")[0]
    a = shell.lab.a.address
    for line in (
        f"  - {a}: host name: gw-a -> gw-1",
        f"  - {a}: DNS servers: none -> 192.0.2.53",
        "  - hello interval (ms): 200 -> 1000",
    ):
        assert line in said.splitlines()
    found = json.loads(shell.run("plan", "--json")[0])["differences"]
    assert {"key": "host_name", "before": "gw-a", "after": "gw-1", "label": f"{a}: host name"} in found
    shell.run("apply", "--yes")
    assert shell.run("plan")[0] == "No changes: the pair is as declared.\n"


def test_one_appliance(shell: Shell) -> None:
    a = shell.lab.a.address
    out, _ = shell.run("appliance", a)
    assert f"address          {a}" in out.splitlines()
    assert "NS14.1" in out
    facts = json.loads(shell.run("appliance", a, "--json")[0])
    assert (facts["reachable"], facts["role"], facts["host_name"]) == (True, "standalone", "gw-a")
    shell.lab.b.kill()
    out, _ = shell.run("appliance", shell.lab.b.address, code=3)
    assert "no" in next(line for line in out.splitlines() if line.startswith("reachable")).split()


def test_the_status_of_all_pairs(shell: Shell) -> None:
    """One pair of two is in order; the other one's appliances do not answer."""
    shell.run("apply", "--yes")
    until(shell.healthy, "a healthy pair")
    with pairs_file(shell).open("a") as file:
        file.write(
            '\n[pairs.nowhere]\nappliances = [{ address = "127.0.0.1:1" }, { address = "127.0.0.1:2" }]\n'
        )
    out, err = shell.run("status", "--all", code=1)
    assert "office" in out
    assert f"{shell.lab.a.address} serves" in out
    assert "nowhere" in out + err
    lines = [json.loads(line) for line in shell.run("status", "--all", "--json", code=1)[0].splitlines()]
    by_pair = {line["pair"]: line for line in lines if "pair" in line}
    assert by_pair["office"]["verdict"] == "done"
    assert by_pair["nowhere"]["verdict"] == "failed"
    assert "serves" in shell.run("status", "off*", "--all")[0]
