"""A review of plans: read, masked, judged, sorted by what hurts most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cdktf_stacks.review.groups import Group, group
from cdktf_stacks.review.identity import digests, fingerprint
from cdktf_stacks.review.judge import judge, raw
from cdktf_stacks.review.masks import Masks
from cdktf_stacks.review.model import PairReview, Raw, Review
from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from cdktf_stacks.review.plans import Plan

Ask = Callable[[Group, PairReview], PairReview]
"""Adds to a pair's review what its appliances say."""


def review(plans: Sequence[Plan], masks: Masks | None = None, ask: Ask | None = None) -> Review:
    """Return the review of plans that belong together.

    Args:
        plans: The plans, one per stack.
        masks: Takes secrets out of what is shown; the fingerprint is that of the plans themselves.
        ask: Asks the appliances, if they are to be asked.
    """
    known = masks or Masks.of(())
    pairs: list[PairReview] = []
    unchanged: list[str] = []
    others: list[Raw] = []
    for plan in plans:
        groups, rest = group(plan, known)
        others += [raw(change, known) for change in rest if change.changes_something]
        for each in groups:
            if not each.changes_something:
                unchanged.append(known.text(each.name))
                continue
            judged = judge(each, known)
            pairs.append(ask(each, judged) if ask else judged)
    return Review(
        pairs=tuple(sorted(pairs, key=_importance)),
        unchanged=tuple(sorted(unchanged)),
        others=tuple(others),
        fingerprint=fingerprint(plans),
        digests={
            known.text(f"{plan.name}: {address}"): digest
            for plan in plans
            for address, digest in digests(plan).items()
        },
        warnings=tuple(_warnings(plans, others)),
    )


def _importance(pair: PairReview) -> tuple[bool, int, int, str, str]:
    severity = list(Impact).index(pair.impact)
    return not pair.is_risky, -severity, -len(pair.risks), pair.stack, pair.name


def _warnings(plans: Iterable[Plan], others: Sequence[object]) -> Iterator[str]:
    for plan in plans:
        if plan.errored:
            yield f"Terraform could not finish the plan of {plan.name}: this review is not complete."
    if others:
        count = len(others)
        yield (
            f"{count} object{'s' * (count > 1)} of these plans belong{'s' * (count == 1)} to no pair, or "
            "cannot be shown; what they do to users is not known. They are listed at the end."
        )
