"""What verify is made of: looks at nodes, comparisons of configurations, power commands."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from fake_pair import ADDRESSES, FakePair, configured
from fake_runner import Runner
from hypothesis import given
from hypothesis import strategies as st

from gatepair.errors import GatepairError, InvalidInput, LocalFileError, NotFound, NotLicensed, Unreachable
from gatepair.models import Credentials, ManagementAddress, Secret
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import Call, HttpRequest, HttpResponse, Reply
from gatepair.nitro.conversation import Session
from gatepair.probes import Stopwatch
from gatepair.verify import PowerCommands, PoweredNode
from gatepair.verify.aside import aside, until
from gatepair.verify.looking import Looker, RoleWatch
from gatepair.verify.sharing import Comparison, checksum, compare, differences
from gatepair.verify.timeline import RoleSample
from gatepair.workflows.core import Batch, Wait

A, B = ManagementAddress.parse("192.0.2.11"), ManagementAddress.parse("192.0.2.12")
NODE = PoweredNode(address="192.0.2.11:8443", host="192.0.2.11", name="gw-a", letter="a")
LIMIT_S = 30.0


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# -- looks ----------------------------------------------------------------------------------------


class Wire:
    """Answers requests from a list, and counts them."""

    def __init__(self, *answers: HttpResponse | Breakdown) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.sent: list[str] = []
        self.closed = False

    def send(self, request: HttpRequest) -> HttpResponse | Breakdown:
        self.sent.append(request.label)
        if request.label == "POST config/login":
            return HttpResponse(status=201, body=b'{"errorcode": 0, "sessionid": "##1"}')
        if request.label == "POST config/logout":
            return HttpResponse(status=201, body=b'{"errorcode": 0}')
        return next(self._answers)

    def close(self) -> None:
        self.closed = True


def nodes(*states: str, sync: str = "SUCCESS") -> HttpResponse:
    rows = ", ".join(
        f'{{"id": "{number}", "state": "{state}", "hasync": "{sync}"}}' for number, state in enumerate(states)
    )
    return HttpResponse(status=200, body=f'{{"errorcode": 0, "hanode": [{rows}]}}'.encode())


def looker(wire: Wire) -> Looker:
    credentials = Credentials(password=Secret("canary-Passw0rd-31c4"))
    return Looker(Session(node=A, credentials=credentials, now=lambda: 0.0), wire)


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        (nodes("Primary", "Secondary"), "primary"),
        (nodes("SECONDARY", "Primary"), "secondary"),
        (nodes("Primary"), "standalone"),
        (nodes("CLAIMING", "Primary"), "unknown"),
    ],
)
def test_a_look_tells_the_role(answer: HttpResponse, role: str) -> None:
    sample = looker(Wire(answer)).look(Stopwatch())
    assert (sample.node, sample.role, sample.sync, sample.reachable) == (str(A), role, "SUCCESS", True)
    assert sample.began <= sample.ended


@pytest.mark.parametrize(
    "answer",
    [
        Breakdown(kind=BreakdownKind.NOT_SENT, detail="connection refused"),
        Breakdown(kind=BreakdownKind.BROKEN, detail="connection reset by peer"),
        Breakdown(kind=BreakdownKind.TIMED_OUT, detail="ReadTimeout"),
        HttpResponse(status=503, body=b"<html>not yet</html>"),
        HttpResponse(status=400, body=b'{"errorcode": 293, "message": "Operation already in progress"}'),
    ],
)
def test_a_look_that_fails_is_not_repeated(answer: HttpResponse | Breakdown) -> None:
    wire = Wire(answer)
    sample = looker(wire).look(Stopwatch())
    assert (sample.role, sample.reachable) == ("unknown", False)
    assert sample.detail
    assert wire.sent == ["POST config/login", "GET config/hanode"]


def test_a_session_that_ended_is_renewed() -> None:
    ended = HttpResponse(status=401, body=b'{"errorcode": 444, "message": "Session expired or killed."}')
    wire = Wire(ended, nodes("Primary", "Secondary"))
    assert looker(wire).look(Stopwatch()).role == "primary"
    assert wire.sent.count("POST config/login") == 2


def test_a_watch_looks_again_and_again_and_logs_out() -> None:
    wires = [Wire(nodes("Primary", "Secondary")), Wire(nodes("Secondary", "Primary"))]
    watch = RoleWatch(tuple(looker(wire) for wire in wires), 0.01, Stopwatch())
    with watch:
        soon(lambda: len(watch.samples) > 5 and all(len(wire.sent) > 1 for wire in wires))
        latest = watch.latest(str(A))
        assert latest is not None
        assert watch.latest("192.0.2.99") is None
    assert not watch.running
    for wire in wires:
        assert wire.sent[0] == "POST config/login"
        assert wire.sent[-1] == "POST config/logout"
        assert wire.closed


def test_a_watch_that_never_began_can_be_closed() -> None:
    RoleWatch((looker(Wire(nodes("Primary"))),), 0.01, Stopwatch()).close()


# -- what blocks is done aside --------------------------------------------------------------------


def run(flow: Any) -> Any:
    """Drive a flow that only waits."""
    try:
        step = next(flow)
        while True:
            assert isinstance(step, Wait)
            time.sleep(min(step.seconds, 0.01))
            step = flow.send(None)
    except StopIteration as done:
        return done.value


def test_work_aside_returns_and_raises() -> None:
    gate = threading.Event()
    timer = threading.Timer(0.05, gate.set)
    timer.start()
    assert run(aside(lambda: gate.wait(LIMIT_S), "waiting")) is True
    timer.join()
    with pytest.raises(ZeroDivisionError):
        run(aside(lambda: 1 // 0, "dividing"))


def test_waiting_for_what_threads_do() -> None:
    clock = Stopwatch()
    assert run(until(lambda: clock() > 0.05, clock=clock, limit_s=LIMIT_S, reason="time")) is True
    assert run(until(lambda: False, clock=clock, limit_s=0.05, reason="never")) is False


# -- power ----------------------------------------------------------------------------------------


def script(tmp_path: Path, code: str) -> tuple[str, ...]:
    path = tmp_path / "power.py"
    path.write_text(code)
    return (sys.executable, str(path), "{letter}", "{host}", "{name}", "{address}")


def test_a_command_gets_the_node_as_arguments_and_no_shell(tmp_path: Path) -> None:
    writes = "import sys, pathlib; pathlib.Path(sys.argv[-1]).write_text('|'.join(sys.argv[1:5]))"
    said = tmp_path / "said"
    command = (*script(tmp_path, writes), "$HOME; rm", str(said))
    nasty = attrs.evolve(NODE, name="gw; touch x")
    PowerCommands(off_command=command, on_command=("true",)).off(nasty)
    assert said.read_text() == "a|192.0.2.11|gw; touch x|192.0.2.11:8443"
    assert list(tmp_path.glob("x")) == []


def test_a_command_that_fails_says_so(tmp_path: Path) -> None:
    power = PowerCommands(
        off_command=script(tmp_path, "import sys; sys.exit('outlet is locked')"),
        on_command=("no-such-command-anywhere",),
    )
    with pytest.raises(LocalFileError, match="ended with code 1: outlet is locked"):
        power.off(NODE)
    with pytest.raises(LocalFileError, match="cannot be run"):
        power.on(NODE)


@pytest.mark.parametrize(
    ("off", "on"), [("", "on"), ("off {outlet}", "on"), ("off {}", "on"), ("off '", "on")]
)
def test_commands_that_cannot_be_meant(off: str, on: str) -> None:
    with pytest.raises(InvalidInput):
        PowerCommands.parse(off, on)


# -- the shared configuration ---------------------------------------------------------------------


Rows = dict[str, list[dict[str, object]]]


def compared(first: Rows, second: Rows, **options: bool) -> Comparison:
    """Compare two nodes that hold these rows."""
    flow = compare((A, B), **options)
    held = {A: first, B: second}
    try:
        step = next(flow)
        while True:
            assert isinstance(step, Batch)
            step = flow.send(tuple(_outcome(held[one.node], one.call) for one in step.asks))
    except StopIteration as done:
        return done.value


def _outcome(rows: Rows, call: Call) -> Reply | GatepairError:
    found: Sequence[Any] = rows.get(call.resource, [])
    if isinstance(found, GatepairError):
        return found
    if call.name is not None and not found:
        return NotFound("No such resource")
    return Reply(status=200, rows=tuple(found))


GATEWAY = {"name": "gateway", "servicetype": "SSL", "ipv46": "192.0.2.20", "port": 443, "curaaausers": "17"}
VIP = {"ipaddress": "192.0.2.20", "netmask": "255.255.255.255", "type": "VIP", "state": "ENABLED"}


def test_nodes_with_the_same_configuration_are_equal_whatever_their_counters_and_order() -> None:
    features = {"feature": ["LB", "SSLVPN"], "lb": True}
    ours: Rows = {"vpnvserver": [GATEWAY], "nsip": [VIP], "nsfeature": [features]}
    theirs: Rows = {
        "vpnvserver": [GATEWAY | {"curaaausers": "0", "PORT": "443"}],
        "nsip": [{"ipaddress": "192.0.2.12", "type": "NSIP"}, VIP],
        "nsfeature": [{"feature": ["SSLVPN", "LB"]}],
    }
    found = compared(ours, theirs)
    assert found.equal, found.differences
    assert found.objects == 3
    assert len({value for _, value in found.checksums}) == 1


def test_every_difference_is_named() -> None:
    bound: Rows = {"sslvserver_sslcertkey_binding": [{"vservername": "gateway", "certkeyname": "new"}]}
    found = compared(
        {"vpnvserver": [GATEWAY], "nsip": [VIP]} | bound, {"vpnvserver": [GATEWAY | {"port": 8443}]}
    )
    assert not found.equal
    assert "nsip 192.0.2.20 is only on 192.0.2.11" in found.differences
    assert "vpnvserver gateway: port is 443 on 192.0.2.11 and 8443 on 192.0.2.12" in found.differences
    assert any("gateway new is only on" in one for one in found.differences)


def test_what_cannot_be_read_is_not_compared() -> None:
    refused: Any = NotLicensed("no licence")
    found = compared({"csvserver": refused, "vpnvserver": [GATEWAY]}, {"vpnvserver": [GATEWAY]})
    assert found.equal
    assert found.skipped == ("csvserver",)
    silent: Any = Unreachable("no connection")
    lost = compared({"nsip": [VIP]}, {"nsip": silent})
    assert not lost.equal
    assert "192.0.2.12: no connection" in lost.error


def test_nodes_in_different_networks_have_snips_of_their_own() -> None:
    snip = {"ipaddress": "192.0.2.21", "netmask": "255.255.255.0", "type": "SNIP"}
    assert not compared({"nsip": [snip]}, {}).equal
    assert compared({"nsip": [snip]}, {}, independent=True).equal


ITEMS = st.dictionaries(
    st.tuples(st.sampled_from(["service", "nsip"]), st.text("abc", max_size=3)),
    st.dictionaries(st.sampled_from(["port", "name"]), st.text("12", min_size=1), max_size=2),
    max_size=5,
)


@given(ITEMS, ITEMS)
def test_checksums_agree_exactly_when_there_is_no_difference(first: Any, second: Any) -> None:
    shuffled = dict(reversed(list(first.items())))
    assert checksum(first) == checksum(shuffled)
    equal = not list(differences(first, second, ("A", "B")))
    assert (checksum(first) == checksum(second)) == equal


def test_the_comparison_of_a_gateway_in_use_and_a_fresh_one() -> None:
    pair = FakePair()
    configured(pair.a)
    found = Runner(pair).run(compare(ADDRESSES))
    assert not found.error
    assert not found.equal
    assert found.differences


def test_samples_of_a_silent_node_are_not_primary() -> None:
    sample = RoleSample(began=0, ended=1, node=str(A), role="unknown", detail="timed out")
    assert not sample.primary
