"""What a review says, free of any layout: the renderers put it into Markdown, HTML, JSON or a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from gatepair.workflows.plan import Impact, worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cdktf_stacks.review.picture import Picture
    from gatepair.workflows.report import Check

DECLARED: Final = "declared"
DRIFT: Final = "drift"


@attrs.frozen(kw_only=True)
class Change:
    """One value that will be another one.

    Attributes:
        label: What it is, in words of the pair.
        before: What it is now.
        after: What it will be.
        origin: ``declared`` when the declaration changed, ``drift`` when somebody changed it by hand.
    """

    label: str
    before: str
    after: str
    origin: str = DECLARED

    def to_dict(self) -> dict[str, str]:
        """Return it as JSON-ready words."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class Step:
    """One step that will be made, in order.

    Attributes:
        title: What is done.
        node: An address, ``primary``, ``secondary``, or empty for both.
        impact: What it does to users.
        notice: What else to know, may be empty.
    """

    title: str
    node: str = ""
    impact: Impact = Impact.NONE
    notice: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return it as JSON-ready words."""
        return {"title": self.title, "node": self.node, "impact": str(self.impact), "notice": self.notice}


@attrs.frozen(kw_only=True)
class Raw:
    """An object as Terraform has it, secrets masked.

    Attributes:
        address: Terraform address.
        actions: Terraform's words for what happens to it.
        before: Document before.
        after: Document after.
    """

    address: str
    actions: tuple[str, ...]
    before: object = None
    after: object = None

    def to_dict(self) -> dict[str, object]:
        """Return it JSON-ready."""
        return {
            "address": self.address,
            "actions": list(self.actions),
            "before": self.before,
            "after": self.after,
        }


@attrs.frozen(kw_only=True)
class PairReview:
    """What happens to one pair.

    Attributes:
        name: Its name in the stack.
        stack: Name of the stack or plan.
        appliances: Management addresses, with host names where the plan has them.
        action: ``form``, ``change``, ``mend``, ``replace``, ``dissolve``, ``rebuild``, ``adopt``, ``forget``
            or ``none``.
        summary: The same in a sentence.
        users: What users notice.
        interruption: For how long.
        takeover: How long users wait if the primary fails, before and after.
        moves: Restarts and failovers.
        rebuilt: Why it is made anew, or that nothing is.
        undo: How to go back.
        impact: The most severe impact of all steps.
        risks: What could hurt, the worst first.
        changes: Values that become others.
        steps: Steps in order.
        touch: What else to touch, outside of the pair.
        before: Picture as it is.
        after: Picture as it shall be.
        raw: The objects behind it.
        checks: Preflight results, if the appliances were asked.
        asked: What came of asking them, empty if they were not.
    """

    name: str
    stack: str
    appliances: tuple[str, ...]
    action: str
    summary: str
    users: str
    interruption: str
    takeover: str
    moves: str
    rebuilt: str
    undo: str
    impact: Impact = Impact.NONE
    risks: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    touch: tuple[str, ...] = ()
    before: Picture | None = None
    after: Picture | None = None
    raw: tuple[Raw, ...] = ()
    checks: tuple[Check, ...] = ()
    asked: str = ""

    @property
    def drift(self) -> tuple[Change, ...]:
        """What was changed by hand and will be put back."""
        return tuple(change for change in self.changes if change.origin == DRIFT)

    @property
    def is_risky(self) -> bool:
        """Whether it may never be left out of a review."""
        harmless = {Impact.NONE, Impact.RESYNC}
        return bool(self.risks) or self.impact not in harmless or self.action in {"dissolve", "rebuild"}

    def to_dict(self) -> dict[str, object]:
        """Return it JSON-ready."""
        plain: dict[str, object] = {
            key: getattr(self, key)
            for key in (
                *("name", "stack", "action", "summary", "users", "interruption", "takeover", "moves"),
                *("rebuilt", "undo", "asked"),
            )
        }
        return plain | {
            "impact": str(self.impact),
            "appliances": list(self.appliances),
            "risks": list(self.risks),
            "changes": [change.to_dict() for change in self.changes],
            "drift": [change.to_dict() for change in self.drift],
            "steps": [step.to_dict() for step in self.steps],
            "touch": list(self.touch),
            "picture": {
                side: shown.mermaid if shown else ""
                for side, shown in (("before", self.before), ("after", self.after))
            },
            "preflight": [check.to_dict() for check in self.checks],
            "raw": [raw.to_dict() for raw in self.raw],
        }


@attrs.frozen(kw_only=True)
class Review:
    """What happens to all pairs of the plans that were reviewed together.

    Attributes:
        pairs: The pairs in which something happens, the most severe first.
        unchanged: Names of the pairs in which nothing happens.
        others: Objects that are none of a pair.
        fingerprint: Stands for all of it, see `cdktf_stacks.review.identity`.
        digests: A digest for each object by stack and address, to tell where two reviews differ.
        warnings: What a reader has to know first.
    """

    pairs: tuple[PairReview, ...] = ()
    unchanged: tuple[str, ...] = ()
    others: tuple[Raw, ...] = ()
    fingerprint: str = ""
    digests: Mapping[str, str] = attrs.field(factory=dict[str, str])
    warnings: tuple[str, ...] = ()

    @property
    def impact(self) -> Impact:
        """The most severe impact of all pairs."""
        return worst(pair.impact for pair in self.pairs)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes at all."""
        return not self.pairs and not self.others

    def to_dict(self) -> dict[str, object]:
        """Return it JSON-ready."""
        return {
            "format": "gatepair-review/1",
            "fingerprint": self.fingerprint,
            "impact": str(self.impact),
            "warnings": list(self.warnings),
            "pairs": [pair.to_dict() for pair in self.pairs],
            "unchanged": list(self.unchanged),
            "others": [raw.to_dict() for raw in self.others],
            "digests": dict(self.digests),
        }
