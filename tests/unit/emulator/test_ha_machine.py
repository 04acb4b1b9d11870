"""The state machine of high availability, in simulated time: no process, no socket, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gatepair_emulator.ha.election import RoleChanged
from gatepair_emulator.ha.machine import Machine
from gatepair_emulator.ha.messages import Admin, Health, Role, decode_hello, encode_hello

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO_S = 0.2
STEP_S = 0.05
EPOCH_MS = 1_700_000_000_000


@define
class Pair:
    """Two machines and the wire between them. Datagrams arrive within the step they are sent in."""

    now: float = 100.0
    machines: dict[str, Machine] = field(factory=dict[str, Machine])
    powered: set[str] = field(factory=set[str])
    cut: set[str] = field(factory=set[str])
    sequence: int = 0
    next_hello: dict[str, float] = field(factory=dict[str, float])
    roles: list[tuple[str, Role]] = field(factory=list[tuple[str, Role]])

    @property
    def wall(self) -> int:
        return EPOCH_MS + int(self.now * 1000)

    def add(self, name: str, address: str) -> Machine:
        machine = Machine(address=address)
        self.machines[name] = machine
        self.boot(name)
        return machine

    def boot(self, name: str, peer: str | None = None) -> None:
        old = self.machines[name]
        fresh = Machine(address=old.address, rules=old.rules)
        fresh.peer = peer
        self.machines[name] = fresh
        self.powered.add(name)
        self.next_hello[name] = self.now
        fresh.boot(self.now, self.wall)
        self.settle()

    def do(self, name: str, order: Callable[[Machine], None]) -> None:
        order(self.machines[name])
        self.settle()

    def pair(self) -> None:
        a, b = self.machines["a"], self.machines["b"]
        self.do("a", lambda machine: machine.join(b.address, self.now, self.wall))
        self.do("b", lambda machine: machine.join(a.address, self.now, self.wall))

    def rules(self, name: str, **changes: object) -> None:
        def order(machine: Machine) -> None:
            for key, value in changes.items():
                setattr(machine.rules, key, value)
            machine.changed(self.now, self.wall)

        self.do(name, order)

    def health(self, name: str, health: Health) -> None:
        def order(machine: Machine) -> None:
            machine.health = health
            machine.changed(self.now, self.wall)

        self.do(name, order)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = round(self.now + STEP_S, 6)
            for name in sorted(self.powered):
                self.machines[name].tick(self.now, self.wall)
                if self.now >= self.next_hello[name]:
                    self.send(name)
            self.settle()

    def settle(self) -> None:
        """Deliver what events ask for, until nothing more is said."""
        for _ in range(30):
            spoke = False
            for name in sorted(self.powered):
                events = self.machines[name].drain()
                self.roles += [(name, each.role) for each in events if isinstance(each, RoleChanged)]
                if events:
                    self.send(name)
                    spoke = True
            if not spoke:
                return
        raise AssertionError("the nodes never stop talking")

    def send(self, name: str) -> None:
        self.next_hello[name] = self.now + HELLO_S
        machine = self.machines[name]
        if machine.peer is None or name in self.cut:
            return
        self.sequence += 1
        datagram = encode_hello(machine.hello(self.sequence, {"name": name}).on("1/1"))
        other = "b" if name == "a" else "a"
        hello = decode_hello(datagram)
        assert hello is not None
        if other in self.powered and other not in self.cut:
            self.machines[other].heard(hello, self.now, self.wall)

    def role(self, name: str) -> Role:
        return self.machines[name].role

    def primaries(self) -> set[str]:
        return {name for name in self.powered if self.machines[name].role is Role.PRIMARY}


@pytest.fixture
def alone() -> Pair:
    pair = Pair()
    pair.add("a", "192.0.2.11")
    pair.add("b", "192.0.2.12")
    return pair


@pytest.fixture
def formed(alone: Pair) -> Pair:
    alone.pair()
    alone.run(1)
    assert alone.primaries() == {"a"}
    return alone


def test_alone_both_are_primary(alone: Pair) -> None:
    assert alone.primaries() == {"a", "b"}


def test_a_node_held_back_is_not_primary_even_alone(alone: Pair) -> None:
    alone.rules("b", admin=Admin.STAYSECONDARY)
    assert alone.role("b") is Role.SECONDARY


def test_the_node_paired_first_stays_primary(alone: Pair) -> None:
    b, a = alone.machines["b"], alone.machines["a"]
    alone.do("b", lambda machine: machine.join(a.address, alone.now, alone.wall))
    alone.run(5)
    alone.do("a", lambda machine: machine.join(b.address, alone.now, alone.wall))
    alone.run(1)
    assert alone.primaries() == {"b"}
    assert (("b", Role.SECONDARY)) not in alone.roles


def test_a_node_told_to_stay_primary_takes_over_from_one_paired_before(alone: Pair) -> None:
    alone.rules("b", admin=Admin.STAYPRIMARY)
    alone.pair()
    alone.run(1)
    assert alone.primaries() == {"b"}


def test_the_secondary_takes_over_after_the_dead_interval_and_not_before(formed: Pair) -> None:
    formed.powered.discard("a")
    formed.run(2.5)
    assert formed.primaries() == set()
    formed.run(0.8)
    assert formed.primaries() == {"b"}


def test_the_old_primary_comes_back_as_secondary(formed: Pair) -> None:
    formed.powered.discard("a")
    formed.run(4)
    formed.boot("a", "192.0.2.12")
    formed.run(6)
    assert formed.primaries() == {"b"}


def test_a_primary_that_restarts_quicker_than_the_dead_interval_gives_the_role_away(formed: Pair) -> None:
    formed.powered.discard("a")
    formed.run(1)
    formed.boot("a", "192.0.2.12")
    formed.run(4)
    assert formed.primaries() == {"b"}


def test_a_pair_that_starts_together_gets_one_primary(formed: Pair) -> None:
    formed.boot("a", "192.0.2.12")
    formed.boot("b", "192.0.2.11")
    formed.run(1)
    assert formed.primaries() == {"a"}


def test_a_node_of_a_pair_listens_for_the_dead_interval_before_it_serves(formed: Pair) -> None:
    formed.powered.discard("b")
    formed.boot("a", "192.0.2.12")
    formed.run(2.5)
    assert formed.role("a") is Role.INIT
    formed.run(1)
    assert formed.role("a") is Role.PRIMARY


@pytest.mark.parametrize("asked", ["a", "b"])
def test_a_forced_failover_works_from_either_side_and_again_at_once(formed: Pair, asked: str) -> None:
    formed.do(asked, lambda machine: machine.force(formed.now, formed.wall))
    assert formed.primaries() == {"b"}
    formed.do(asked, lambda machine: machine.force(formed.now, formed.wall))
    assert formed.primaries() == {"a"}


def test_an_invitation_nobody_follows_ends(formed: Pair) -> None:
    formed.rules("b", admin=Admin.STAYSECONDARY)
    formed.do("a", lambda machine: machine.force(formed.now, formed.wall))
    formed.run(4)
    assert formed.primaries() == {"a"}
    assert not formed.machines["a"].inviting


def test_an_unhealthy_primary_gives_way_to_a_healthy_secondary(formed: Pair) -> None:
    formed.health("a", Health.PARTIALFAIL)
    formed.run(0.5)
    assert formed.primaries() == {"b"}


def test_without_fail_safe_two_unhealthy_nodes_serve_nobody(formed: Pair) -> None:
    formed.health("b", Health.PARTIALFAIL)
    formed.health("a", Health.PARTIALFAIL)
    formed.run(5)
    assert formed.primaries() == set()


def test_with_fail_safe_the_last_primary_stays(formed: Pair) -> None:
    for name in "ab":
        formed.rules(name, fail_safe=True)
    formed.health("b", Health.PARTIALFAIL)
    formed.health("a", Health.PARTIALFAIL)
    formed.run(5)
    assert formed.primaries() == {"a"}


def test_stay_secondary_is_kept_even_when_nobody_serves(formed: Pair) -> None:
    formed.rules("b", admin=Admin.STAYSECONDARY, fail_safe=True)
    formed.powered.discard("a")
    formed.run(10)
    assert formed.primaries() == set()


def test_two_nodes_told_to_stay_primary_are_a_split_brain(formed: Pair) -> None:
    formed.rules("a", admin=Admin.STAYPRIMARY)
    formed.rules("b", admin=Admin.STAYPRIMARY)
    formed.run(5)
    formed.cut.add("b")
    formed.run(5)
    formed.cut.clear()
    formed.run(5)
    assert formed.primaries() == {"a", "b"}


def test_when_a_partition_heals_the_older_primary_stays(formed: Pair) -> None:
    formed.cut.add("a")
    formed.run(5)
    assert formed.primaries() == {"a", "b"}
    formed.cut.clear()
    formed.run(1)
    assert formed.primaries() == {"a"}


def test_flips_make_the_primary_stick_until_their_time_is_over(formed: Pair) -> None:
    for name in "ab":
        formed.rules(name, max_flips=2, max_flip_time_s=30)
    for _ in range(2):
        formed.do("a", lambda machine: machine.force(formed.now, formed.wall))
        formed.run(0.5)
    assert formed.primaries() == {"a"}
    assert formed.machines["a"].sticky
    formed.health("a", Health.PARTIALFAIL)
    formed.run(5)
    assert formed.primaries() == {"a"}
    formed.run(30)
    assert formed.primaries() == {"b"}


def test_a_removed_peer_leaves_a_primary_behind(formed: Pair) -> None:
    formed.do("b", lambda machine: machine.leave(formed.now, formed.wall))
    assert formed.role("b") is Role.PRIMARY
    formed.run(4)
    assert not formed.machines["a"].peer_alive


def test_heartbeats_of_strangers_are_ignored(formed: Pair) -> None:
    machine = formed.machines["a"]
    stranger = Machine(address="192.0.2.99")
    stranger.peer = machine.address
    stranger.boot(formed.now, formed.wall)
    before = machine.last
    assert not machine.heard(stranger.hello(1, {}), formed.now, formed.wall)
    assert machine.last is before


class AnyHistory(RuleBasedStateMachine):
    """Whatever is done to a pair, heartbeats that flow both ways never leave two primaries."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.flowing_since = 0.0

    @initialize()
    def form(self) -> None:
        self.pair.add("a", "192.0.2.11")
        self.pair.add("b", "192.0.2.12")
        self.pair.pair()
        self.disturbed()

    def disturbed(self) -> None:
        self.flowing_since = self.pair.now

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.1, 8.0]))
    def wait(self, seconds: float) -> None:
        self.pair.run(seconds)

    @rule(name=st.sampled_from("ab"), admin=st.sampled_from(list(Admin)))
    def administer(self, name: str, admin: Admin) -> None:
        self.pair.rules(name, admin=admin)

    @rule(name=st.sampled_from("ab"), health=st.sampled_from([Health.UP, Health.PARTIALFAIL]))
    def ail(self, name: str, health: Health) -> None:
        self.pair.health(name, health)

    @rule(name=st.sampled_from("ab"), fail_safe=st.booleans())
    def set_fail_safe(self, name: str, fail_safe: bool) -> None:  # noqa: FBT001 - drawn
        self.pair.rules(name, fail_safe=fail_safe)

    @rule(name=st.sampled_from("ab"))
    def force(self, name: str) -> None:
        if name in self.pair.powered and self.pair.role(name) in {Role.PRIMARY, Role.SECONDARY}:
            self.pair.do(name, lambda machine: machine.force(self.pair.now, self.pair.wall))

    @rule(name=st.sampled_from("ab"))
    def cut_power(self, name: str) -> None:
        self.pair.powered.discard(name)
        self.disturbed()

    @rule(name=st.sampled_from("ab"))
    def switch_on(self, name: str) -> None:
        if name not in self.pair.powered:
            self.pair.boot(name, self.pair.machines["b" if name == "a" else "a"].address)
            self.disturbed()

    @rule(name=st.sampled_from("ab"))
    def partition(self, name: str) -> None:
        self.pair.cut.add(name)
        self.disturbed()

    @rule()
    def heal(self) -> None:
        self.pair.cut.clear()
        self.disturbed()

    def both_stay(self) -> bool:
        return all(each.rules.admin is Admin.STAYPRIMARY for each in self.pair.machines.values())

    @invariant()
    def one_primary_at_most(self) -> None:
        flowing = not self.pair.cut and self.pair.now - self.flowing_since > 2 * HELLO_S
        if flowing and not self.both_stay():
            assert len(self.pair.primaries()) < 2

    @precondition(lambda self: not self.pair.cut and self.pair.powered == {"a", "b"})
    @rule()
    def somebody_serves_in_the_end(self) -> None:
        self.pair.run(12)
        fit = [each.eligible for each in self.pair.machines.values()]
        if any(fit) and not self.both_stay():
            assert len(self.pair.primaries()) == 1


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
