"""Whatever is done to two appliances: roles, virtual addresses and configuration stay as they must.

Whole nodes with their NITRO engine, heartbeats, propagation and synchronisation, in simulated time.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from emulator_simulation import Appliance, OneLan, World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gatepair_emulator.ha.messages import Role
from gatepair_emulator.ha.transfer import shared_tables
from gatepair_emulator.users.addresses import virtual_addresses

if TYPE_CHECKING:
    from gatepair_emulator.wires import Closable

LONGEST_HELLO_S = 1.0
QUIET_S = 60.0
VIRTUAL = [f"198.51.100.{host}" for host in (20, 21, 22)]
NODES = st.sampled_from("ab")


class WatchedLan(OneLan):
    """Notes every moment at which an address is held twice although the nodes hear each other."""

    def __init__(self, history: AnyHistory) -> None:
        super().__init__()
        self.history = history
        self.holders: dict[str, int] = {}
        self.doubled: list[str] = []

    def hold(self, address: str, port: int) -> Closable:  # noqa: ARG002 - ports do not matter
        self.holders[address] = self.holders.get(address, 0) + 1
        if self.holders[address] > 1 and self.history.must_agree():
            self.doubled.append(f"{address} at {self.history.world.time.now:.2f}")
        lan = self

        class Held:
            def close(self) -> None:
                lan.holders[address] -= 1

        return Held()


class AnyHistory(RuleBasedStateMachine):
    """Commands, faults and clock steps in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.disturbed_at = 0.0
        self.counter = 0
        self.lan = WatchedLan(self)
        self.world = World(self.directory, self.lan)

    def teardown(self) -> None:
        self.world.close()
        shutil.rmtree(self.directory)

    def named(self, name: str) -> Appliance:
        return self.world.a if name == "a" else self.world.b

    @property
    def running(self) -> list[Appliance]:
        return [each for each in self.world.both if each.node is not None]

    def disturbed(self) -> None:
        self.disturbed_at = self.world.time.now

    # -- what may be demanded -------------------------------------------------------------------

    def flowing(self) -> bool:
        """Whether heartbeats have been flowing both ways for a while."""
        if len(self.running) < 2 or any(
            each.hardware.losses != type(each.hardware.losses)() for each in self.running
        ):
            return False
        lines = [set(each.on.heartbeat_interfaces()) for each in self.running]
        return bool(lines[0] & lines[1]) and self.world.time.now - self.disturbed_at > 3 * LONGEST_HELLO_S

    def must_agree(self) -> bool:
        told = [each.on.ha.setting("hastatus") for each in self.running]
        paired = all(each.on.ha.paired for each in self.running)
        return self.flowing() and paired and told != ["STAYPRIMARY", "STAYPRIMARY"]

    # -- beginning ------------------------------------------------------------------------------

    @initialize()
    def form(self) -> None:
        self.world.form()
        self.named("a").on.save()
        self.named("b").on.save()
        self.disturbed()

    # -- commands -------------------------------------------------------------------------------

    @rule(name=NODES, number=st.integers(2, 9))
    def add_vlan(self, name: str, number: int) -> None:
        if self.named(name).node is not None:
            assert self.world.ask(self.named(name), "POST", "vlan", "vlan", id=number) in {201, 409}

    @rule(name=NODES, number=st.integers(2, 9))
    def remove_vlan(self, name: str, number: int) -> None:
        if self.named(name).node is not None:
            assert self.world.ask(self.named(name), "DELETE", f"vlan/{number}") in {200, 404}

    @rule(name=NODES, address=st.sampled_from(VIRTUAL), kind=st.sampled_from(["VIP", "SNIP"]))
    def add_address(self, name: str, address: str, kind: str) -> None:
        if self.named(name).node is not None:
            values = {"ipaddress": address, "netmask": "255.255.255.0", "type": kind}
            assert self.world.ask(self.named(name), "POST", "nsip", "nsip", **values) in {201, 409}

    @rule(name=NODES, address=st.sampled_from(VIRTUAL))
    def remove_address(self, name: str, address: str) -> None:
        if self.named(name).node is not None:
            assert self.world.ask(self.named(name), "DELETE", f"nsip/{address}") in {200, 404}

    @rule(name=NODES)
    def set_what_is_local(self, name: str) -> None:
        """Values that tell whose they are: names begin with it, flips are even on A and odd on B."""
        each = self.named(name)
        if each.node is None:
            return
        self.counter += 1
        flips = 2 * (self.counter % 50) + 2 + (name == "b")
        for kind, values in (
            ("nshostname", {"hostname": f"{name}-{self.counter}"}),
            ("Interface", {"id": "1/1", "ifalias": f"{name}-{self.counter}"}),
            ("hanode", {"id": 0, "maxflips": flips}),
        ):
            assert self.world.ask(each, "PUT", kind, kind, **values) == 200

    @rule(name=NODES, told=st.sampled_from(["ENABLED", "STAYPRIMARY", "STAYSECONDARY", "DISABLED"]))
    def administer(self, name: str, told: str) -> None:
        if self.named(name).node is not None:
            self.world.ask(self.named(name), "PUT", "hanode", "hanode", id=0, hastatus=told)
            self.disturbed()

    @rule(
        name=NODES,
        attribute=st.sampled_from(["hasync", "haprop"]),
        value=st.sampled_from(["ENABLED", "DISABLED"]),
    )
    def switch(self, name: str, attribute: str, value: str) -> None:
        if self.named(name).node is not None:
            values = {"id": 0, attribute: value}
            assert self.world.ask(self.named(name), "PUT", "hanode", "hanode", **values) == 200

    @rule(name=NODES, hello=st.sampled_from([200, 600, 1000]), dead=st.sampled_from([3, 10]))
    def set_intervals(self, name: str, hello: int, dead: int) -> None:
        if self.named(name).node is not None:
            values = {"id": 0, "hellointerval": hello, "deadinterval": dead}
            assert self.world.ask(self.named(name), "PUT", "hanode", "hanode", **values) == 200
            self.disturbed()

    @rule(name=NODES, force=st.booleans())
    def fail_over(self, name: str, force: bool) -> None:  # noqa: FBT001 - drawn
        if self.named(name).node is not None:
            answer = self.world.ask(
                self.named(name), "POST", "hafailover?action=Force", "hafailover", force=force
            )
            assert answer in {200, 599}

    @rule(name=NODES)
    def synchronise(self, name: str) -> None:
        if self.named(name).node is not None:
            path = "hasync?action=Force"
            assert self.world.ask(self.named(name), "POST", path, "hasync", force=True) in {200, 599}

    @rule(name=NODES)
    def save(self, name: str) -> None:
        if self.named(name).node is not None:
            assert self.world.ask(self.named(name), "POST", "nsconfig?action=save", "nsconfig") in {200, 599}

    # -- faults and time ------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.5, 12.0]))
    def wait(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(name=NODES)
    def cut_power(self, name: str) -> None:
        self.world.within(self.named(name).power_off)
        self.disturbed()

    @rule(name=NODES)
    def switch_on(self, name: str) -> None:
        if self.named(name).node is None:
            self.world.do(self.named(name).power_on())
            self.disturbed()

    @rule(name=NODES, out=st.booleans(), inward=st.booleans(), share=st.sampled_from([0.0, 0.5]))
    def spoil_the_line(self, name: str, out: bool, inward: bool, share: float) -> None:  # noqa: FBT001 - drawn
        losses = self.named(name).hardware.losses
        losses.outgoing, losses.incoming, losses.loss = out, inward, share
        self.disturbed()

    @rule(
        names=st.sampled_from(["a", "b", "ab"]),
        apart_s=st.sampled_from([2.0, 15.0]),
        number=st.integers(2, 9),
    )
    def part_for_a_while(self, names: str, apart_s: float, number: int) -> None:
        """The line is cut, each side is written to, and the line is mended."""
        for name in names:
            self.spoil_the_line(name, out=True, inward=True, share=0.0)
        self.world.run(apart_s)
        self.add_vlan("a", number)
        self.add_vlan("b", 11 - number)
        for name in names:
            self.spoil_the_line(name, out=False, inward=False, share=0.0)
        self.world.run(4 * LONGEST_HELLO_S)

    @rule(name=NODES, number=st.integers(2, 9))
    def write_without_propagation(self, name: str, number: int) -> None:
        self.switch(name, "haprop", "DISABLED")
        self.add_vlan(name, number)
        self.switch(name, "haprop", "ENABLED")

    @rule(name=NODES, failed=st.sets(st.sampled_from(["1/1", "1/2"])))
    def pull_cables(self, name: str, failed: set[str]) -> None:
        each = self.named(name)
        each.hardware.failed_links = set(failed)
        if each.node is not None:
            self.world.within(each.on.ha.rules_changed)
        self.disturbed()

    @rule(name=NODES, step=st.sampled_from([-86400.0, -3.0, 3.0, 3600.0]))
    def step_the_clock(self, name: str, step: float) -> None:
        self.named(name).clock.offset_s += step

    # -- what holds -----------------------------------------------------------------------------

    @invariant()
    def never_two_primaries_while_heartbeats_flow(self) -> None:
        if self.must_agree():
            roles = [each.on.ha.machine.role for each in self.running]
            assert roles != [Role.PRIMARY, Role.PRIMARY]

    @invariant()
    def a_virtual_address_is_on_one_node(self) -> None:
        assert not self.lan.doubled
        if self.must_agree():
            held = [set(each.on.addresses.held()) for each in self.running]
            assert not held[0] & held[1]

    @invariant()
    def what_is_local_never_crosses(self) -> None:
        for each in self.running:
            tables = each.on.configuration
            seen = [each.on.host_name, str((tables.get("Interface", "1/1") or {}).get("ifalias", ""))]
            assert {text[0] for text in seen if "-" in text} <= {each.name}
            flips = int(str((tables.get("hanode", "0") or {}).get("maxflips", 0)))
            assert flips == 0 or flips % 2 == (each.name == "b")
            addresses = {row.get("ipaddress") for row in tables.rows("nsip") if row.get("type") == "NSIP"}
            assert addresses == {each.address}

    @precondition(lambda self: self.running)
    @rule()
    def quiet_makes_them_alike(self) -> None:
        """Mend everything and wait: one primary, everything shared alike, each address on that node."""
        world = self.world
        for each in world.both:
            each.hardware.failed_links = set()
            losses = each.hardware.losses
            losses.outgoing, losses.incoming, losses.loss = False, False, 0.0
            world.do(each.power_on())
            values = {"id": 0, "hastatus": "ENABLED", "hasync": "ENABLED", "haprop": "ENABLED"}
            assert world.ask(each, "PUT", "hanode", "hanode", **values) == 200
            self.world.within(each.on.ha.rules_changed)
        self.disturbed()
        assert world.until(self.alike, QUIET_S), self.told()

    def alike(self) -> bool:
        a, b = (each.on for each in self.world.both)
        one_primary = {a.ha.machine.role, b.ha.machine.role} == {Role.PRIMARY, Role.SECONDARY}
        secondary = b if a.ha.is_primary else a
        held = all(set(each.addresses.held()) == virtual_addresses(each) for each in (a, b))
        synchronised = secondary.ha.sync.shown == "SUCCESS" and not secondary.ha.sync.running
        return one_primary and synchronised and held and shared_tables(a) == shared_tables(b)

    def told(self) -> str:
        return "; ".join(
            f"{each.name}: {each.on.ha.machine.role}, sync {each.on.ha.sync.shown}"
            f" {each.on.ha.sync.reason}, {shared_tables(each.on)}"
            for each in self.world.both
        )


def test_a_node_that_missed_a_command_is_not_taken_for_equal_after_the_next_one(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.form()
    a, b = world.both
    for haprop, number in (("DISABLED", 5), ("ENABLED", 6)):
        assert world.ask(a, "PUT", "hanode", "hanode", id=0, haprop=haprop) == 200
        assert world.ask(a, "POST", "vlan", "vlan", id=number) == 201
    assert world.until(lambda: shared_tables(a.on) == shared_tables(b.on), QUIET_S)
    world.close()


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
