"""Sessions of the Gateway's users, kept by the engine and replicated to the secondary."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatepair_emulator.ha.link import LinkError
from gatepair_emulator.values import JsonValue, text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node

_LOG = logging.getLogger(__name__)


class UserSessions:
    """Who is signed in at the Gateway."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._users: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def sign_in(self, user: str, password: str) -> str | None:
        """Check a user against the emulated directory and open a session.

        Args:
            user: Login name.
            password: Password.

        Returns:
            The session's token, or None if user or password are wrong.
        """
        known = self._directory().get(user)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            return None
        token = secrets.token_hex(16)
        self._users[token] = user
        self._replicate()
        return token

    def who(self, token: str) -> str | None:
        """The user of a session.

        Args:
            token: What the browser's cookie carries.

        Returns:
            The login name, or None.
        """
        return self._users.get(token)

    def sign_out(self, token: str) -> None:
        """End a session.

        Args:
            token: What the browser's cookie carries.
        """
        if self._users.pop(token, None) is not None:
            self._replicate()

    @property
    def count(self) -> int:
        """How many sessions there are."""
        return len(self._users)

    def export(self) -> list[list[str]]:
        """All sessions, for the peer.

        Returns:
            Pairs of token and user.
        """
        return [[token, user] for token, user in self._users.items()]

    def restore(self, received: JsonValue) -> None:
        """Take over the primary's sessions.

        Args:
            received: What ``export`` made on the primary.
        """
        if received is None or isinstance(received, (str, int, float, Mapping)):
            return
        pairs = [pair for pair in received if isinstance(pair, Sequence) and not isinstance(pair, str)]
        self._users = {text_of(pair[0]): text_of(pair[1]) for pair in pairs if len(pair) == 2}  # noqa: PLR2004 - pairs

    def _directory(self) -> dict[str, str]:
        """Users and passwords of the directory that stands for the LDAP server."""
        if not self._node.settings.users_file:
            return {}
        with contextlib.suppress(OSError, ValueError):
            content: JsonValue = json.loads(Path(self._node.settings.users_file).read_text(encoding="utf-8"))
            if isinstance(content, Mapping):
                return {name: text_of(password) for name, password in content.items()}
        return {}

    def _replicate(self) -> None:
        """Push the sessions to the secondary, so that users stay signed in after a failover."""
        if not (self._node.ha.is_primary and self._node.ha.machine.peer_alive):
            return
        task = asyncio.ensure_future(self._push())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push(self) -> None:
        message = {"operation": "sessions", "sessions": self.export()}
        try:
            await self._node.ha.link.call(message, timeout_s=5)
        except LinkError as problem:
            _LOG.warning("%s: sessions were not replicated: %s", self._node.settings.name, problem)
