"""A few random histories of two real processes: the invariants of the simulated ones hold here too."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import httpx
import pytest
from emulator_talk import Talk, who_serves
from waiting import until

from gatepair_emulator.lab import Lab, LabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatepair_emulator.lab import Node

pytestmark = pytest.mark.slow
STEPS = 12
Json = dict[str, object]


@pytest.fixture
def lab(healthy_lab: Lab) -> Lab:
    with Talk(healthy_lab, healthy_lab.a) as a:
        a.save()
    return healthy_lab


class History:
    """What is done to the pair, drawn from a seed, and what has to hold afterwards."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab = lab
        self.draw = random.Random(seed)  # noqa: S311 - a history, not a secret
        self.done: list[str] = []

    def step(self) -> None:
        node = self.draw.choice([self.lab.a, self.lab.b])
        deeds: list[Callable[[Node], None]] = [
            self.write,
            self.name,
            self.fail_over,
            self.cut_power,
            self.part,
            self.pull_cable,
            self.step_clock,
        ]
        deed = self.draw.choice(deeds)
        self.done.append(f"{deed.__name__} {node.name}")
        deed(node)

    def ask(self, node: Node, method: str, path: str, kind: str, **values: object) -> None:
        """A request that may fail; what it does is judged at the end."""
        with Talk(self.lab, node) as talk:
            try:
                talk.send(method, f"/config/{path}", {kind: values})
            except httpx.HTTPError:
                self.done.append("(no answer)")

    def write(self, node: Node) -> None:
        self.ask(node, "POST", "vlan", "vlan", id=self.draw.randint(2, 99))

    def name(self, node: Node) -> None:
        self.ask(node, "PUT", "nshostname", "nshostname", hostname=f"{node.name}-{self.draw.randint(1, 99)}")
        self.ask(node, "POST", "nsconfig?action=save", "nsconfig")

    def fail_over(self, node: Node) -> None:
        self.ask(node, "POST", "hafailover?action=Force", "hafailover", force=True)

    def cut_power(self, node: Node) -> None:
        node.kill()
        self.one_serves_or_none()
        node.start()

    def part(self, node: Node) -> None:
        node.cut_network(outgoing=True, incoming=self.draw.random() < 0.5)
        self.one_serves_or_none()
        node.mend_network()

    def pull_cable(self, node: Node) -> None:
        node.admin("PUT", "/hardware", {"failed_links": ["1/1"]})
        self.one_serves_or_none()
        node.clear_faults()

    def step_clock(self, node: Node) -> None:
        node.admin("PUT", "/clock", {"offset": self.draw.choice([-7200, 0, 7200])})

    def one_serves_or_none(self) -> None:
        """The address is held by one process at a time: that of a primary."""
        first, other, again = self.looks()
        while first.get("history") != again.get("history"):
            first, other, again = self.looks()  # A's role had changed, and with it the address had moved
        held = set(first.get("addresses", ())) & set(again.get("addresses", ()))
        assert not held & set(other.get("addresses", ())), self.done

    def looks(self) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]:
        """B between two looks at A: what A holds both times it holds when B is looked at."""
        return self.status(self.lab.a), self.status(self.lab.b), self.status(self.lab.a)

    @staticmethod
    def status(node: Node) -> dict[str, list[str]]:
        try:
            return node.status()  # type: ignore[return-value]
        except LabError:
            return {}

    def is_quiet(self) -> bool:
        """One primary that holds everything, and a secondary that has what it has."""
        states = {str(node.status().get("role")): node.status() for node in (self.lab.a, self.lab.b)}
        if set(states) != {"Primary", "Secondary"}:
            return False
        alike = states["Primary"]["incarnation"] == states["Secondary"]["incarnation"]
        held = set(states["Primary"]["addresses"]) == {self.lab.external, self.lab.internal}
        return (
            alike
            and held
            and not states["Secondary"]["addresses"]
            and states["Secondary"]["sync"] == "SUCCESS"
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_history_one_node_serves_and_both_are_alike(lab: Lab, seed: int) -> None:
    history = History(lab, seed)
    for _ in range(STEPS):
        history.step()
    for node in (lab.a, lab.b):
        node.start()
        node.clear_faults()
    until(history.is_quiet, f"quiet after {history.done}")
    with Talk(lab, lab.a) as a, Talk(lab, lab.b) as b:
        for kind in ("vlan", "vpnvserver", "sslcertkey", "authenticationldapaction"):
            keys = [
                sorted(str(row.get("id", row.get("name", row.get("certkey")))) for row in talk.rows(kind))
                for talk in (a, b)
            ]
            assert keys[0] == keys[1], history.done
        for talk, own in ((a, "a"), (b, "b")):
            (host,) = talk.rows("nshostname")
            assert str(host["hostname"]).startswith((f"{own}-", f"gw-{own}")), history.done
    until(lambda: who_serves(lab) is not None, "users are served")
