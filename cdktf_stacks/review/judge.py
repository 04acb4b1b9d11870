"""From the objects of a pair to what a reviewer wants to know about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdktf_stacks.review.groups import Group, Part, addresses_of
from cdktf_stacks.review.model import DRIFT, Change, PairReview, Raw, Step
from cdktf_stacks.review.picture import picture
from cdktf_stacks.review.plans import COMPUTED, OBJECT_TYPE
from cdktf_stacks.review.risks import risks
from cdktf_stacks.review.sentences import (
    SUMMARIES,
    interruption,
    moves,
    rebuilt,
    takeover,
    undo,
    users,
)
from cdktf_stacks.review.steps import is_succeeded, network_steps, pair_steps, virtual_ip_steps
from cdktf_stacks.review.touch import network_to_touch, to_touch
from cdktf_stacks.review.values import member, network_changes, pair_changes
from gatepair.workflows.plan import worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cdktf_stacks.review.masks import Masks
    from cdktf_stacks.review.plans import Json, ObjectChange

_FORMED: Final = "formed"
_WHOLE: Final[Mapping[str, str]] = {"forget": "forget", "delete": "dissolve", "create": "form"}


def judge(group: Group, masks: Masks) -> PairReview:
    """Return what happens to a pair.

    Args:
        group: Its objects.
        masks: Takes secrets out of what is shown of them.
    """
    pair = group.pair
    before, after = (pair.before, pair.after) if pair else (None, None)
    changes = tuple(_changes(group))
    steps = tuple(_steps(group))
    impact = worst(step.impact for step in steps)
    action = _action(group, changes, steps)
    names = _names(group)
    return PairReview(
        name=masks.text(group.name),
        stack=masks.text(group.stack),
        appliances=tuple(_appliances(group, names)),
        action=action,
        summary=SUMMARIES[action],
        users=users(impact, action, steps, before, after),
        interruption=interruption(impact, before, after),
        takeover=takeover(before, after),
        moves=moves(steps, action),
        rebuilt=rebuilt(pair, action),
        undo=undo(action, changes, anew=any(part.declares_anew for part in group.parts)),
        impact=impact,
        risks=tuple(risks(pair, action, steps)),
        changes=changes,
        steps=steps,
        touch=tuple(_touch(group, action)),
        before=picture(before or _apart(after, bare=True), names),
        after=picture(after or _apart(before), names),
        raw=tuple(raw(part.change, masks) for part in group.parts if part.change.changes_something),
    )


def raw(change: ObjectChange, masks: Masks) -> Raw:
    """Return an object as Terraform has it, without secrets and without what is not set."""
    sides: dict[str, object] = {}
    for side, arguments, marks in (
        ("before", change.before, change.before_sensitive),
        ("after", change.after, change.after_sensitive),
    ):
        document = change.document(side)
        own = change.type == OBJECT_TYPE
        # What the provider computes repeats the document, also one that Terraform is to hide.
        shown = {
            key: value
            for key, value in arguments.items()
            if value is not None and not (own and key in COMPUTED)
        }
        sides[side] = masks.value(document if document is not None else shown, marks=_marks(marks, document))
    return Raw(
        address=masks.text(change.address),
        actions=change.actions,
        before=sides["before"] or None,
        after=sides["after"] or None,
    )


def _marks(marks: object, document: Json | None) -> object:
    return False if document is not None else marks


def _changes(group: Group) -> Iterator[Change]:
    if group.pair and group.pair.change.changes_something:
        before, left = group.pair.before, group.pair.left
        if is_succeeded(group.pair):
            # It ended when its successor was formed; nobody has changed it since.
            before, left = {**(before or {}), "failover_pair": _FORMED}, None
        yield from pair_changes(before, group.pair.after, left)
    for part in group.networks:
        yield from network_changes(part.id, part.before, part.after, part.left)
    for part in group.virtual_ips:
        if part.change.changes_something and part.after is not None:
            yield from network_changes(f"virtual IP {part.id}", part.before, part.after, part.left)


def _steps(group: Group) -> Iterator[Step]:
    for part in group.networks:
        yield from network_steps(part)
    if group.pair and group.pair.change.changes_something:
        yield from pair_steps(group.pair)
    for part in group.virtual_ips:
        yield from virtual_ip_steps(part, group.pair_id)


def _action(group: Group, changes: tuple[Change, ...], steps: tuple[Step, ...]) -> str:
    pair = group.pair
    if pair is None or not pair.change.changes_something:
        return _smaller_action(group, changes)
    if pair.change.replaces or (pair.before and pair.after and pair.before.get("id") != pair.after.get("id")):
        return "replace" if is_succeeded(pair) else "rebuild"
    for word, action in _WHOLE.items():
        if word in pair.change.actions:
            return action
    if pair.before and pair.before.get("failover_pair") != _FORMED:
        return "mend"
    if pair.change.actions == ("no-op",) or not (changes or steps):
        return "adopt"
    return "mend" if changes and all(change.origin == DRIFT for change in changes) else "change"


def _smaller_action(group: Group, changes: tuple[Change, ...]) -> str:
    if changes:
        return "mend" if all(change.origin == DRIFT for change in changes) else "change"
    return "forget" if any(part.after is None for part in group.parts) else "adopt"


def _names(group: Group) -> Mapping[str, str]:
    return {part.id: str(member(part.after or part.before, "host_name")) for part in group.networks}


def _appliances(group: Group, names: Mapping[str, str]) -> Iterator[str]:
    earlier = str(member(group.pair.before, "id")) if group.pair else ""
    known = [*addresses_of(group.pair_id), *(addresses_of(earlier) if earlier else ())]
    for address in dict.fromkeys(known):
        name = names.get(address)
        yield f"{name} ({address})" if name else address


def _touch(group: Group, action: str) -> Iterator[str]:
    pair = group.pair
    if pair and pair.change.changes_something and action not in {"adopt", "forget"}:
        # What is put back was set up around the pair already.
        yield from to_touch(pair.before if pair.left is None else pair.left, pair.after)
    for part in group.virtual_ips:
        if part.change.changes_something:
            yield from _virtual_ip_touch(part)
    for part in group.networks:
        if part.before is not None and part.after is not None:
            keys = set(part.after) | set(part.before)
            differing = {key for key in keys if part.after.get(key) != part.before.get(key)}
            yield from network_to_touch(part.id, differing)


def _apart(document: Json | None, *, bare: bool = False) -> Json | None:
    """Return the two appliances of a pair as they stand without it, before or after."""
    if document is None:
        return None
    bared: Json = {"external_virtual_ip": {}, "internal_virtual_ip": {}, "further_virtual_ips": []}
    return {**document, **(bared if bare else {}), "failover_pair": "dissolved"}


def _virtual_ip_touch(part: Part) -> Iterator[str]:
    def as_pair(document: Json | None) -> Json:
        if document is None:
            return {}
        role = str(member(document, "role")) or "external"
        roles = ("external", "internal") if role == "both" else (role,)
        return {f"{each}_virtual_ip": {"address": member(document, "address")} for each in roles}

    if part.before is None or part.after is None or part.before != part.after:
        yield from to_touch(as_pair(part.before), as_pair(part.after))
