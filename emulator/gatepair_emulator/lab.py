"""An emulated pair for demonstrations and tests: two appliances as two processes.

Example:
    ::

        with Lab.start(Path("pair")) as lab:
            lab.a.kill()                 # cut the power of the first appliance
            lab.a.start()                # and switch it on again
"""

from __future__ import annotations

import json
import secrets
import shutil
from typing import TYPE_CHECKING, Final, Self

from gatepair_emulator.lab_node import LabError, Node
from gatepair_emulator.lab_setup import DEFAULT_NETWORK, HOSTS, free_network, require_free, set_clock, set_up
from gatepair_emulator.lab_web import GATEWAY_NAME, LabWeb
from gatepair_emulator.namespaces import Namespace, free_private_network, plug_in, unplug
from gatepair_emulator.processes import recorded_pid
from gatepair_emulator.settings import Ports, write_private
from gatepair_emulator.users.web_interface import WebSettings
from gatepair_emulator.values import JsonValue, object_of, text_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["DEFAULT_NETWORK", "Lab", "LabError", "Node", "free_network"]

GATEWAY_PORT: Final = 8443
_STATE_FILE: Final = "emulator.json"
_KEPT: Final = frozenset({"a", "b", "ca.pem", "ca-key.pem", _STATE_FILE})


class Lab:
    """An emulated pair and what a client needs to know about it.

    Attributes:
        state_dir: Where everything lies.
        network: First three octets of every address.
        scenario: How the appliances were when they were set up.
        a: The first appliance.
        b: The second appliance.
        external: Address for the external virtual IP.
        internal: Address for the internal virtual IP.
        web: The Web Interface, for scenarios that have one.
    """

    def __init__(self, state_dir: Path, network: str, token: str, *, detached: bool) -> None:
        self.state_dir = state_dir
        self.network = network
        self.scenario = "default"
        self.external = f"{network}.{HOSTS['external']}"
        self.internal = f"{network}.{HOSTS['internal']}"
        web = WebSettings(
            address=f"{network}.{HOSTS['web']}",
            port=GATEWAY_PORT,
            gateway=GATEWAY_NAME,
            gateway_port=GATEWAY_PORT,
            authority_directory=str(state_dir),
        )
        self.web = LabWeb(directory=state_dir / "web", settings=web, detached=detached)
        self.a, self.b = (
            Node(
                name=name,
                directory=state_dir / name,
                host=f"{network}.{HOSTS[name]}",
                ports=Ports(),
                token=token,
                detached=detached,
            )
            for name in ("a", "b")
        )
        if not network.startswith("127."):
            for node in (self.a, self.b):
                node.namespace = Namespace(network=network, node=node.name, host=node.host)

    # -- beginning and end ----------------------------------------------------------------------

    @classmethod
    def start(
        cls,
        state_dir: Path,
        network: str | None = None,
        scenario: str = "default",
        clock: float | None = None,
        *,
        detached: bool = False,
        namespaces: bool = False,
    ) -> Lab:
        """Set a pair up and switch it on; a pair that lies in the directory already is only switched on.

        Args:
            state_dir: Where its state goes; made if need be.
            network: First three octets of a loopback network of its own; a free one if None.
            scenario: How the appliances are; see ``gatepair_emulator.scenario``.
            clock: How much faster than in life restarts and the like go; as before if None, 1 at first.
                Heartbeats stay as they are.
            detached: Survive this process; otherwise the pair ends with it.
            namespaces: Give each appliance a network namespace with an interface of its own; needs root.

        Returns:
            The pair, both appliances answering and settled in their roles.

        Raises:
            LabError: The network is taken, an appliance does not come up, or the directory holds a pair
                of another network or scenario.
            ScenarioError: There is no such scenario.
        """
        state_dir = state_dir.absolute()
        if cls.exists(state_dir):
            lab = cls.open(state_dir, detached=detached)
            _require_same(lab, network, scenario)
            if clock is not None:
                set_clock((lab.a, lab.b), clock)
        else:
            chosen = network or (free_private_network() if namespaces else free_network())
            if not namespaces:
                require_free(chosen)
            lab = cls(state_dir, chosen, secrets.token_hex(16), detached=detached)
            lab._set_up(scenario, clock if clock is not None else 1.0)
        try:
            lab._switch_on()
        except BaseException:
            lab.down()
            raise
        return lab

    def renew(self, scenario: str = "default", clock: float = 1.0) -> None:
        """Put a fresh pair in the place of this one: new secrets, nothing left of what was done before.

        The network and the certificate authority stay, and so do the processes, which is what makes this
        so much cheaper than another ``start``.

        Args:
            scenario: How the appliances are.
            clock: How much faster than in life restarts and the like go.

        Raises:
            LabError: An appliance does not come up, or has a network namespace of its own.
            ScenarioError: There is no such scenario.
        """
        if self.namespaces:
            raise LabError("a pair with network namespaces cannot be renewed: start another one")
        self.rest()
        for node in (self.a, self.b):
            node.clear()
        for each in self.state_dir.iterdir():
            if each.name not in _KEPT:
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        self._set_up(scenario, clock)
        # An appliance of a pair listens for the other only so long before it serves. So those whose processes
        # have to be started, which takes its time, come first; the others begin anew when these are up.
        off = [node for node in self._switched_on() if not node.is_running()]
        for node in off:
            node.start(wait=False)
        for node in off:
            node.wait_until_up()
        for node in (self.a, self.b):
            if node not in off:
                node.renew()
        self._switch_on()

    def rest(self) -> None:
        """Cut the power of both appliances but keep their processes, which then do nothing."""
        self.web.stop()
        for node in (self.a, self.b):
            node.rest()

    def _set_up(self, scenario: str, clock: float) -> None:
        """Write what the appliances need before they are switched on."""
        plans = set_up(self.state_dir, self.network, (self.a, self.b), scenario, clock)
        self.scenario = scenario
        if plans.web_interface:
            self.web.directory.mkdir()
            self.web.point_at(plans.web_interface)

    def _switch_on(self) -> None:
        """Bring everything up that was not left switched off."""
        if self.namespaces:
            plug_in(self.network, self.namespaces, [self.web.settings.address])
        if self.web.directory.exists():
            self.web.start()
        nodes = self._switched_on()
        for node in nodes:
            node.start(wait=False)
        self.remember()
        for node in nodes:
            node.wait_until_up()
        for node in nodes:
            node.wait_until_settled()
        self.remember()

    @staticmethod
    def exists(state_dir: Path) -> bool:
        """Whether a directory holds a pair that was set up before.

        Args:
            state_dir: Where its state would be.

        Returns:
            True if there is one.
        """
        return (state_dir / _STATE_FILE).exists()

    @classmethod
    def open(cls, state_dir: Path, *, detached: bool = True) -> Lab:
        """A pair that was set up before, running or not.

        Args:
            state_dir: Where its state is.
            detached: Whether nodes started from here survive this process.

        Returns:
            The pair.

        Raises:
            LabError: There is none.
        """
        state_dir = state_dir.absolute()
        try:
            content: JsonValue = json.loads((state_dir / _STATE_FILE).read_text(encoding="utf-8"))
            token = (state_dir / "admin-token").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise LabError(
                f"there is no emulated pair in {state_dir}: start one with `gatepair emulator up`"
            ) from None
        state = object_of(content)
        lab = cls(state_dir, text_of(state.get("network")), token, detached=detached)
        lab.scenario = text_of(state.get("scenario")) or lab.scenario
        for node in (lab.a, lab.b):
            node.host_name = text_of(object_of(state.get(node.name)).get("host_name"))
            node.pid = recorded_pid(node.directory)
        return lab

    def down(self) -> None:
        """Switch both appliances off. Their state stays."""
        for part in (self.a, self.b, self.web):
            part.stop()
        if self.namespaces:
            unplug(self.network, self.namespaces)
        if self.state_dir.exists():
            self.remember()

    @property
    def namespaces(self) -> list[Namespace]:
        """The network namespaces of the appliances; none on loopback."""
        return [node.namespace for node in (self.a, self.b) if node.namespace is not None]

    def remove(self) -> None:
        """Switch both appliances off and delete everything.

        Raises:
            LabError: The directory is no emulated pair's.
        """
        self.down()
        if not (self.state_dir / _STATE_FILE).exists():
            raise LabError(f"{self.state_dir} is not the directory of an emulated pair")
        shutil.rmtree(self.state_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def external_port(self) -> int:
        """Port of the Gateway virtual server of the scenarios."""
        return GATEWAY_PORT

    # -- what clients need ----------------------------------------------------------------------

    @property
    def ca_file(self) -> str:
        """Certificate of the authority that issued all certificates of the pair, PEM."""
        return str(self.state_dir / "ca.pem")

    @property
    def password_file(self) -> str:
        """File with the password of nsroot."""
        return str(self.state_dir / "password")

    @property
    def password(self) -> str:
        """Password of nsroot on both appliances."""
        return self._secret("password")

    @property
    def shared_key_file(self) -> str:
        """File with a shared key made for this pair; no appliance knows it yet."""
        return str(self.state_dir / "shared-key")

    @property
    def shared_key(self) -> str:
        """A shared key made for this pair; no appliance knows it yet."""
        return self._secret("shared-key")

    @property
    def users(self) -> dict[str, str]:
        """Users of the emulated directory and their passwords, for the Gateway's logon page."""
        content: JsonValue = json.loads((self.state_dir / "users.json").read_text(encoding="utf-8"))
        return {name: text_of(password) for name, password in object_of(content).items()}

    def _secret(self, name: str) -> str:
        return (self.state_dir / name).read_text(encoding="utf-8").strip()

    # -- setting up -----------------------------------------------------------------------------

    def remember(self) -> None:
        """Write ``emulator.json``."""
        content: dict[str, JsonValue] = {
            "network": self.network,
            "scenario": self.scenario,
            "external": f"{self.external}:{self.external_port}",
            "internal": self.internal,
            "ca_file": self.ca_file,
        }
        for node in (self.a, self.b):
            content[node.name] = {
                "pid": node.pid,
                "address": node.address,
                "host_name": node.host_name,
                "admin": f"{node.host}:{node.ports.admin}",
                "directory": str(node.directory),
            }
        write_private(self.state_dir / _STATE_FILE, json.dumps(content, indent=1))

    def _switched_on(self) -> list[Node]:
        return [node for node in (self.a, self.b) if not (node.directory / "off").exists()]


def _require_same(lab: Lab, network: str | None, scenario: str) -> None:
    """Refuse to pass one pair off as another."""
    if network not in {None, lab.network}:
        raise LabError(f"{lab.state_dir} holds a pair in network {lab.network}, not {network}")
    if scenario not in {"default", lab.scenario}:
        raise LabError(
            f"{lab.state_dir} holds a pair of scenario {lab.scenario!r}: "
            f"`gatepair emulator reset --scenario {scenario}` begins anew"
        )
