"""Making the state of an emulated pair: secrets, certificates, settings, and a network of its own."""

from __future__ import annotations

import json
import random
import secrets
import socket
from typing import TYPE_CHECKING, Final

from attrs import evolve

from gatepair_emulator.certificates import Authority
from gatepair_emulator.lab_node import LabError, Node, Remote
from gatepair_emulator.namespaces import DEVICE
from gatepair_emulator.scenario import NodePlan, Scenario, load_scenario
from gatepair_emulator.settings import Ports, Settings, read_settings, write_private, write_settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DEFAULT_NETWORK: Final = "127.0.10"
HOSTS: Final = {"a": 11, "b": 12, "external": 20, "internal": 21, "web": 30}


def set_up(state_dir: Path, network: str, nodes: tuple[Node, Node], scenario: str, clock: float) -> Scenario:
    """Write everything two appliances need before they are switched on for the first time.

    Args:
        state_dir: Where it goes; made if need be.
        network: First three octets of every address.
        nodes: The appliances.
        scenario: How they are.
        clock: Factor for the durations of life.

    Returns:
        The scenario.

    Raises:
        ScenarioError: There is no such scenario, or it cannot be used.
    """
    key = secrets.token_urlsafe(18)
    places = {place: f"{network}.{host}" for place, host in HOSTS.items()}
    plans = load_scenario(scenario, {**places, "shared_key": key})
    authority = write_secrets(state_dir, nodes[0].token, key, plans)
    write_nodes(state_dir, nodes, plans, authority, clock)
    for node in nodes:
        authority.management(node.directory, places["internal"])
    return plans


def write_secrets(state_dir: Path, token: str, key: str, plans: Scenario) -> Authority:
    """Make passwords, users and the certificate authority.

    Args:
        state_dir: Where they go; made if need be.
        token: For the emulator's own interface.
        key: The shared key.
        plans: The scenario, for its users.

    Returns:
        The authority.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    authority = Authority(state_dir)
    authority.create()
    write_private(state_dir / "password", f"{secrets.token_urlsafe(12)}\n")
    write_private(state_dir / "shared-key", f"{key}\n")
    write_private(state_dir / "admin-token", f"{token}\n")
    users = {user: password or secrets.token_urlsafe(9) for user, password in plans.users.items()}
    write_private(state_dir / "users.json", json.dumps(users, indent=1))
    return authority


def write_nodes(
    state_dir: Path, nodes: Iterable[Remote], plans: Scenario, authority: Authority, clock: float
) -> None:
    """Write what appliances are before they are switched on for the first time.

    Args:
        state_dir: Where the secrets are.
        nodes: The appliances.
        plans: The scenario.
        authority: Issues their certificates.
        clock: Factor for the durations of life.
    """
    for node in nodes:
        plan = plans.nodes[node.name]
        _write_files(node, plan, authority)
        authority.management(node.directory, node.host)
        _write_settings(state_dir, node, plan, clock)


def _write_files(node: Remote, plan: NodePlan, authority: Authority) -> None:
    store = node.directory / "files" / "nsconfig" / "ssl"
    store.mkdir(parents=True, exist_ok=True)
    for certificate in plan.certificates:
        chain, key = authority.issue(*certificate.names)
        (store / f"{certificate.file}.pem").write_bytes(chain)
        write_private(store / f"{certificate.file}.key", key.decode())
    if plan.password:
        write_private(node.directory / "password", plan.password)
    if plan.off:
        (node.directory / "off").touch()
    write_private(node.directory / "first-boot.json", json.dumps(plan.commands, indent=1))


def _write_settings(state_dir: Path, node: Remote, plan: NodePlan, clock: float) -> None:
    password = node.directory / "password" if plan.password else state_dir / "password"
    base = Settings(name=node.name, address=node.host)
    write_settings(
        node.directory / "settings.json",
        Settings(
            name=node.name,
            address=node.host,
            build=plan.build,
            ha_version=plan.ha_version,
            platform=plan.platform or base.platform,
            interfaces=plan.interfaces,
            serial=f"GATEPAIR0{node.name.upper()}",
            factory=plan.factory,
            administrator_file="" if plan.factory else str(password),
            users_file=str(state_dir / "users.json"),
            authority_directory=str(state_dir),
            admin_token_file=str(state_dir / "admin-token"),
            clock=clock,
            device=DEVICE if isinstance(node, Node) and node.namespace is not None else "",
            ports=node.ports,
        ),
    )


def set_clock(nodes: tuple[Node, Node], clock: float) -> None:
    """Change how fast life goes, from the next start on.

    Args:
        nodes: The appliances.
        clock: Factor for the durations of life.
    """
    for node in nodes:
        path = node.directory / "settings.json"
        write_settings(path, evolve(read_settings(path), clock=clock))


def free_network() -> str:
    """A loopback network nobody uses now.

    Returns:
        Its first three octets.

    Raises:
        LabError: None was found.
    """
    for _ in range(200):
        network = f"127.{random.randint(64, 250)}.{random.randint(1, 250)}"  # noqa: S311 - any will do
        try:
            require_free(network)
        except LabError:
            continue
        return network
    raise LabError("no free loopback network was found")


def require_free(network: str) -> None:
    """Refuse a network in which another pair runs.

    Args:
        network: First three octets.

    Raises:
        LabError: It is taken, or no loopback network.
    """
    if not network.startswith("127.") or len(network.split(".")) != 3:  # noqa: PLR2004 - three octets
        raise LabError(f"{network} is no loopback network: give three octets such as {DEFAULT_NETWORK}")
    ports = Ports()
    for host in ("a", "b"):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((f"{network}.{HOSTS[host]}", ports.management))
            except OSError as problem:
                raise LabError(
                    f"{network}.{HOSTS[host]}:{ports.management} cannot be used ({problem.strerror}): "
                    "another emulated pair may run there; choose another network with --network"
                ) from None
