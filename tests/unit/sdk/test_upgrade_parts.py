"""The parts of an upgrade that decide: what comes next, what may be lost, what a file remembers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepair.errors import HealthCheckFailed, InvalidInput, UsersNotServed
from gatepair.models import Secret
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.upgrading.comparison import compare, compare_licences
from gatepair.workflows.upgrading.evidence import (
    Event,
    UpgradeReport,
    UpgradeVerdict,
    evidence_text,
    read_before,
)
from gatepair.workflows.upgrading.guard import Guard
from gatepair.workflows.upgrading.moves import Move, Situation, after, moves_from, next_move
from gatepair.workflows.upgrading.options import Thresholds, UpgradeOptions, order_of
from gatepair.workflows.upgrading.snapshot import Certificate, NodeSnapshot, Snapshot, from_dict

SITUATIONS = st.builds(
    Situation,
    primary_new=st.booleans(),
    secondary_new=st.booleans(),
    secondary_staged=st.booleans(),
    secondary_held=st.booleans(),
)
NAMES = st.text("abcde", min_size=1, max_size=3)
STATES = st.sampled_from(["UP", "DOWN", "OUT OF SERVICE"])
CERTIFICATES = st.builds(
    Certificate, status=st.sampled_from(["Valid", "Expired", "Not yet valid"]), days_left=st.integers(-9, 400)
)
NODES = st.builds(
    NodeSnapshot,
    address=st.sampled_from(["192.0.2.11", "192.0.2.12"]),
    build=st.just("NS14.1: Build 25.53.nc"),
    servers=st.dictionaries(NAMES, STATES, max_size=5),
    certificates=st.dictionaries(NAMES, CERTIFICATES, max_size=4),
    routes=st.lists(NAMES, max_size=4, unique=True).map(tuple),
    sessions=st.integers(0, 50),
    licences=st.lists(st.sampled_from(["gateway", "ssl"]), unique=True).map(tuple),
    licence_days=st.sampled_from(["", "-1", "3", "90"]),
)
THRESHOLDS = st.builds(
    Thresholds,
    missing_servers=st.integers(0, 3),
    down_servers=st.integers(0, 3),
    missing_certificates=st.integers(0, 3),
    missing_routes=st.integers(0, 3),
    sessions_kept=st.floats(0, 1),
)


def failed(checks: tuple[Check, ...]) -> set[str]:
    return {check.id for check in checks if check.verdict is Verdict.FAIL}


# -- moves ---------------------------------------------------------------------------------------


@given(SITUATIONS)
def test_from_anywhere_the_moves_lead_to_an_upgraded_pair(found: Situation) -> None:
    moves = moves_from(found)
    assert len(moves) <= 8
    for move in moves:
        assert move is next_move(found)
        if move is Move.HAND_OVER:
            assert found.secondary_new, "users go to the new build only"
            assert not found.secondary_held
        found = after(found, move)
    assert (found.primary_new, found.secondary_new, found.secondary_held) == (True, True, False)


@given(SITUATIONS, st.lists(st.booleans(), max_size=6))
def test_swapped_roles_on_the_way_only_change_the_way(found: Situation, swaps: list[bool]) -> None:
    for swap in swaps:
        if swap and not found.secondary_held:
            found = Situation(primary_new=found.secondary_new, secondary_new=found.primary_new)
        found = after(found, next_move(found))
    assert moves_from(found)[-1] is Move.FINISH


def test_a_fresh_upgrade_moves_in_the_vendors_order() -> None:
    moves = moves_from(Situation(primary_new=False, secondary_new=False))
    half = [Move.INSTALL, Move.RESTART, Move.RELEASE]
    assert list(moves) == [*half, Move.HAND_OVER, *half, Move.FINISH]


# -- comparison ----------------------------------------------------------------------------------


@given(NODES, THRESHOLDS)
def test_what_has_not_changed_never_fails(node: NodeSnapshot, allowed: Thresholds) -> None:
    assert not failed(compare(node, node, allowed))
    assert not failed(compare_licences(node, node))


@given(NODES, NODES, THRESHOLDS)
def test_what_is_lost_fails_exactly_beyond_what_is_allowed(
    before: NodeSnapshot, now: NodeSnapshot, allowed: Thresholds
) -> None:
    found = failed(compare(before, now, allowed))
    missing = set(before.servers) - set(now.servers)
    down = [name for name, state in before.servers.items() if state == "UP" and now.servers.get(name) != "UP"]
    lost = [
        name
        for name, one in before.certificates.items()
        if name not in now.certificates
        or (one.status == "Valid" and now.certificates[name].status != "Valid")
    ]
    assert ("servers-kept" in found) is (len(missing) > allowed.missing_servers)
    assert ("servers-up" in found) is (
        len([name for name in down if name in now.servers]) > allowed.down_servers
    )
    assert ("certificates-kept" in found) is (len(lost) > allowed.missing_certificates)
    assert ("routes-kept" in found) is (len(set(before.routes) - set(now.routes)) > allowed.missing_routes)
    assert ("sessions-kept" in found) is (now.sessions < before.sessions * allowed.sessions_kept)


@given(NODES, NODES, THRESHOLDS)
def test_a_secondary_is_not_asked_what_only_a_primary_has(
    before: NodeSnapshot, now: NodeSnapshot, allowed: Thresholds
) -> None:
    ids = {check.id for check in compare(before, now, allowed, serves=False)}
    assert not ids & {"servers-up", "sessions-kept"}


@given(NODES, NODES)
def test_a_lost_licence_always_fails(before: NodeSnapshot, now: NodeSnapshot) -> None:
    lost = set(before.licences) - set(now.licences)
    assert bool(failed(compare_licences(before, now))) is bool(lost)


def test_what_ends_soon_is_pointed_out() -> None:
    node = NodeSnapshot(
        address="a", certificates={"g": Certificate(status="Valid", days_left=3)}, licence_days="2"
    )
    warned = {check.id for check in compare(node, node, Thresholds()) if check.verdict is Verdict.WARN}
    assert warned == {"certificate-days", "licence-days"}


def test_many_lost_things_are_named_in_part() -> None:
    before = NodeSnapshot(address="a", servers={f"lbvserver v{place}": "UP" for place in range(9)})
    (check,) = [
        one for one in compare(before, NodeSnapshot(address="a"), Thresholds()) if one.id == "servers-kept"
    ]
    assert check.evidence.endswith("and 3 more")
    assert check.remedy


# -- snapshots and evidence ----------------------------------------------------------------------


@given(NODES, NODES)
def test_a_snapshot_comes_back_from_json(first: NodeSnapshot, second: NodeSnapshot) -> None:
    snapshot = Snapshot(primary=first.address, nodes=(first, second))
    assert from_dict(json.loads(json.dumps(snapshot.to_dict()))) == snapshot


def report(verdict: UpgradeVerdict = UpgradeVerdict.STOPPED, **changes: Any) -> UpgradeReport:
    nodes = (NodeSnapshot(address="192.0.2.11", role="primary"), NodeSnapshot(address="192.0.2.12"))
    values: dict[str, Any] = {
        "id": "192.0.2.11,192.0.2.12",
        "verdict": verdict,
        "changed": True,
        "target": "NS14.1: Build 51.80.nc",
        "source": "http://192.0.2.99/b.tgz",
        "started_at": "2026-03-03T09:12:44+00:00",
        "seconds": 12.34,
        "before": Snapshot(primary="192.0.2.11", nodes=nodes),
        "reason": "it did not come back",
        "remedy": "Look at its console.",
        "checks": (Check(id="healthy", title="?", verdict=Verdict.FAIL, evidence="it is INIT"),),
        "events": (Event(at_s=1.0, step="install", message="installing", node="192.0.2.12"),),
        "earlier": ("running",),
    }
    return UpgradeReport(**(values | changes))


@pytest.mark.parametrize("verdict", [UpgradeVerdict.STOPPED, UpgradeVerdict.RUNNING, UpgradeVerdict.FAILED])
def test_a_run_that_did_not_end_is_remembered(tmp_path: Path, verdict: UpgradeVerdict) -> None:
    unfinished = report(verdict)
    path = tmp_path / "evidence.json"
    path.write_text(evidence_text(unfinished))
    before = read_before(path, unfinished.id, unfinished.target)
    assert before is not None
    assert before.snapshot == unfinished.before
    assert before.earlier == ("running", str(verdict))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"verdict": "stopped"', '"verdict": "upgraded"'),
        lambda text: text.replace("192.0.2.12", "192.0.2.99"),
        lambda text: text.replace("51.80", "51.81"),
        lambda text: text.replace("gatepair-upgrade-1", "gatepair-upgrade-0"),
        lambda text: text.replace('"nodes"', '"nobody"'),
        lambda text: text[:100],
        lambda _: "[]",
        lambda _: "",
    ],
)
def test_a_file_that_is_about_something_else_is_left_aside(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "evidence.json"
    assert read_before(path, "192.0.2.11,192.0.2.12", "NS14.1: Build 51.80.nc") is None
    path.write_text(spoil(evidence_text(report())))
    assert read_before(path, "192.0.2.11,192.0.2.12", "NS14.1: Build 51.80.nc") is None


def test_the_evidence_can_be_read_by_people_too() -> None:
    document = json.loads(evidence_text(report()))
    text = "\n".join(document["readable"])
    for part in ("stopped", "it did not come back", "Look at its console.", "it is INIT", "installing"):
        assert part in text
    assert document["users"]["watched"] is False


# -- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "build", "target"),
    [
        ("file:///var/tmp/build-14.1-51.80_nc_64.tgz", None, "NS14.1: Build 51.80.nc"),
        ("https://files/x.tgz", "13.1-49.13", "NS13.1: Build 49.13.nc"),
        ("https://files/x.tgz", "NS13.1: Build 49.13.nc", "NS13.1: Build 49.13.nc"),
        ("https://files/build-14.1-51.80_nc_64.tgz", "14.1 51.81", "NS14.1: Build 51.81.nc"),
    ],
)
def test_the_build_is_named_or_told_by_the_archive(url: str, build: str | None, target: str) -> None:
    assert UpgradeOptions(url=url, build=build).target == target


@pytest.mark.parametrize(
    "options",
    [
        {"url": "/var/tmp/build-14.1-51.80_nc_64.tgz"},  # noqa: S108 - no file of this machine
        {"url": "gopher://files/build-14.1-51.80_nc_64.tgz"},
        {"url": "https://files/newest.tgz"},
        {"url": "https://files/newest.tgz", "build": "newest"},
        {"url": "https://files/build-14.1-51.80_nc_64.tgz", "longest_outage_s": 0},
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        UpgradeOptions(**options)


@pytest.mark.parametrize("values", [{"missing_routes": -1}, {"sessions_kept": 1.5}])
def test_thresholds_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Thresholds(**values)


def test_a_password_in_the_url_is_sent_and_never_shown() -> None:
    options = UpgradeOptions(url="scp://joe:canary-9@files/x/build-14.1-51.80_nc_64.tgz?key=canary-9")
    assert options.source == "scp://files/x/build-14.1-51.80_nc_64.tgz"
    assert isinstance(options.sent_url, Secret)
    assert options.sent_url.reveal() == options.url
    assert "canary" not in repr(options)
    assert UpgradeOptions(url=options.source).sent_url == options.source


@given(st.tuples(*[st.integers(0, 99)] * 4), st.tuples(*[st.integers(0, 99)] * 4))
def test_builds_are_ordered_by_their_numbers(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    def build(numbers: tuple[int, ...]) -> str:
        return "NS{}.{}: Build {}.{}.nc".format(*numbers)

    assert (order_of(build(first)) < order_of(build(second))) is (first < second)


# -- users and checks ----------------------------------------------------------------------------


class Away:
    """Users who are not served."""

    longest_s = 0.0

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def served(self) -> bool:
        return False

    def outages(self) -> tuple[Any, ...]:
        return ()


@given(st.lists(st.floats(0.1, 3.0), min_size=1, max_size=9), st.floats(1.0, 9.0))
def test_users_may_wait_as_long_as_allowed_and_no_longer(pauses: list[float], allowed_s: float) -> None:
    guard = Guard(users=Away(), allowed_s=allowed_s)
    moment = since = 100.0
    for pause in [0.0, *pauses]:
        moment += pause
        looking = guard.look()
        next(looking)
        with pytest.raises((StopIteration, UsersNotServed)) as ended:
            looking.send(moment)
        if ended.type is UsersNotServed:
            assert moment - since >= allowed_s
            return
        assert moment - since < allowed_s


def test_without_anybody_who_watches_nobody_waits() -> None:
    guard = Guard(users=None, allowed_s=1.0)
    with pytest.raises(StopIteration):
        next(guard.look())
    assert (guard.served, guard.longest_s) == (None, 0.0)


def test_a_failed_health_check_names_what_and_where() -> None:
    checks = [
        Check(
            id="healthy",
            title="?",
            verdict=Verdict.FAIL,
            node="192.0.2.11",
            evidence="it is INIT",
            remedy="Wait",
        ),
        Check(id="released", title="?", verdict=Verdict.FAIL, node="192.0.2.12", evidence="it is held"),
    ]
    both, one = HealthCheckFailed(checks), HealthCheckFailed(checks[:1])
    assert both.message == "192.0.2.11: it is INIT; 192.0.2.12: it is held"
    assert (one.node, one.message, one.remedy) == ("192.0.2.11", "it is INIT", "Wait.")
    assert [check["id"] for check in both.to_problem()["checks"]] == ["healthy", "released"]  # type: ignore[index]
