"""Who is primary in which pair, as seen a moment ago."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

from gatepair.errors import NoPrimary, NotAPair
from gatepair.workflows.observation import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair.models import ManagementAddress
    from gatepair_bridge.api.messages import Request
    from gatepair_bridge.api.pairs import Addresses
    from gatepair_bridge.api.sessions import Sessions

MAX_PAIRS = 10_000
# Beyond the dead interval, what a node takes to become primary.
MARGIN_S = 10.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


@attrs.frozen
class _Found:
    node: ManagementAddress
    at: float


class Primaries:
    """Finds the primary of a pair, and remembers it for as long as the asker will have it.

    Args:
        sessions: Opens conversations with appliances.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._found: dict[Addresses, _Found] = {}

    def find(self, addresses: Addresses, request: Request, *, known_for_s: float = 0.0) -> ManagementAddress:
        """Tell who is primary; while a takeover is under way, wait for its end.

        Args:
            addresses: The pair.
            request: What it is for.
            known_for_s: Seconds for which an earlier finding will do.

        Raises:
            NotAPair: The two are no pair.
            NoPrimary: Neither is primary, or both are, for longer than a takeover lasts.
            Unreachable: Neither answers.
        """
        found = self._found.get(addresses)
        if found is not None and time.monotonic() - found.at < known_for_s:
            return found.node
        started = time.monotonic()
        pause_s = FIRST_PAUSE_S
        while True:
            with self._sessions.open(addresses, request) as session:
                observed = session.observe()
            if observed.primary is not None:
                self._remember(addresses, observed.primary.address)
                return observed.primary.address
            if observed.shape is Shape.DISSOLVED:
                raise NotAPair("The two appliances are no pair.")
            takeover_s = max(node.ha.dead_interval_s for node in observed.reachable) + MARGIN_S
            if time.monotonic() - started > takeover_s:
                raise NoPrimary("There is not one primary that answers.")
            request.work.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def forget(self, appliances: Iterable[str]) -> None:
        """Look anew next time at pairs of these appliances: the roles may have moved."""
        moved = set(appliances)
        for addresses in tuple(self._found):
            if moved & set(map(str, addresses)):
                self._found.pop(addresses, None)

    def _remember(self, addresses: Addresses, node: ManagementAddress) -> None:
        if len(self._found) >= MAX_PAIRS:
            self._found.clear()
        self._found[addresses] = _Found(node, time.monotonic())
