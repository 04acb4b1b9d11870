"""One change at a time for each appliance, within this process; brief ones wait for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs

from gatepair_bridge.api.faults import ChangeUnderWay, Unavailable

RETRY_AFTER_S = 5
# Terraform sends the changes of both networks of a pair at once, and does not send a refused one again.
BRIEF_WAIT_S = 60.0


@attrs.frozen(kw_only=True)
class Holder:
    """Who changes an appliance, what they asked for, and since when.

    Attributes:
        who: Name of the caller.
        what: Method and path of the request.
        brief: It takes seconds, and waits for others of the kind.
        since: When it began to hold, or to wait.
    """

    who: str
    what: str
    brief: bool = False
    since: datetime = attrs.field(factory=lambda: datetime.now(UTC))


class ChangeLocks:
    """Locks by management address; a change of a pair takes both of its appliances.

    Args:
        wait_s: Seconds a second change waits for the first before it is refused; 0 refuses at once.
    """

    def __init__(self, wait_s: float = 0.0) -> None:
        self._wait_s = wait_s
        self._held: dict[str, Holder] = {}
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def hold(self, appliances: Iterable[str], holder: Holder) -> Generator[None]:
        """Hold the appliances while the block runs.

        Raises:
            ChangeUnderWay: Another change holds one of them and does not end in time.
            Unavailable: The bridge is stopping.
        """
        wanted = frozenset(appliances)
        self._take(wanted, holder)
        try:
            yield
        finally:
            with self._changed:
                for appliance in wanted:
                    del self._held[appliance]
                self._changed.notify_all()

    def close(self) -> None:
        """Refuse every change from now on, those that wait included."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, wanted: frozenset[str], holder: Holder) -> None:
        began = time.monotonic()
        with self._changed:
            while blocked := sorted(wanted & self._held.keys()):
                alike = holder.brief and all(self._held[each].brief for each in blocked)
                wait_s = max(self._wait_s, BRIEF_WAIT_S) if alike else self._wait_s
                left_s = began + wait_s - time.monotonic()
                if self._closed or left_s <= 0:
                    break
                self._changed.wait(left_s)
            if self._closed:
                raise Unavailable(
                    "The bridge takes no more changes.", remedy="Send the request again in a minute."
                )
            if blocked:
                raise _busy(blocked[0], self._held[blocked[0]])
            self._held.update(dict.fromkeys(wanted, holder))


def _busy(appliance: str, holder: Holder) -> ChangeUnderWay:
    since = holder.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    return ChangeUnderWay(
        f"{holder.who} has been changing {appliance} since {since} ({holder.what}).",
        remedy="Wait until that change has ended, then send the request again.",
        headers={"retry-after": str(RETRY_AFTER_S)},
        extra={"holder": {"who": holder.who, "what": holder.what, "since": since}},
    )
