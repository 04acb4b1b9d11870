"""What could hurt, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_stacks.review.steps import UNKNOWN
from cdktf_stacks.review.values import member
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.groups import Part
    from cdktf_stacks.review.model import Step
    from cdktf_stacks.review.plans import Json


def risks(pair: Part | None, action: str, steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield what a reviewer should weigh before anything else.

    Args:
        pair: The pair's object, if the plan has one.
        action: What happens to the pair as a whole.
        steps: The steps.
    """
    if any(step.title == UNKNOWN.title for step in steps):
        yield "Part of this change is not understood; read the raw details."
    if action == "dissolve":
        yield "The pair is dissolved. If the remaining appliance fails, users are out until somebody acts."
    if action == "rebuild":
        yield "The pair is dissolved and formed anew. Between the two nobody takes over."
    if pair and pair.change.changes_something and action not in {"adopt", "forget", "dissolve"}:
        yield from _of_values(pair.before, pair.after)
    for step in steps:
        if step.impact in {Impact.FAILOVER, Impact.RESTART} and step.title != UNKNOWN.title:
            yield f"{step.title}: {step.impact}."
    if action in {"change", "mend"} and not (pair and pair.change.changes_something):
        yield from (step.notice for step in steps if step.impact is Impact.RECONNECT and step.notice)


def _of_values(before: Json | None, after: Json | None) -> Iterator[str]:
    old, new = (str(member(side, "external_virtual_ip.address")) for side in (before, after))
    if old and new and old != new:
        yield f"Users leave {old}. Where their names, NAT and firewalls still lead there, they cannot log on."
    if member(after, "overwrite_joining_node") == "yes" and _forms(before):
        yield "The joining appliance may have a configuration of its own; it is overwritten without asking."
    for key, word in (
        (
            "synchronization",
            "The secondary is no longer kept up to date; a failover brings old settings back.",
        ),
        ("propagation", "Commands no longer reach the secondary at once; a failover may lose the latest."),
    ):
        if member(after, key) == "disabled" and member(before, key) != "disabled":
            yield word
    if member(before, "independent_network") not in {"", member(after, "independent_network")}:
        yield "The two appliances are untied and tied anew; until then nobody takes over."
    access = tuple(member(side, "internal_virtual_ip.management_access") for side in (before, after))
    if access == ("enabled", "disabled"):
        yield "The pair can no longer be managed through the internal virtual IP."
    old, new = (str(member(side, "internal_virtual_ip.address")) for side in (before, after))
    if old and new and old != new:
        yield (
            f"Back ends see the pair as {new} instead of {old}; where they or a firewall filter, users get "
            "no data."
        )


def _forms(before: Json | None) -> bool:
    return before is None or member(before, "failover_pair") != "formed"
