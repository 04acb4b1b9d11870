"""A farm: hundreds of light pairs in one process, for load tests.

Heartbeats, sync and propagation between the nodes of a pair stay within the process; clients come in
over real TLS at an address of each appliance's own. Everything above is the code of a single pair.

Example:
    ::

        with Farm.start(Path("farm"), pairs=100) as farm:
            print(farm.pairs[0].a.address, farm.config_file)
"""

from __future__ import annotations

import json
import random
import resource
import secrets
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from attrs import define, frozen

from gatepair_emulator.lab_node import LabError, Remote
from gatepair_emulator.lab_setup import write_nodes, write_secrets
from gatepair_emulator.processes import FARM_MODULE, end, is_ours, spawn
from gatepair_emulator.scenario import load_scenario
from gatepair_emulator.settings import Ports, write_private
from gatepair_emulator.values import JsonValue, number_of, object_of, text_of

if TYPE_CHECKING:
    import subprocess
    from types import TracebackType

DEFAULT_NETWORK: Final = "127.30"
SCENARIO: Final = "farm"
MAXIMUM_PAIRS: Final = 5000
_PER_BLOCK: Final = 60
_STATE_FILE: Final = "farm.json"
READY: Final = "ready"
_FILES_PER_PAIR: Final = 12
_INTERNAL: Final = 'netmask = "255.255.255.0", management_access = "enabled"'


@define(kw_only=True)
class FarmNode(Remote):
    """One appliance of a farm."""

    def kill(self) -> None:
        """Cut the power: what was not saved is lost."""
        self.admin("PUT", "/power", {"on": False})

    def start(self) -> None:
        """Switch on again; answers a moment later."""
        self.admin("PUT", "/power", {"on": True})


@frozen(kw_only=True)
class FarmPair:
    """One pair of a farm.

    Attributes:
        name: Its name in ``pairs.toml``.
        a: The first appliance.
        b: The second appliance.
        external: External virtual IP.
        internal: Internal virtual IP.
    """

    name: str
    a: FarmNode
    b: FarmNode
    external: str
    internal: str


def pair_at(state_dir: Path, network: str, number: int, token: str) -> FarmPair:
    """Where a pair of a farm lies.

    Args:
        state_dir: State of the farm.
        network: First two octets of every address.
        number: Number of the pair, from 0.
        token: For the emulator's own interface.

    Returns:
        The pair: four addresses in a row.
    """
    block, place = divmod(number, _PER_BLOCK)
    first = 4 * place + 4
    host = [f"{network}.{block + 1}.{first + offset}" for offset in range(4)]
    name = f"p{number:04}"
    a, b = (
        FarmNode(name=letter, directory=state_dir / name / letter, host=where, ports=Ports(), token=token)
        for letter, where in zip("ab", host, strict=False)
    )
    return FarmPair(name=name, a=a, b=b, external=host[2], internal=host[3])


class Farm:
    """Many emulated pairs in one process.

    Attributes:
        state_dir: Where everything lies.
        network: First two octets of every address.
        pairs: The pairs.
    """

    def __init__(self, state_dir: Path, network: str, count: int, token: str) -> None:
        self.state_dir = state_dir
        self.network = network
        self.pairs = tuple(pair_at(state_dir, network, number, token) for number in range(count))
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def set_up(
        cls,
        state_dir: Path,
        count: int,
        network: str | None = None,
        scenario: str = SCENARIO,
        clock: float = 1.0,
    ) -> Farm:
        """Write everything the appliances need, without switching them on.

        Args:
            state_dir: Where it goes; made if need be.
            count: How many pairs.
            network: First two octets of a loopback network; a free one if None.
            scenario: How each pair is; see ``gatepair_emulator.scenario``.
            clock: How much faster than in life restarts and the like go.

        Returns:
            The farm.

        Raises:
            LabError: There are too many, the network is taken or the directory in use.
            ScenarioError: There is no such scenario.
        """
        state_dir = state_dir.absolute()
        if not 0 < count <= MAXIMUM_PAIRS:
            raise LabError(f"a farm has 1 to {MAXIMUM_PAIRS} pairs, not {count}")
        if (state_dir / _STATE_FILE).exists():
            raise LabError(f"{state_dir} holds a farm already: give another directory, or remove it")
        farm = cls(state_dir, network or _free_network(), count, secrets.token_hex(16))
        _require_free(farm.network)
        key = secrets.token_urlsafe(18)
        plans = load_scenario(scenario, _places(farm.pairs[0], key))
        authority = write_secrets(state_dir, farm.pairs[0].a.token, key, plans)
        for pair in farm.pairs:
            plans = load_scenario(scenario, _places(pair, key))
            write_nodes(state_dir, (pair.a, pair.b), plans, authority, clock)
        content: dict[str, JsonValue] = {"network": farm.network, "pairs": count, "scenario": scenario}
        write_private(state_dir / _STATE_FILE, json.dumps(content))
        Path(farm.config_file).write_text(_pairs_file(farm.pairs), encoding="utf-8")
        return farm

    @classmethod
    def open_or_set_up(
        cls, state_dir: Path, count: int, network: str | None, scenario: str, clock: float
    ) -> Farm:
        """The farm of a directory, set up if there is none yet.

        Args:
            state_dir: Where its state is or goes.
            count: How many pairs.
            network: As for ``set_up``.
            scenario: As for ``set_up``.
            clock: As for ``set_up``.

        Returns:
            The farm.

        Raises:
            LabError: The directory holds a farm of another size, or none can be set up.
            ScenarioError: There is no such scenario.
        """
        if not (state_dir / _STATE_FILE).exists():
            return cls.set_up(state_dir, count, network, scenario, clock)
        farm = cls.open(state_dir)
        if len(farm.pairs) != count:
            raise LabError(f"{state_dir} holds a farm of {len(farm.pairs)} pairs, not {count}")
        return farm

    @classmethod
    def open(cls, state_dir: Path) -> Farm:
        """A farm that was set up before.

        Args:
            state_dir: Where its state is.

        Returns:
            The farm.

        Raises:
            LabError: There is none.
        """
        state_dir = state_dir.absolute()
        try:
            content: JsonValue = json.loads((state_dir / _STATE_FILE).read_text(encoding="utf-8"))
            token = (state_dir / "admin-token").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise LabError(f"there is no farm in {state_dir}") from None
        state = object_of(content)
        return cls(state_dir, text_of(state.get("network")), number_of(state.get("pairs"), 0), token)

    @classmethod
    def start(
        cls,
        state_dir: Path,
        pairs: int,
        network: str | None = None,
        scenario: str = SCENARIO,
        clock: float = 1.0,
        *,
        timeout_s: float = 120.0,
    ) -> Farm:
        """Set a farm up and run it in a process of its own, which ends with this one.

        Args:
            state_dir: Where its state goes.
            pairs: How many pairs.
            network: As for ``set_up``.
            scenario: As for ``set_up``.
            clock: As for ``set_up``.
            timeout_s: Seconds to wait for all of them at most.

        Returns:
            The farm, all appliances answering.

        Raises:
            LabError: It cannot be set up or does not come up.
            ScenarioError: There is no such scenario.
        """
        farm = cls.set_up(state_dir, pairs, network, scenario, clock)
        farm.run(timeout_s)
        return farm

    def run(self, timeout_s: float) -> None:
        """Run in a process of its own, which ends with this one.

        Args:
            timeout_s: Seconds to wait for all appliances at most.

        Raises:
            LabError: It does not come up.
        """
        ready = self.state_dir / READY
        ready.unlink(missing_ok=True)
        self._process = spawn(self.state_dir, detached=False, module=FARM_MODULE)
        deadline = time.monotonic() + timeout_s
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() >= deadline:
                self.down()
                raise LabError(f"the farm did not come up: see {self.state_dir / 'log'}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Its process; 0 when it does not run."""
        return self._process.pid if self._process is not None else 0

    @property
    def config_file(self) -> str:
        """A ``pairs.toml`` that declares every pair."""
        return str(self.state_dir / "pairs.toml")

    @property
    def ca_file(self) -> str:
        """Certificate of the authority that issued all certificates, PEM."""
        return str(self.state_dir / "ca.pem")

    @property
    def password(self) -> str:
        """Password of nsroot on every appliance."""
        return (self.state_dir / "password").read_text(encoding="utf-8").strip()

    def is_set_up(self) -> bool:
        """Whether its directory is still there."""
        return (self.state_dir / _STATE_FILE).exists()

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self.pid != 0 and is_ours(self.pid, self.state_dir, module=FARM_MODULE)

    def down(self) -> None:
        """Switch everything off."""
        if self._process is None:
            return
        end(self.pid, self.state_dir, module=FARM_MODULE)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


def require_files(count: int) -> None:
    """Allow this process as many open files as a farm needs.

    Args:
        count: How many pairs.

    Raises:
        LabError: The system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count * _FILES_PER_PAIR + 256
    if hard not in {resource.RLIM_INFINITY, -1} and hard < wanted:
        raise LabError(f"{count} pairs need {wanted} open files, {hard} are allowed: raise `ulimit -Hn`")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _places(pair: FarmPair, key: str) -> dict[str, str]:
    return {
        "a": pair.a.host,
        "b": pair.b.host,
        "external": pair.external,
        "internal": pair.internal,
        "shared_key": key,
    }


def _pairs_file(pairs: tuple[FarmPair, ...]) -> str:
    """``pairs.toml`` for all of them."""
    lines = [
        "[defaults]",
        'username = "nsroot"',
        'password = "file:password"',
        'ca_file = "ca.pem"',
        'shared_key = "file:shared-key"',
        'heartbeat = "access-gateway-5"',
    ]
    for pair in pairs:
        lines += [
            "",
            f"[pairs.{pair.name}]",
            f'appliances = [{{ address = "{pair.a.address}" }}, {{ address = "{pair.b.address}" }}]',
            f'external = {{ address = "{pair.external}" }}',
            f'internal = {{ address = "{pair.internal}", {_INTERNAL} }}',
        ]
    return "\n".join(lines) + "\n"


def _free_network() -> str:
    for _ in range(200):
        network = f"127.{random.randint(64, 250)}"  # noqa: S311 - any will do
        try:
            _require_free(network)
        except LabError:
            continue
        return network
    raise LabError("no free loopback network was found")


def _require_free(network: str) -> None:
    """Refuse a network in which another farm or pair runs."""
    octets = network.split(".")
    if len(octets) != 2 or octets[0] != "127" or not octets[1].isdecimal() or int(octets[1]) > 255:  # noqa: PLR2004 - two octets
        raise LabError(f"{network} is no network for a farm: give two octets such as {DEFAULT_NETWORK}")
    first = f"{network}.1.4"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((first, Ports().management))
        except OSError as problem:
            raise LabError(
                f"{first} cannot be used ({problem.strerror}): another farm may run there; "
                "choose another network with --network"
            ) from None
