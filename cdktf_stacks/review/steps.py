"""The steps that applying a plan makes, computed by the workflows of the SDK themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from cdktf_stacks.review.model import Step
from cdktf_stacks.review.observed import node_as_found, pair_as_found
from gatepair.documents import (
    FORMED,
    network_from_document,
    pair_differences,
    pair_from_document,
    parse_pair_id,
)
from gatepair.errors import GatepairError
from gatepair.models import (
    Appliance,
    InternalVirtualIp,
    ManagementAddress,
    Pair,
    VirtualIp,
)
from gatepair.nitro.call import Reply
from gatepair.workflows.address_changes import address_changes
from gatepair.workflows.changes import find_changes
from gatepair.workflows.core import Batch, Flow
from gatepair.workflows.dissolve import plan_dissolve
from gatepair.workflows.network_changes import node_network_changes
from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.rotation import plan_rotate_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.groups import Part
    from cdktf_stacks.review.plans import Json
    from gatepair.nitro.decoding import Resource
    from gatepair.workflows.observation import ObservedPair

T = TypeVar("T")

PRIMARY: Final = "primary"
SECONDARY: Final = "secondary"
KEY_CHANGES: Final = ("shared_key", "shared_key_version")
_ROLES_WORDS: Final = ("external", "internal", "further")

UNKNOWN: Final = Step(
    title="Change what is listed; this release of gatepair does not know the steps of it",
    impact=Impact.OUTAGE,
    notice="What users notice is not known either, so it counts as an outage.",
)

KEY_STAYS: Final = Step(
    title="Leave the shared key of the appliances as it is",
    notice="It is written anew only where shared_key_version is raised.",
)


def pair_steps(part: Part) -> tuple[Step, ...]:
    """Return the steps for a pair."""
    actions = part.change.actions
    try:
        if is_succeeded(part):
            return (_leaving(part.before), *_forming(part.after))
        if part.change.replaces or _moves_to_another_node(part):
            return (*_dissolving(part.before), *_forming(part.after))
        if "delete" in actions:
            return _dissolving(part.before)
        if "create" in actions:
            return _forming(part.after)
        return _changing(part.before, part.after)
    except GatepairError:
        return (UNKNOWN,)


def network_steps(part: Part) -> tuple[Step, ...]:
    """Return the steps for an appliance's network; one that is forgotten stays as it is."""
    if part.after is None or not part.change.changes_something:
        return ()
    try:
        address = ManagementAddress.parse(part.id)
        desired = network_from_document(part.after)
        before = part.before or {"id": part.id}
        changes = node_network_changes(node_as_found(before, address), desired)
    except GatepairError:
        return (attrs.evolve(UNKNOWN, node=part.id),)
    steps = (_plain(change.step) for change in changes)
    return tuple(attrs.evolve(step, title=_without_none(step.title)) for step in steps)


def virtual_ip_steps(part: Part, pair_id: str) -> tuple[Step, ...]:
    """Return the steps for a virtual IP that is managed apart from its pair; one that goes stays there."""
    if part.after is None or not part.change.changes_something:
        return ()
    try:
        desired = _with_virtual_ip(part.after, pair_id)
        before = _with_virtual_ip(part.before, pair_id) if part.before else None
    except GatepairError:
        return (UNKNOWN,)
    document = _document_of(before) if before else {"failover_pair": "formed"}
    primary = desired.preferred_primary
    found = pair_as_found(document, pair_id, primary).node(primary)
    return tuple(
        _in_roles(change.step, primary, desired.joining) for change in address_changes(found, desired)
    )


def _moves_to_another_node(part: Part) -> bool:
    return bool(part.before and part.after and part.before.get("id") != part.after.get("id"))


def is_succeeded(part: Part) -> bool:
    """Tell whether a pair that is none any more gives way to one with another appliance."""
    return _moves_to_another_node(part) and (part.before or {}).get("failover_pair") != FORMED


def _leaving(document: Json | None) -> Step:
    nodes = " and ".join(str((document or {}).get("id")).split(","))
    return Step(
        title=f"Let go of the earlier pair of {nodes}, as far as the two are tied to each other still",
        notice="What is in another pair by now stays in it: one that was replaced already is left alone.",
    )


def _forming(document: Json | None) -> tuple[Step, ...]:
    desired = pair_from_document(document or {})
    found = pair_as_found(None, desired.id, desired.preferred_primary)
    changes = find_changes(found, desired)
    # What an appliance has now is not in the plan; each setting is written only where it differs.
    steps = [
        step
        for step in attrs.evolve(changes, settings={}).plan(desired).steps
        if not step.id.startswith("add-")
    ]
    wanted = [step for step in changes.plan(desired).steps if step.id.startswith("add-")]
    added = tuple(
        Step(title=f"{step.title}, if it is not there yet", node=PRIMARY, impact=step.impact)
        for step in wanted
    )
    position = next((n for n, step in enumerate(steps) if step.id == "save"), len(steps))
    settings = Step(title=f"Set on both appliances: {_settings(desired)}")
    first, rest = steps[:position], steps[position:]
    return (settings, *map(_plain, first), *added, *map(_plain, rest))


def _settings(desired: Pair) -> str:
    beat = desired.failover.heartbeat
    return f"hello interval {beat.hello_interval_ms} ms, dead interval {beat.dead_interval_s} s, the rest"


def _dissolving(document: Json | None) -> tuple[Step, ...]:
    pair_id = str((document or {}).get("id") or "")
    first, second = parse_pair_id(pair_id)
    plan = _driven(plan_dissolve((first, second)), pair_as_found(document, pair_id, first))
    return tuple(_in_roles(step, first, second) for step in plan.steps)


def _changing(before: Json | None, after: Json | None) -> tuple[Step, ...]:
    if before is None or after is None:
        return ()
    desired = pair_from_document(after)
    primary, secondary = desired.preferred_primary, desired.joining
    found = pair_as_found(before, desired.id, primary)
    steps: list[Step] = []
    if pair_differences(before, after):
        changes = find_changes(found, desired)
        steps += [
            _plain(step)
            if changes.link or step.id == "failover-settings"
            else _in_roles(step, primary, secondary)
            for step in changes.plan(desired).steps
        ]
    if any(before.get(key, after.get(key)) != after.get(key) for key in KEY_CHANGES):
        steps += _rotating(desired, found)
    return tuple(steps)


def _rotating(desired: Pair, found: ObservedPair) -> tuple[Step, ...]:
    if desired.shared_key_version == 1:
        return (KEY_STAYS,)
    plan = _driven(plan_rotate_key((*desired.addresses,)), found)
    return tuple(_in_roles(step, desired.preferred_primary, desired.joining) for step in plan.steps)


def _driven(flow: Flow[T], pair: ObservedPair) -> T:
    """Run a flow that only looks, on a pair that is written down instead of two appliances."""
    try:
        step = next(flow)
        while True:
            step = flow.send(tuple(_answers(step, pair)) if isinstance(step, Batch) else None)
    except StopIteration as done:
        return done.value


def _answers(batch: Batch, pair: ObservedPair) -> Iterator[Reply]:
    for ask in batch.asks:
        rows = (
            _row(resource)
            for kind, resources in pair.node(ask.node).facts.items()
            if ask.call.resource == kind.TYPE and ask.call.stat == kind.STAT
            for resource in resources or ()
        )
        yield Reply(status=200, rows=tuple(rows))


def _row(resource: Resource) -> dict[str, object]:
    return {
        str(field.metadata["wire"] or field.name): getattr(resource, field.name)
        for field in attrs.fields(type(resource))
    }


def _with_virtual_ip(document: Json, pair_id: str) -> Pair:
    first, second = (Appliance(address=address) for address in parse_pair_id(pair_id))
    role = str(document.get("role") or "external")
    values = {"address": str(document.get("address")), "netmask": str(document.get("netmask"))}
    manages = document.get("management_access") == "enabled"
    external = VirtualIp(**values) if role in {"external", "both"} else None
    internal = None
    if role in {"internal", "both"}:
        internal = InternalVirtualIp(**values, management_access=manages)
    return Pair(appliances=(first, second), external=external, internal=internal)


def _document_of(pair: Pair) -> Json:
    from gatepair.documents import pair_to_document  # noqa: PLC0415 - only for this one case

    return pair_to_document(pair)


def _plain(step: PlannedStep) -> Step:
    is_address = step.id.partition("-")[2] in _ROLES_WORDS
    return Step(
        title=_in_words(step.title),
        node=PRIMARY if is_address else step.node,
        impact=step.impact,
        notice=step.notice,
    )


def _in_roles(step: PlannedStep, primary: ManagementAddress, secondary: ManagementAddress) -> Step:
    """Name roles instead of addresses: a plan does not know which node is primary when it is applied."""

    def roles(text: str) -> str:
        for address, role in ((str(primary), PRIMARY), (str(secondary), SECONDARY)):
            text = re.sub(rf"(?<![\w.:]){re.escape(address)}(?![\w:]|\.\w)", f"the {role}", text)
        return text

    plain = _plain(step)
    node = {str(primary): PRIMARY, str(secondary): SECONDARY}.get(step.node, plain.node)
    title = roles(plain.title)
    return attrs.evolve(plain, title=f"{title[:1].upper()}{title[1:]}", node=node, notice=roles(plain.notice))


def _in_words(title: str) -> str:
    return title.replace(": -1 -> ", ": differs between the nodes -> ").replace(": MIXED ->", ": differs ->")


def _without_none(title: str) -> str:
    return title.replace(": none -> ", ": ")
