"""A bridge over appliances that exist in memory only, through the seam that sessions are opened by."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Self

import attrs
import httpx
from bridge_process import Answer

from gatepair.documents import DISSOLVED, pair_document, pair_to_document
from gatepair.models import Failover, ManagementAddress, Network, Pair
from gatepair.workflows.core import ProgressEvent
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.report import Check, PreflightReport, Verdict
from gatepair.workflows.result import DissolveResult, FailoverResult, NodeStatus, PairStatus
from gatepair.workflows.upkeep_result import KeyRotation, RestartResult, SyncResult

if TYPE_CHECKING:
    from gatepair.models import SecretReference
    from gatepair.nitro.channel import Clock
    from gatepair.verify.options import VerifyOptions
    from gatepair.workflows.core import ProgressEvent as Event
    from gatepair.workflows.upgrading.options import UpgradeOptions
    from gatepair_bridge.api.app import BridgeApp
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


@attrs.frozen
class Told:
    document: dict[str, object]

    def to_dict(self) -> dict[str, object]:
        return self.document


@attrs.define
class Appliances:
    """What all sessions of one test share: the pairs, the networks, and what is to go wrong."""

    pairs: dict[str, dict[str, object]] = attrs.field(factory=dict)
    networks: dict[str, Network] = attrs.field(factory=dict)
    peers: dict[str, str] = attrs.field(factory=dict)
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

    def observe(
        self,
        external: str | None = None,
        internal: str | None = None,
        further: Iterable[str] | None = None,
        failover_interface: str | None = None,
    ) -> Observed:
        del further, failover_interface
        self._step(f"observe {external} {internal}")
        return Observed(self.appliances.document(self.id))

    def preflight(self, desired: Pair | None = None) -> PreflightReport:
        self._step("preflight")
        check = Check(id="same-version", title="Same firmware", verdict=Verdict.PASS, evidence=str(desired))
        return PreflightReport(checks=(check,))

    def plan(self, desired: Pair, *, rotate_key: bool = False) -> ChangePlan:
        self._step("plan with key" if rotate_key else "plan")
        if self.appliances.document(self.id) == pair_to_document(desired):
            return ChangePlan()
        return ChangePlan(steps=(PlannedStep(id="form", title="Form the pair", impact=Impact.RESTART),))

    def converge(self, desired: Pair, *, rotate_key: bool = False) -> Observed:
        self._step("join")
        self.appliances.pause()
        if rotate_key:
            self._step(f"write {desired.shared_key}")
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
        peer = self.appliances.peers.get(str(address), "")
        role = "secondary" if peer else "standalone"
        return NodeStatus(address=str(address), reachable=True, role=role, peer=peer)

    def failover(self, *, force: bool = False, to: ManagementAddress | None = None) -> FailoverResult:
        self._step(f"failover {force} {to}")
        return FailoverResult(changed=True, old_primary=A, new_primary=B, seconds=0.5)

    def plan_failover(self, *, to: ManagementAddress | None = None) -> ChangePlan:
        self._step(f"plan_failover {to}")
        return ChangePlan(steps=(PlannedStep(id="failover", title="Fail over", impact=Impact.FAILOVER),))

    def _planned(self, what: str) -> ChangePlan:
        self._step(what)
        return ChangePlan(steps=(PlannedStep(id=what, title=what, impact=Impact.RESYNC),))

    def plan_verify(self, options: VerifyOptions) -> ChangePlan:
        return self._planned(f"plan_verify {options.kinds}")

    def verify(self, options: VerifyOptions) -> Told:
        self._step(
            f"verify {','.join(options.kinds)} {options.fail_back} {options.server_name} {options.path}"
        )
        return Told({"verdict": "passed"})

    def plan_synchronize(self, *, files: bool) -> ChangePlan:
        return self._planned(f"plan_synchronize {files}")

    def synchronize(self, *, files: bool) -> SyncResult:
        self._step(f"synchronize {files}")
        return SyncResult(primary=A, secondary=B, seconds=1.0, files=files)

    def plan_restart(self, node: ManagementAddress | None, *, force: bool) -> ChangePlan:
        return self._planned(f"plan_restart {node} {force}")

    def restart(self, node: ManagementAddress | None, *, force: bool) -> RestartResult:
        self._step(f"restart {node} {force}")
        return RestartResult(restarted=(B, A), primary=A)

    def plan_rotate_key(self) -> ChangePlan:
        return self._planned("plan_rotate_key")

    def rotate_key(self, key: SecretReference) -> KeyRotation:
        self._step(f"rotate_key {key}")
        return KeyRotation(nodes=(A, B), primary=A, seconds=1.0)

    def plan_upgrade(self, options: UpgradeOptions) -> ChangePlan:
        return self._planned(f"plan_upgrade {options.target}")

    def upgrade(self, options: UpgradeOptions) -> Told:
        self._step(f"upgrade {options.target} {options.primary} {options.fail_back} {options.users}")
        return Told({"verdict": "upgraded"})

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
        self._step(f"converge_network {self.id}")
        self.appliances.pause()
        self.appliances.networks[str(address)] = network
        return network


def through_asgi(
    app: BridgeApp,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    address: str = "127.0.0.1",
) -> Answer:
    """Send a request to the service's application, as a server would that has read it."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8642") as client:
            return await client.request(method, path, json=body, content=content, headers=dict(headers or {}))

    response = asyncio.run(send())
    return Answer(response.status_code, dict(response.headers), response.content)


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
