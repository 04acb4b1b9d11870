"""Passwords at rest: digests that let two nodes compare without either telling."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

DEFAULT_ADMINISTRATOR: Final = "nsroot"
DEFAULT_RPC: Final = "default-rpc-password"
_ROUNDS: Final = 2000
_SCHEME: Final = "pbkdf2"


def digest(owner: str, password: str) -> str:
    """A password as it is stored.

    The salt is the owner's name, so that equal passwords of the same user have equal digests on
    both nodes of a pair.

    Args:
        owner: User name or other name that goes with the password.
        password: The password.

    Returns:
        Scheme and digest.
    """
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), owner.encode(), _ROUNDS)
    return f"{_SCHEME}${derived.hex()}"


def matches(owner: str, password: str, stored: str) -> bool:
    """Whether a password is the stored one.

    Args:
        owner: As for ``digest``.
        password: What was given.
        stored: A digest.

    Returns:
        True if it is.
    """
    return hmac.compare_digest(digest(owner, password), stored)


class Verifier:
    """Checks passwords, and remembers those found right so that repeated checks are quick."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def verify(self, owner: str, password: str, stored: str) -> bool:
        """Whether a password is the stored one.

        Args:
            owner: As for ``digest``.
            password: What was given.
            stored: A digest.

        Returns:
            True if it is.
        """
        mark = hashlib.sha256(password.encode()).hexdigest()
        if self._known.get((owner, mark)) == stored:
            return True
        if not matches(owner, password, stored):
            return False
        self._known[owner, mark] = stored
        return True
