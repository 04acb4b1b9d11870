"""A bridge over appliances that exist in memory only, through the seam that sessions are opened by."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self

import attrs
from bridge_process import Answer

from gatepair.documents import DISSOLVED, pair_document, pair_to_document
from gatepair.models import Failover, ManagementAddress, Network, Pair
from gatepair.workflows.core import ProgressEvent
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.report import Check, PreflightReport, Verdict
from gatepair.workflows.result import DissolveResult, FailoverResult, NodeStatus, PairStatus

if TYPE_CHECKING:
    from gatepair.nitro.channel import Clock
    from gatepair.workflows.core import ProgressEvent as Event
    from gatepair_bridge.api.embedded import EmbeddedBridge

A, B = "192.0.2.11", "192.0.2.12"
PAIR_ID = f"{A},{B}"
PAIR_PATH = f"/v1/pairs/{PAIR_ID}"
CANARY = "canary-1f7b-never-to-be-seen"


@attrs.frozen
class Observed:
    document: dict[str, object]

    def to_document(self) -> dict[str, object]:
        return self.document


@attrs.define
class Appliances:
    """What all sessions of one test share: the pairs, the networks, and what is to go wrong."""

    pairs: dict[str, dict[str, object]] = attrs.field(factory=dict)
    networks: dict[str, Network] = attrs.field(factory=dict)
    calls: list[str] = attrs.field(factory=list)
    error: Exception | None = None
    pause: Callable[[], None] = lambda: None

    def open(
        self, pair: object, connections: object, *, progress: Callable[[Event], None], clock: Clock
    ) -> FakeSession:
        del connections, clock
        addresses = pair.addresses if isinstance(pair, Pair) else pair
        return FakeSession(self, tuple(addresses), progress)

    def document(self, identifier: str) -> dict[str, object]:
        return self.pairs.get(identifier) or pair_document(
            pair_id=identifier, failover_pair=DISSOLVED, external=None, internal=None, failover=Failover()
        )


@attrs.define
class FakeSession:
    appliances: Appliances
    addresses: tuple[ManagementAddress, ManagementAddress]
    progress: Callable[[Event], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.appliances.calls.append("close")

    @property
    def id(self) -> str:
        return ",".join(map(str, self.addresses))

    def _step(self, name: str) -> None:
        self.appliances.calls.append(name)
        self.progress(ProgressEvent(step=name, message=f"{name} is done.", node=self.addresses[0]))
        if self.appliances.error is not None:
            raise self.appliances.error

    def observe(self, external: str | None = None, internal: str | None = None) -> Observed:
        self._step(f"observe {external} {internal}")
        return Observed(self.appliances.document(self.id))

    def preflight(self, desired: Pair | None = None) -> PreflightReport:
        self._step("preflight")
        check = Check(id="same-version", title="Same firmware", verdict=Verdict.PASS, evidence=str(desired))
        return PreflightReport(checks=(check,))

    def plan(self, desired: Pair) -> ChangePlan:
        self._step("plan")
        if self.appliances.document(self.id) == pair_to_document(desired):
            return ChangePlan()
        return ChangePlan(steps=(PlannedStep(id="form", title="Form the pair", impact=Impact.RESTART),))

    def converge(self, desired: Pair) -> Observed:
        self._step("join")
        self.appliances.pause()
        self._step("save")
        self.appliances.pairs[self.id] = pair_to_document(desired)
        return Observed(self.appliances.pairs[self.id])

    def status(self) -> PairStatus:
        self._step("status")
        return PairStatus(
            id=self.id, failover_pair="formed", healthy=True, nodes=(), primary=str(self.addresses[0])
        )

    def appliance_status(self, address: ManagementAddress) -> NodeStatus:
        self._step(f"appliance_status {address}")
        return NodeStatus(address=str(address), reachable=True, role="standalone")

    def failover(self, *, force: bool = False, to: ManagementAddress | None = None) -> FailoverResult:
        self._step(f"failover {force} {to}")
        return FailoverResult(changed=True, old_primary=A, new_primary=B, seconds=0.5)

    def plan_failover(self, *, to: ManagementAddress | None = None) -> ChangePlan:
        self._step(f"plan_failover {to}")
        return ChangePlan(steps=(PlannedStep(id="failover", title="Fail over", impact=Impact.FAILOVER),))

    def dissolve(self, *, abandon: bool) -> DissolveResult:
        self._step(f"dissolve {abandon}")
        changed = self.appliances.pairs.pop(self.id, None) is not None
        return DissolveResult(changed=changed, serving=A, freed=B)

    def plan_dissolve(self, *, abandon: bool) -> ChangePlan:
        self._step(f"plan_dissolve {abandon}")
        return ChangePlan(steps=(PlannedStep(id="dissolve", title="Dissolve", impact=Impact.DISSOLVED),))

    def read_network(
        self, address: ManagementAddress, keys: object = None, interfaces: object = None
    ) -> Network:
        self._step(f"read_network {keys} {interfaces}")
        return self.appliances.networks.get(str(address), Network())

    def plan_network(self, address: ManagementAddress, network: Network) -> ChangePlan:
        self._step(f"plan_network {address} {network.host_name}")
        return ChangePlan(steps=(PlannedStep(id="host-name", title="Set the host name"),))

    def converge_network(self, address: ManagementAddress, network: Network) -> Network:
        self._step("converge_network")
        self.appliances.networks[str(address)] = network
        return network


@attrs.frozen
class Client:
    bridge: EmbeddedBridge

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        return Answer(*self.bridge.request(method, path, query, headers, content))


class Held:
    """A change that is held up in the middle until the test lets it go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.released.wait(30), "nobody let the change go on"
