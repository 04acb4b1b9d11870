"""Users of an emulated gateway: one logon after the other at the external virtual IP."""

from __future__ import annotations

import ssl
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

GATEWAY_NAME = "gateway.example.net"
EVERY_S = 0.1
NOBODY = ""
GIVE_UP_S = 60.0
PATIENCE_S = 10.0


class Answer(NamedTuple):
    """One attempt to reach the logon page: when, and which node served it (empty: nobody)."""

    at: float
    node: str


class Users:
    """Ask for the logon page again and again, each time on a connection of its own, as new users do.

    The gateway is asked for by its own name at the virtual IP's address: what an entry in a hosts file would
    do, without editing one.

    Args:
        address: The external virtual IP as ``host:port``.
        ca_file: The CA that signed the gateway's certificate.
    """

    def __init__(self, address: str, ca_file: Path) -> None:
        self._url = f"https://{address}/logon"
        self._trust = ssl.create_default_context(cafile=str(ca_file))
        self._answers: list[Answer] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._marked = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._over.wait(EVERY_S):
            self._answers.append(Answer(time.monotonic(), self._one_logon()))

    def _one_logon(self) -> str:
        # Connections to a process that is killed end at once. What takes its time is a busy machine, and
        # nobody who has to wait a little is a user who is not served.
        try:
            with httpx.Client(verify=self._trust, timeout=PATIENCE_S, trust_env=False) as client:
                reply = client.get(
                    self._url,
                    headers={"Host": GATEWAY_NAME},
                    extensions={"sni_hostname": GATEWAY_NAME},
                )
        except httpx.HTTPError:
            return NOBODY
        return reply.headers.get("X-Gatepair-Node", NOBODY) if reply.is_success else NOBODY

    def served_by(self, node: str) -> None:
        """Wait until a node serves.

        Raises:
            TimeoutError: It did not within the limit.
        """
        deadline = time.monotonic() + GIVE_UP_S
        while not any(answer.node == node for answer in self._answers):
            if time.monotonic() > deadline:
                message = f"{node} does not serve the logon page"
                raise TimeoutError(message)
            self._over.wait(EVERY_S)

    def mark(self) -> None:
        """Begin to count from now."""
        self._marked = time.monotonic()

    def watch_takeover(self, *, away_from: str, tell: Callable[[str], None]) -> float:
        """Tell second by second who serves, until another node does.

        Returns:
            Seconds from the mark until the first answer of another node.
        """
        second = 0
        while True:
            self._over.wait(EVERY_S)
            since = [answer for answer in list(self._answers) if answer.at >= self._marked]
            taken_over = next((answer for answer in since if answer.node not in (NOBODY, away_from)), None)
            passed = time.monotonic() - self._marked
            while second + 1 < passed and (taken_over is None or second <= taken_over.at - self._marked + 1):
                in_second = [a.node for a in since if second <= a.at - self._marked < second + 1]
                if not in_second:
                    break
                tell(f"+{second:2d} s  {self._summary(in_second)}")
                second += 1
            if taken_over is not None and passed > taken_over.at - self._marked + 1:
                return taken_over.at - self._marked
            if passed > GIVE_UP_S:
                return passed

    def failures(self) -> int:
        """Return how many logons since the mark nobody answered."""
        return sum(answer.node == NOBODY for answer in list(self._answers) if answer.at >= self._marked)

    @staticmethod
    def _summary(nodes: list[str]) -> str:
        served = [node for node in dict.fromkeys(nodes) if node != NOBODY]
        missed = nodes.count(NOBODY)
        who = f"served by {', then '.join(served)}" if served else "nobody serves"
        return f"{who} ({missed} of {len(nodes)} logons failed)" if missed else who
