"""Users while something is done to the pair: how long they were not served, and when that is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.errors import UsersNotServed
from gatepair.workflows.core import Flow, Patience, now, poll

if TYPE_CHECKING:
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.upgrading.options import UserWatch


@attrs.define(kw_only=True)
class Guard:
    """Raises when users are not served for longer than allowed.

    Attributes:
        users: Who watches them; absent, nothing is known of them.
        allowed_s: Seconds for which they may not be served.
        missing_since: Since when they are not served.
    """

    users: UserWatch | None
    allowed_s: float
    missing_since: float | None = None

    @property
    def served(self) -> bool | None:
        """Whether users are served; ``None`` if nobody watches."""
        return None if self.users is None else self.users.served()

    @property
    def longest_s(self) -> float:
        """Longest time in seconds for which they were not served."""
        return self.users.longest_s if self.users else 0.0

    def look(self, pair: ObservedPair | None = None) -> Flow[None]:
        """Look once.

        Raises:
            UsersNotServed: It has been too long.
        """
        del pair
        if self.served is not False:
            self.missing_since = None
            return
        moment = yield from now()
        self.missing_since = moment if self.missing_since is None else self.missing_since
        if moment - self.missing_since >= self.allowed_s:
            raise self._too_long(moment - self.missing_since)

    def settle(self) -> Flow[None]:
        """Wait until users are served.

        Raises:
            UsersNotServed: It took too long.
        """

        def look() -> Flow[bool]:
            yield from ()
            return self.served is not False

        yield from poll(
            look,
            until=bool,
            waiting_for=lambda _: "users are not served yet",
            give_up=lambda _, waited: self._too_long(waited),
            patience=Patience(deadline_s=self.allowed_s, longest_s=1.0),
        )
        self.missing_since = None

    def _too_long(self, seconds: float) -> UsersNotServed:
        return UsersNotServed(
            f"users are not served for {seconds:.0f} s, {self.allowed_s:.0f} s are allowed", step="users"
        )
