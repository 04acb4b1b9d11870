"""Forms and changes a pair in memory, and tells what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_pair import (
    ADDRESSES,
    EXTERNAL,
    INTERNAL,
    FakePair,
    configured,
    declared,
    no_reference,
)
from fake_runner import Runner

from gatepair.workflows.converge import converge, plan

if TYPE_CHECKING:
    from gatepair.models import (
        Pair,
    )

MOVED = "192.0.2.30"


def run(pair: FakePair, desired: Pair | None = None, **options: Any) -> Any:
    return Runner(pair, **options).run(converge(ADDRESSES, desired or declared(), no_reference))


def steps(pair: FakePair, desired: Pair | None = None) -> list[str]:
    found = Runner(pair).run(plan(ADDRESSES, desired or declared(), no_reference))
    return [step.id for step in found.steps]


def fresh() -> FakePair:
    pair = FakePair()
    configured(pair.a)
    return pair


def formed(desired: Pair | None = None) -> FakePair:
    pair = fresh()
    run(pair, desired)
    pair.requests.clear()
    return pair


def changes_of(pair: FakePair) -> list[tuple[str, str, str]]:
    return [one for one in pair.requests if one[1] != "GET" and one[2] not in {"login", "logout"}]


def observed() -> Any:
    from gatepair.workflows.observe import observe

    found = yield from observe(ADDRESSES, external=EXTERNAL, internal=INTERNAL)
    return found.to_document()
