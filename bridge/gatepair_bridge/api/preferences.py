"""What a caller would rather have: an answer at once for long work (RFC 7240)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Request

MAX_WAIT_S = 3600


@attrs.frozen(kw_only=True)
class Preferences:
    """The preferences this API knows; RFC 7240 has others ignored.

    Args:
        respond_async: Answer 202 with an operation instead of waiting for the end.
        wait_s: Seconds to wait for the end before doing so.
    """

    respond_async: bool = False
    wait_s: int = 0

    @classmethod
    def of(cls, request: Request) -> Preferences:
        """Read the Prefer header.

        Example:
            >>> from gatepair_bridge.api.messages import Caller, Request
            >>> from gatepair_bridge.api.work import Work
            >>> headers = {"prefer": "respond-async, wait=10"}
            >>> request = Request(
            ...     method="POST", path="/", headers=headers, caller=Caller(name="x"), work=Work()
            ... )
            >>> Preferences.of(request)
            Preferences(respond_async=True, wait_s=10)
        """
        respond_async, wait_s = False, 0
        for preference in request.headers.get("prefer", "").split(","):
            name, _, value = preference.partition(";")[0].partition("=")
            value = value.strip().strip('"')
            if name.strip().lower() == "respond-async":
                respond_async = True
            elif name.strip().lower() == "wait" and value.isascii() and value.isdigit():
                wait_s = min(int(value[:9]), MAX_WAIT_S)
        return cls(respond_async=respond_async, wait_s=wait_s)
