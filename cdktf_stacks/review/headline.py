"""What stands at the top of every review: a headline, and the answers to a reviewer's questions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cdktf_stacks.review.model import PairReview, Review

_SHORTLY: Final[Mapping[Impact, str]] = {
    Impact.NONE: "users notice nothing",
    Impact.RESYNC: "users notice nothing",
    Impact.RECONNECT: "users reconnect",
    Impact.FAILOVER: "users reconnect after a failover",
    Impact.RESTART: "users reconnect after a restart",
    Impact.OUTAGE: "users are out",
    Impact.DISSOLVED: "afterwards nobody takes over",
}

NO_DRIFT: Final = "no; nothing was changed by hand"


def headline(review: Review) -> str:
    """Return the review in a line."""
    if review.is_empty:
        return "Gateway pairs: nothing changes"
    if not review.pairs:
        return "Gateway pairs: nothing changes in any pair, but other objects do"
    counts = Counter(pair.action for pair in review.pairs)
    parts = [f"{count} to {action}" for action, count in counts.items()]
    return f"Gateway pairs: {', '.join(parts)}; {_SHORTLY[review.impact]}"


def glance(pair: PairReview) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a reviewer asks, and the answers."""
    yield "Which pair", (f"{' and '.join(pair.appliances)}: {pair.summary}",)
    yield "What users notice", (pair.users,)
    yield "Users interrupted for", (pair.interruption,)
    if pair.takeover:
        yield "If the primary fails later", (pair.takeover,)
    yield "Restarts and failovers", (pair.moves,)
    yield "Removed or made anew", (pair.rebuilt,)
    yield "Undoes work by hand", _drift(pair)
    yield "To do elsewhere", pair.touch or ("nothing",)
    yield "To go back", (pair.undo,)


def _drift(pair: PairReview) -> tuple[str, ...]:
    if not pair.drift:
        return (NO_DRIFT,)
    return tuple(f"yes: {each.label} is {each.before}, becomes {each.after} again" for each in pair.drift)
