"""Verify on an emulated pair: real failovers, real sockets, and failovers that do not work.

Nothing here judges by the clock: what the timers promise is given so much margin that a slow machine cannot
break it, and what is slow to come is waited for.
"""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import healthy
from sdk_lab import connections
from waiting import until
from web_interface import PORT, WebInterface

from gatepair import AsyncPairSession, PairSession, errors
from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.probes import Outcome, Probe
from gatepair.verify import Part, PartReport, PoweredNode, VerifyOptions, VerifyReport
from gatepair.verify.page import page
from gatepair.workflows.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

pytestmark = pytest.mark.slow

GATEWAY = "gateway.example.net"
MARGIN_S = 60.0


@pytest.fixture
def lab(gatepair_pool: LabPool) -> Iterator[Lab]:
    with healthy(gatepair_pool, clock=20) as lab:
        yield lab


class Switches:
    """Cuts the power of emulated appliances, and remembers it."""

    def __init__(self, lab: Lab) -> None:
        self._nodes = {"a": lab.a, "b": lab.b}
        self.done: list[str] = []

    def off(self, node: PoweredNode) -> None:
        self.done.append(f"{node.letter} off")
        self._nodes[node.letter].kill()

    def on(self, node: PoweredNode) -> None:
        self.done.append(f"{node.letter} on")
        self._nodes[node.letter].start(wait=False)


def options(lab: Lab, **changes: Any) -> VerifyOptions:
    user = Credentials(username="alice", password=Secret(lab.users["alice"]))
    usual = {"server_name": GATEWAY, "user": user, "margin_s": MARGIN_S, "timeout_s": 5.0, "return_s": 120.0}
    return VerifyOptions(**(usual | changes))


def pair_of(lab: Lab) -> tuple[ManagementAddress, ManagementAddress]:
    return ManagementAddress.parse(lab.a.address), ManagementAddress.parse(lab.b.address)


def verify(lab: Lab, **changes: Any) -> VerifyReport:
    with PairSession(pair_of(lab), connections(lab)) as session:
        return session.verify(options(lab, **changes))


def failures(checks: Any) -> dict[str, str]:
    return {
        check.id: f"{check.evidence} | {check.remedy}" for check in checks if check.verdict == Verdict.FAIL
    }


def holds(part: PartReport, *names: str) -> None:
    for name in names:
        check = part.check(name)
        assert check is not None, name
        assert check.verdict is Verdict.PASS, f"{name}: {check.evidence}"


def test_forced_and_graceful_failover_and_back_again(lab: Lab) -> None:
    report = verify(lab, kinds=("forced", "graceful"))
    assert report.ok, failures(report.checks)
    assert [part.part for part in report.parts] == [
        Part.FORCED,
        Part.FAIL_BACK,
        Part.GRACEFUL,
        Part.FAIL_BACK,
    ]
    assert [part.new for part in report.parts] == [lab.b.address, lab.a.address] * 2
    for part in report.parts:
        holds(part, "switched", "one-primary", "roles-after", "sync-after", "configuration-inherited")
        holds(part, *(f"served-{probe}" for probe in Probe), "sign-in", "session-kept", "kept-connection")
        assert part.measures.serving[0].label == part.old
        assert part.measures.serving[-1].label == part.new
        assert part.comparison is not None
        assert part.comparison.objects > 3
    kept = report.parts[0].measures.tally(Probe.KEPT)
    assert kept is not None
    assert kept.connections == 2, "an open connection breaks at a switch"


def test_the_power_of_the_primary_is_cut(lab: Lab) -> None:
    power = Switches(lab)
    report = verify(lab, kinds=("hard",), power=power)
    assert report.ok, failures(report.checks)
    hard, back = report.parts
    assert (hard.part, back.part) == (Part.HARD, Part.FAIL_BACK)
    assert power.done == ["a off", "a on"]
    assert hard.measures.detect_s is not None
    # Whatever the machine does, a node is not given up before it was silent for the dead interval.
    assert "the peer is silent" in [entry["reason"] for entry in lab.b.status()["history"]]  # type: ignore[index,union-attr]
    assert all(tally.failed for tally in hard.measures.tallies), "users notice when a node dies"
    assert hard.measures.no_primary
    roles = dict(hard.measures.roles)
    assert [one.label for one in roles[lab.a.address]][:2] == ["primary", "unknown"]
    assert [one.label for one in roles[lab.b.address]] == ["secondary", "primary"]
    assert lab.a.status()["role"] == "Primary", "it failed back"


def test_without_fail_back_the_other_node_keeps_serving(lab: Lab) -> None:
    report = verify(lab, fail_back=False, user=None)
    assert report.ok, failures(report.checks)
    assert [part.part for part in report.parts] == [Part.FORCED]
    assert Probe.SESSION not in report.probes
    assert report.parts[0].sign_in is None
    assert lab.b.status()["role"] == "Primary"


def test_asyncio_does_the_same(lab: Lab) -> None:
    async def run() -> VerifyReport:
        async with AsyncPairSession(pair_of(lab), connections(lab)) as session:
            plan = await session.plan_verify(options(lab, kinds=("hard",), power=Switches(lab)))
            assert [step.id for step in plan.steps] == ["hard", "fail-back"]
            return await session.verify(options(lab, kinds=("hard",), power=Switches(lab)))

    report = asyncio.run(run())
    assert report.ok, failures(report.checks)
    assert report.parts[0].measures.detected is not None


def test_the_web_interface_that_points_at_one_node_answers_401_when_that_one_is_gone(lab: Lab) -> None:
    front = WebInterface(lab, hosts_entry=lab.a.host)
    with front.server:
        report = verify(lab, kinds=("hard",), power=Switches(lab), port=PORT)
    hard = report.parts[0]
    found = failures(hard.checks)
    assert "401" in found["web-interface"]
    assert f"external virtual IP {lab.external}" in found["web-interface"]
    assert hard.sign_in is not None
    assert hard.sign_in.outcome is Outcome.UNAUTHORIZED
    assert report.verdict == "failed"
    holds(hard, "switched", "served-connect", "served-request", "roles-after")


def test_the_web_interface_that_points_at_the_virtual_ip_lets_users_in(lab: Lab) -> None:
    front = WebInterface(lab, hosts_entry=lab.external)
    with front.server:
        report = verify(lab, kinds=("hard",), power=Switches(lab), port=PORT)
    assert report.ok, failures(report.checks)
    assert report.parts[0].check("web-interface") is None


def test_a_hosts_entry_that_is_wrong_before_anything_is_done(gatepair_pool: LabPool) -> None:
    with healthy(gatepair_pool, "web-interface", 20) as lab:
        lab.web.point_at(lab.a.host)
        report = verify(lab)
    assert report.parts == ()
    found = failures(report.before)["users-served"]
    assert "401 at /portal" in found
    assert f"external virtual IP {lab.external}" in found


@pytest.mark.parametrize("kind", [Part.FORCED, Part.HARD])
def test_a_failover_that_does_not_work_is_undone(gatepair_pool: LabPool, kind: Part) -> None:
    # Slower than in life, where the secondary would fetch the file again after a minute.
    with healthy(gatepair_pool, clock=0.2) as lab:
        key = lab.b.directory / "files" / "nsconfig" / "ssl" / "gateway.key"
        until(lambda: key.exists() and lab.b.status()["sync"] == "SUCCESS", "the secondary has everything")
        key.unlink()
        report = verify(lab, kinds=(kind, "graceful"), patience_s=8.0, power=Switches(lab))
        role = lab.a.status()["role"]
    found = failures(report.checks)
    assert report.verdict == "failed"
    assert [part.part for part in report.parts] == [kind], "no second attempt on users"
    assert "users were not served within 8 s" in found["undone"]
    assert "certificate" in found["undone"]
    assert role == "Primary", "users are served again by the node that can"
    assert all(tally.served_at_the_end for tally in report.parts[0].measures.tallies)


def test_a_peer_that_does_not_hear_is_no_peer_to_fail_over_to(lab: Lab) -> None:
    lab.b.admin("PUT", "/hardware", {"ssl_card_failed": True})
    report = verify(lab)
    assert report.verdict == "failed"
    assert report.parts == ()
    assert "pair-healthy" in failures(report.before)
    assert lab.a.status()["role"] == "Primary"
    with (
        PairSession(pair_of(lab), connections(lab)) as session,
        pytest.raises(errors.PreflightFailed, match="Nothing was changed"),
    ):
        session.plan_verify(options(lab))


def test_users_who_are_not_served_before_prove_nothing_after(lab: Lab) -> None:
    report = verify(lab, server_name="other.example.net")
    assert report.parts == ()
    assert "--server-name" in failures(report.before)["users-served"]
    assert lab.a.status()["role"] == "Primary"


def test_a_power_command_that_fails_leaves_no_node_dark(lab: Lab) -> None:
    class Broken(Switches):
        def off(self, node: PoweredNode) -> None:
            super().off(node)
            raise errors.LocalFileError("the power strip says no")

    power = Broken(lab)
    report = verify(lab, kinds=("hard", "forced"), power=power)
    assert "the power strip says no" in failures(report.checks)["switched"]
    assert power.done == ["a off", "a on"]
    assert len(report.parts) == 1


def test_somebody_who_stops_it_leaves_no_node_dark_and_no_thread(lab: Lab) -> None:
    class ImpatientError(Exception):
        pass

    def stop_when_dark(event: Any) -> None:
        if event.step == "power-on":
            raise ImpatientError

    power = Switches(lab)
    before = threading.active_count()
    with (
        PairSession(pair_of(lab), connections(lab), progress=stop_when_dark) as session,
        pytest.raises(ImpatientError),
    ):
        session.verify(options(lab, kinds=("hard",), power=power))
    assert power.done == ["a off", "a on"]
    for thread in threading.enumerate():
        if thread.name.startswith(("probe-", "roles")):
            thread.join(30)
    assert threading.active_count() <= before


def test_nothing_secret_is_in_a_report(lab: Lab) -> None:
    report = verify(lab)
    said = json.dumps(report.to_dict()) + page(report) + repr(report)
    for secret in (lab.password, lab.shared_key, lab.users["alice"]):
        assert secret not in said
