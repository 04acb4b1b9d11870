"""It took too long, or cannot be done here at all."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from typing import Unpack

from gatepair.errors.base import ErrorFacts, GatepairError


class DeadlineExceeded(GatepairError):
    """It took longer than allowed.

    Args:
        message: What was waited for.
        reason: What was still missing at the end.
        waited_s: Seconds waited.
        facts: See `ErrorFacts`.
    """

    slug = "deadline-exceeded"
    title = "It took longer than allowed"
    default_remedy = "Run it again: what is done stays done, and it goes on from there."

    def __init__(
        self, message: str, *, reason: str = "", waited_s: float | None = None, **facts: Unpack[ErrorFacts]
    ) -> None:
        waited = "" if waited_s is None else f" after {waited_s:.0f} s"
        super().__init__(f"{message}{waited}" + (f": {reason}" if reason else ""), **facts)
        self.reason = reason
        self.waited_s = waited_s

    def _more(self) -> dict[str, object]:
        return {"reason": self.reason} if self.reason else {}


class Unsupported(GatepairError):
    """This appliance, build or machine cannot do that, or gatepair cannot do it there."""

    slug = "unsupported"
    title = "Not supported here"
