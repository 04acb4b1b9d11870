"""What would change: planned steps and their impact on users, in words of the pair."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.models import Difference


class Impact(StrEnum):
    """What a change does to the pair or its users, from harmless to severe."""

    NONE = "none"
    RESYNC = "resync"
    RECONNECT = "reconnect"
    FAILOVER = "failover"
    RESTART = "restart"
    OUTAGE = "outage"
    DISSOLVED = "dissolved"


def worst(impacts: Iterable[Impact]) -> Impact:
    """Return the most severe of ``impacts``, ``none`` if there are none.

    Example:
        >>> str(worst([Impact.RESYNC, Impact.RECONNECT]))
        'reconnect'
    """
    order = list(Impact)
    return max(impacts, key=order.index, default=Impact.NONE)


@attrs.frozen(kw_only=True)
class PlannedStep:
    """One change that would be made.

    Attributes:
        id: Stable name of the kind of step, such as ``add-external``.
        title: What is done, in words of the pair.
        node: The appliance it is done on as ``host[:port]``, empty for the pair as a whole.
        impact: What it does to users.
        notice: What else a person should know or touch, may be empty.
    """

    id: str
    title: str
    node: str = ""
    impact: Impact = Impact.NONE
    notice: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the step as JSON-ready words."""
        return {
            "id": self.id,
            "title": self.title,
            "node": self.node,
            "impact": str(self.impact),
            "notice": self.notice,
        }


@attrs.frozen(kw_only=True)
class ChangePlan:
    """The steps that are missing between what is and what is declared; empty when nothing is.

    Attributes:
        steps: The steps in their order.
        differences: The values that are not as declared, where a declaration was compared.
    """

    steps: tuple[PlannedStep, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def impact(self) -> Impact:
        """The most severe impact of all steps."""
        return worst(step.impact for step in self.steps)

    def to_dict(self) -> dict[str, object]:
        """Return the plan as a JSON-ready mapping with ``steps`` and ``impact``."""
        return {"steps": [step.to_dict() for step in self.steps], "impact": str(self.impact)}
