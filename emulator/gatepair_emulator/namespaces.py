"""Network namespaces: each appliance with an interface, addresses and ARP of its own.

One namespace per appliance, a veth pair from each to a bridge on this machine. Needs root and ``ip``
(package iproute2); everything else runs on loopback addresses without either.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gatepair_emulator.lab_node import LabError

if TYPE_CHECKING:
    from collections.abc import Iterable

DEVICE: Final = "if1-1"
_LENGTH: Final = 24
_FIRST: Final = 1


@frozen(kw_only=True)
class Namespace:
    """The network of one appliance.

    Attributes:
        network: First three octets of every address.
        node: ``a`` or ``b``.
        host: Management address.
    """

    network: str
    node: str
    host: str

    @property
    def name(self) -> str:
        """Name of the namespace."""
        return f"gatepair-{self.network}-{self.node}"

    @property
    def cable(self) -> str:
        """This machine's end of the veth pair."""
        return f"gp{_tag(self.network)}{self.node}"

    def command(self, *words: str) -> list[str]:
        """A command that runs in the namespace.

        Args:
            words: The command.

        Returns:
            The same with what enters the namespace before it.
        """
        return ["ip", "netns", "exec", self.name, *words]

    def create(self) -> None:
        """Make the namespace and plug it into the bridge; one that is there stays."""
        if self.name in _run("ip", "netns", "list").split():
            return
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self.cable, "type", "veth", "peer", "name", DEVICE, "netns", self.name)
        _run("ip", "link", "set", self.cable, "master", bridge_of(self.network), "up")
        _run("ip", "-n", self.name, "link", "set", "lo", "up")

    def power(self, *, on: bool) -> None:
        """The interface of an appliance that is switched on or off: no address outlives a power cut.

        Args:
            on: Whether the appliance has power.
        """
        _run("ip", "-n", self.name, "addr", "flush", "dev", DEVICE)
        _run("ip", "-n", self.name, "link", "set", DEVICE, "up" if on else "down")
        if on:
            _run("ip", "-n", self.name, "addr", "add", f"{self.host}/{_LENGTH}", "dev", DEVICE)

    def remove(self) -> None:
        """Take everything away."""
        _run("ip", "netns", "del", self.name, check=False)
        _run("ip", "link", "del", self.cable, check=False)


def _tag(network: str) -> str:
    return network.partition(".")[2]


def bridge_of(network: str) -> str:
    """Name of the bridge that joins the appliances and this machine.

    Args:
        network: First three octets of every address.

    Returns:
        The interface's name.
    """
    return f"gpb{_tag(network)}"


def plug_in(network: str, namespaces: Iterable[Namespace], further: Iterable[str]) -> None:
    """Make the bridge and the namespaces of a pair; what is there stays.

    Args:
        network: First three octets of every address.
        namespaces: Those of the appliances.
        further: Addresses of this machine besides the first of the network.

    Raises:
        LabError: They cannot be used here.
    """
    reason = why_not()
    if reason:
        raise LabError(f"network namespaces cannot be used here: {reason}")
    create_bridge(network, further)
    for namespace in namespaces:
        namespace.create()


def unplug(network: str, namespaces: Iterable[Namespace]) -> None:
    """Take bridge and namespaces away.

    Args:
        network: First three octets of every address.
        namespaces: Those of the appliances.
    """
    for namespace in namespaces:
        namespace.remove()
    _run("ip", "link", "del", bridge_of(network), check=False)


def why_not() -> str:
    """What keeps namespaces from being used here.

    Returns:
        The reason; empty if nothing does.
    """
    if shutil.which("ip") is None:
        return "the program ip is missing (package iproute2)"
    if os.geteuid() != 0:
        return "they need root"
    probe = f"gatepair-probe-{os.getpid()}"
    try:
        _run("ip", "netns", "add", probe)
        _run("ip", "netns", "del", probe)
    except LabError as problem:
        return str(problem)
    return ""


def create_bridge(network: str, further: Iterable[str] = ()) -> None:
    """Make the bridge, with addresses of this machine; one that is there stays.

    Args:
        network: First three octets of every address.
        further: Addresses of this machine besides the first of the network.

    Raises:
        LabError: It cannot be made.
    """
    name = bridge_of(network)
    if _run("ip", "link", "show", name, check=False):
        return
    _run("ip", "link", "add", name, "type", "bridge")
    for address in (f"{network}.{_FIRST}", *further):
        _run("ip", "addr", "add", f"{address}/{_LENGTH}", "dev", name)
    _run("ip", "link", "set", name, "up")


def free_private_network() -> str:
    """A private network that nothing on this machine uses.

    Returns:
        Its first three octets.
    """
    routes = _run("ip", "route", "show")
    while True:
        network = f"10.{random.randint(200, 250)}.{random.randint(1, 250)}"  # noqa: S311 - any will do
        if f"{network}." not in routes:
            return network


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
