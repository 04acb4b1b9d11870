"""Where a behaviour test plays: on recorded appliances, on emulated ones or on real ones.

The same test runs on each. What a recording cannot do (prepare an appliance, cut its power) is left out when
it is played: it was done when it was recorded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
from appliances import Appliance as OverTheWire

from cassettes import StandIns
from gatepair import (
    Appliance,
    AsyncPairSession,
    Connections,
    Failover,
    Heartbeat,
    InternalVirtualIp,
    ManagementAddress,
    Pair,
    PairSession,
    Secret,
    VirtualIp,
)
from gatepair.config import Settings, Tls
from gatepair.nitro.channel import Clock

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab, Node
    from gatepair_emulator.pool import LabPool

# Every secret that the emulated appliances hold: a test looks for them in everything that is recorded.
PASSWORD = "canary-Passw0rd-31c4"
OTHER_PASSWORD = "canary-Passw0rd-77e2"
SHARED_KEY = "canary-shared-key-90ab"
BIND_PASSWORD = "canary-bind-password-5d"
CANARIES = (PASSWORD, OTHER_PASSWORD, SHARED_KEY, BIND_PASSWORD)

A, B = "192.0.2.11:8443", "192.0.2.12:8443"
EXTERNAL, INTERNAL = "192.0.2.20", "192.0.2.21"
FASTER = 20.0
LIVE_VARIABLES = ("GATEPAIR_LIVE", "GATEPAIR_LIVE_EXTERNAL", "GATEPAIR_LIVE_INTERNAL")

QUICK = Failover(heartbeat=Heartbeat(hello_interval_ms=200, dead_interval_s=3))


class SteppingClock(Clock):
    """Time that passes only in waits, so that a recording and its replay decide alike.

    Args:
        waits: Whether a wait really takes its time, as it must while appliances are recorded.
    """

    def __init__(self, *, waits: bool) -> None:
        self._waits = waits
        self._lock = threading.Lock()
        self._now = 1000.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._step(seconds)
        if self._waits:
            super().sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        self._step(seconds)
        await super().asleep(seconds if self._waits else 0)

    def _step(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


@attrs.define(kw_only=True)
class Stage:
    """Two appliances and how they are reached.

    Attributes:
        a: Management address of the first one, which has a configuration of its own on the emulator.
        b: Management address of the second one.
        external: Address for the external virtual IP.
        internal: Address for the internal virtual IP.
        connections: Knows how the appliances are reached.
        clock: The time sessions go by.
        lab: The emulated appliances, if these are emulated.
        stand_ins: What becomes of addresses in a recording.
        secrets: What must not be in a recording.
        source: What a recording comes from.
    """

    a: str = A
    b: str = B
    external: str = EXTERNAL
    internal: str = INTERNAL
    connections: Connections
    clock: Clock
    lab: Lab | None = None
    stand_ins: Mapping[str, str] = attrs.field(factory=dict)
    secrets: tuple[str, ...] = CANARIES
    shared_key: Secret = attrs.field(factory=lambda: Secret(SHARED_KEY))
    source: str = ""
    events: list[str] = attrs.field(factory=list)

    def declared(self, **changes: Any) -> Pair:
        """Return the usual declaration, with some of its parts changed."""
        values: dict[str, Any] = {
            "appliances": (Appliance(address=self.a), Appliance(address=self.b)),
            "shared_key": self.shared_key,
            "external": VirtualIp(address=self.external),
            "internal": InternalVirtualIp(address=self.internal, netmask="255.255.255.0"),
            "failover": QUICK,
        }
        return Pair(**(values | changes))

    def open(self, desired: Pair | None = None, **options: Any) -> PairSession:
        """Return a session with both appliances."""
        pair = desired or self.declared()
        return PairSession(pair, self.connections, clock=self.clock, **({"progress": self._note} | options))

    def open_async(self, desired: Pair | None = None) -> AsyncPairSession:
        """Return an asyncio session with both appliances."""
        return AsyncPairSession(
            desired or self.declared(), self.connections, clock=self.clock, progress=self._note
        )

    def with_password(self, password: str) -> Self:
        """Return the same stage for somebody with another password."""
        common = attrs.evolve(self.connections.common, password=Secret(password))
        return attrs.evolve(self, connections=attrs.evolve(self.connections, common=common))

    def arrange(self, prepare: Callable[[Lab], object]) -> None:
        """Do something to the emulated appliances; it is done already where they are recorded."""
        if self.lab is not None:
            prepare(self.lab)

    def neighbour(self, step: int) -> str:
        """Return an address some steps from the external virtual IP."""
        return str(IPv4Address(self.external) + step)

    def by_hand(self, which: str, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """Change an emulated appliance as a person would, past the SDK and the recording."""

        def send(lab: Lab) -> None:
            over_the_wire(lab, lab.a if which == "a" else lab.b).request(method, path, body)

        self.arrange(send)

    def _note(self, event: Any) -> None:
        self.events.append(event.step)


def over_the_wire(lab: Lab, node: Node) -> OverTheWire:
    """Return an emulated appliance as a person with curl sees it."""
    appliance = OverTheWire(lab, node)
    appliance._headers["X-NITRO-PASS"] = PASSWORD
    return appliance


def address(text: str) -> ManagementAddress:
    """Return a management address."""
    return ManagementAddress.parse(text)


@contextmanager
def emulated(folder: Path, changes: Mapping[str, str], clock: Clock, pool: LabPool) -> Iterator[Stage]:
    """Start an emulated pair whose secrets are the canaries.

    Args:
        folder: Where its scenario goes.
        changes: Lines of the scenario to replace.
        clock: The time sessions go by.
        pool: Where the pair comes from.
    """
    scenario = folder / "scenario.toml"
    scenario.write_text(_scenario(changes))
    with pool.lab(str(scenario), FASTER) as lab:
        settings = Settings(username="nsroot", password=Secret(PASSWORD), tls=Tls(ca_file=Path(lab.ca_file)))
        yield Stage(
            a=lab.a.address,
            b=lab.b.address,
            external=lab.external,
            internal=lab.internal,
            connections=Connections(common=settings),
            clock=clock,
            lab=lab,
            stand_ins={f"{lab.network}.": "192.0.2."},
            source="emulator",
        )


def _scenario(changes: Mapping[str, str]) -> str:
    text = (resources.files("gatepair_emulator") / "scenarios" / "default.toml").read_text(encoding="utf-8")
    bound = 'ldapbinddnpassword = "' + BIND_PASSWORD + '", ldaploginname'
    canaries = {
        "[a]\n": f'[a]\npassword = "{PASSWORD}"\n',
        "[b]\n": f'[b]\npassword = "{PASSWORD}"\n',
        "ldaploginname": bound,
    }
    for before, after in (*changes.items(), *canaries.items()):
        assert text.count(before) == 1, f"the scenario has changed: {before!r}"
        text = text.replace(before, after)
    return text


def recorded() -> Stage:
    """Return the appliances of a cassette: documentation addresses and dummy credentials."""
    settings = Settings(username="nsroot", password=Secret("dummy"))
    return Stage(
        connections=Connections(common=settings),
        clock=SteppingClock(waits=False),
        shared_key=Secret("dummy-shared-key"),
    )


@contextmanager
def real(environment: Mapping[str, str], clock: Clock) -> Iterator[Stage]:
    """Give the appliances that the environment names; what becomes a pair is parted again.

    ``GATEPAIR_LIVE`` holds both management addresses, ``GATEPAIR_LIVE_EXTERNAL`` and ``_INTERNAL`` two
    addresses that nobody uses, ``GATEPAIR_USERNAME`` and the like how the appliances are reached.
    """
    os.environ.update(environment)
    connections = Connections.from_environment()
    first, _, second = environment["GATEPAIR_LIVE"].partition(",")
    external, internal = (environment[name] for name in LIVE_VARIABLES[1:])
    nodes = {stand_in: address(text) for stand_in, text in ((A, first), (B, second))}
    known = {external: EXTERNAL, internal: INTERNAL}
    for stand_in, node in nodes.items():
        known |= {node.origin: f"https://{stand_in}", str(node.host): stand_in.partition(":")[0]}
        with PairSession((nodes[A], nodes[B]), connections) as session:
            known[session.appliance_status(node).nsip] = stand_in.partition(":")[0]
    stage = Stage(
        a=first,
        b=second,
        external=external,
        internal=internal,
        connections=connections,
        clock=clock,
        stand_ins=known,
        secrets=(*CANARIES, connections.connection(nodes[A]).credentials.secret().reveal()),
        source="appliance",
    )
    try:
        yield stage
    finally:
        with PairSession((nodes[A], nodes[B]), connections) as session:
            if session.status().primary == str(nodes[B]):
                session.failover(to=nodes[A], force=True)
            session.dissolve()


def stand_ins_of(stage: Stage) -> StandIns:
    """Return what replaces addresses in a recording."""
    return StandIns(stage.stand_ins)
