"""A pair in network namespaces: interfaces, addresses and gratuitous ARP of its own. Needs root and ip(8)."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from emulator_talk import Talk, who_serves
from waiting import until

from gatepair_emulator.cli import emulator
from gatepair_emulator.interfaces import gratuitous_arp
from gatepair_emulator.lab import Lab
from gatepair_emulator.namespaces import DEVICE, bridge_of, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Node

REASON = why_not()
# CI runs as root and sets this: there, not being able to run these tests is a failure.
REQUIRED = bool(os.environ.get("CI_NAMESPACES"))
namespaced = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(REASON) and not REQUIRED, reason=f"NOT TESTED HERE: pairs in network namespaces: {REASON}"
    ),
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab.start(tmp_path / "pair", scenario="formed", clock=5, namespaces=True) as lab:
        until(lambda: lab.b.status()["sync"] == "SUCCESS", "the pair is in good health")
        yield lab


def within(node: Node, *words: str) -> str:
    """What a command prints in an appliance's namespace."""
    assert node.namespace is not None
    return subprocess.run(node.namespace.command(*words), capture_output=True, text=True, check=True).stdout


def hardware(node: Node) -> bytes:
    return bytes.fromhex(within(node, "cat", f"/sys/class/net/{DEVICE}/address").strip().replace(":", ""))


def neighbour(lab: Lab) -> str:
    """The Ethernet address this machine has for the external virtual IP."""
    words = ["ip", "neigh", "show", lab.external, "dev", bridge_of(lab.network)]
    known = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return known[known.index("lladdr") + 1].replace(":", "") if "lladdr" in known else ""


class TestNamespaces:
    pytestmark = namespaced

    def test_a_takeover_is_announced_and_the_address_moves(self, lab: Lab) -> None:
        assert who_serves(lab) == lab.a.host
        assert lab.external in within(lab.a, "ip", "addr", "show", "dev", DEVICE)
        assert lab.external not in within(lab.b, "ip", "addr", "show", "dev", DEVICE)
        assert neighbour(lab) == hardware(lab.a).hex()
        expected = gratuitous_arp(hardware(lab.b), lab.external)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as ear:
            ear.bind((bridge_of(lab.network), 0x0806))
            ear.settimeout(30)
            lab.a.kill()
            heard = 0
            while heard < 2:
                heard += ear.recv(2048)[: len(expected)] == expected
        until(lambda: who_serves(lab) == lab.b.host, "users are served by the other node")
        assert neighbour(lab) == hardware(lab.b).hex()

    def test_a_cable_that_is_really_out(self, lab: Lab) -> None:
        assert lab.a.namespace is not None
        cable = lab.a.namespace.cable
        subprocess.run(["ip", "link", "set", cable, "down"], check=True)
        with Talk(lab, lab.b) as b:
            until(lambda: b.views()[0][0] == "Primary", "no heartbeat comes through")
        subprocess.run(["ip", "link", "set", cable, "up"], check=True)
        until(lambda: {lab.a.status()["role"], lab.b.status()["role"]} == {"Primary", "Secondary"}, "healed")

    def test_nothing_is_left_behind(self, tmp_path: Path) -> None:
        state = ["--state", str(tmp_path / "pair")]
        outcome = CliRunner().invoke(emulator, ["up", "--namespaces", "--clock", "5", *state])
        assert outcome.exit_code == 0, outcome.output
        network = Lab.open(tmp_path / "pair").network
        assert network.startswith("10.")
        mine = f"gatepair-{network}-"  # as others may run here, in networks that begin the same
        assert mine in subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
        assert CliRunner().invoke(emulator, ["down", *state]).exit_code == 0
        left = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
        assert mine not in left
        assert not Path(f"/sys/class/net/{bridge_of(network)}").exists()


def test_the_announcement_is_a_gratuitous_arp_request() -> None:
    frame = gratuitous_arp(bytes.fromhex("020000000001"), "192.0.2.20")
    address = ipaddress.IPv4Address("192.0.2.20").packed
    assert frame[:6] == b"\xff" * 6
    assert frame[12:22] == bytes.fromhex("0806 0001 0800 06 04 0001".replace(" ", ""))
    assert frame[28:32] == frame[38:42] == address
    assert len(frame) == 42


def test_without_permission_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepair_emulator.namespaces.os.geteuid", lambda: 1000)
    outcome = CliRunner().invoke(emulator, ["up", "--namespaces", "--state", str(tmp_path / "pair")])
    assert outcome.exit_code == 1
    assert "network namespaces cannot be used here: " in outcome.output
