"""What a review must not hold: the words of `--fail-on`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.workflows.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cdktf_stacks.review.model import PairReview, Review

_OF_A_PAIR: Final[Mapping[str, tuple[Callable[[PairReview], bool], str]]] = {
    "dissolve": (lambda pair: pair.action in {"dissolve", "rebuild"}, "is dissolved"),
    "replace": (lambda pair: pair.action in {"replace", "rebuild"}, "is made anew"),
    "drift": (lambda pair: bool(pair.drift), "was changed by hand"),
    "risk": (lambda pair: bool(pair.risks), "is risky"),
    "preflight": (
        lambda pair: pair.asked != "" and (not pair.checks or any(c.verdict == "fail" for c in pair.checks)),
        "fails its preflight",
    ),
    "change": (lambda _: True, "changes"),
}

WORDS: Final = (
    *(str(impact) for impact in Impact if impact not in {Impact.NONE, Impact.DISSOLVED}),
    *_OF_A_PAIR,
    "unknown",
)
"""An impact stands for itself and everything more severe; ``unknown`` for objects of no pair."""


def violations(review: Review, words: Iterable[str]) -> Iterator[str]:
    """Yield what a policy forbids and a review holds, in sentences.

    Args:
        review: The review.
        words: Any of `WORDS`.
    """
    order = list(Impact)
    for word in dict.fromkeys(words):
        if word == "unknown":
            if review.others:
                yield f"{word}: {len(review.others)} objects belong to no pair, or cannot be shown"
            continue
        for pair in review.pairs:
            if word in _OF_A_PAIR:
                holds, sentence = _OF_A_PAIR[word]
                if holds(pair):
                    yield f"{word}: {pair.name} {sentence}"
            elif order.index(pair.impact) >= order.index(Impact(word)):
                yield f"{word}: the impact on {pair.name} is {pair.impact}"
