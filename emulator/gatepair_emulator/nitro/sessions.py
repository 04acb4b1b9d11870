"""Sessions of NITRO clients: tokens, idle time-outs and limits."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from attrs import define

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError

if TYPE_CHECKING:
    from gatepair_emulator.clock import Clock

TOKEN_PREFIX: Final = "##"  # noqa: S105 - how every token begins
# 254 characters in all on 14.1: a recorded login reply has Content-Length 328
# (netscaler/ansible-collection-netscaleradc issue 553).
_TOKEN_BYTES: Final = 126
DEFAULT_TIMEOUT_S: Final = 1800
RESTRICTED_TIMEOUT_S: Final = 900
DEFAULT_LIMIT: Final = 20


@define
class Session:
    """One session.

    Attributes:
        token: What the client carries.
        identifier: Number shown in ``systemsession``.
        user: Who logged in.
        client: Address it came from.
        timeout_s: Idle seconds after which it ends.
        started: Wall time of the login, seconds since the epoch.
        used: When it was last used, on the idle clock.
    """

    token: str
    identifier: int
    user: str
    client: str
    timeout_s: float
    started: float
    used: float


class Sessions:
    """All sessions of a node."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_token: dict[str, Session] = {}
        self._opened = 0

    def open(self, user: str, client: str, timeout_s: float, limit: int) -> Session:
        """A new session.

        Args:
            user: Who logs in.
            client: Address of the client.
            timeout_s: Idle seconds after which it ends.
            limit: How many sessions the user may have.

        Returns:
            The session.

        Raises:
            NitroError: 445, the user has too many.
        """
        self._sweep()
        if sum(1 for each in self._by_token.values() if each.user == user) >= limit:
            raise NitroError(Code.SESSION_LIMIT)
        self._opened += 1
        session = Session(
            token=TOKEN_PREFIX + secrets.token_hex(_TOKEN_BYTES).upper(),
            identifier=self._opened,
            user=user,
            client=client,
            timeout_s=timeout_s,
            started=self._clock.wall(),
            used=self._clock.idle(),
        )
        self._by_token[session.token] = session
        return session

    def use(self, token: str) -> Session:
        """The session of a token; its idle time begins anew.

        Args:
            token: What the client carries.

        Returns:
            The session.

        Raises:
            NitroError: 444, it has expired, was killed or never was.
        """
        session = self._by_token.get(token)
        if session is None:
            raise NitroError(Code.SESSION_EXPIRED)
        now = self._clock.idle()
        if now - session.used > session.timeout_s:
            del self._by_token[token]
            raise NitroError(Code.SESSION_EXPIRED)
        session.used = now
        return session

    def close(self, token: str) -> None:
        """End a session, if there is one.

        Args:
            token: What the client carries.
        """
        self._by_token.pop(token, None)

    def kill(self, identifier: int | None, *, but: str = "") -> int:
        """End a session by its number, or all.

        Args:
            identifier: The number; None for all.
            but: Token of a session that stays.

        Returns:
            How many were ended.
        """
        ended = [
            each.token
            for each in self._by_token.values()
            if each.token != but and identifier in {None, each.identifier}
        ]
        for token in ended:
            del self._by_token[token]
        return len(ended)

    def all(self) -> list[Session]:
        """The sessions that have not expired, oldest first."""
        self._sweep()
        return list(self._by_token.values())

    def _sweep(self) -> None:
        now = self._clock.idle()
        expired = [each.token for each in self._by_token.values() if now - each.used > each.timeout_s]
        for token in expired:
            del self._by_token[token]
