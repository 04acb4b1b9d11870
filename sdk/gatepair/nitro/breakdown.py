"""A call that brought no answer: what broke, and whether the appliance may have carried it out."""

from __future__ import annotations

from enum import StrEnum

import attrs


class BreakdownKind(StrEnum):
    """How far the request came."""

    NOT_SENT = "not sent"
    UNTRUSTED = "not trusted"
    BROKEN = "broken off"
    TIMED_OUT = "timed out"


@attrs.frozen(kw_only=True)
class Breakdown:
    """What the transport reports instead of a response.

    Attributes:
        kind: How far the request came; only ``not sent`` and ``not trusted`` rule out an effect.
        detail: The cause in the words of the network library, without any content.
    """

    kind: BreakdownKind
    detail: str
