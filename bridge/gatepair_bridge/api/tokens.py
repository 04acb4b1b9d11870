"""Bearer tokens from a file that holds only their hashes.

A token is 32 random bytes, so a plain SHA-256 of it cannot be searched for; slow password hashes are for
secrets that people choose. The file may be read by others without harm, but not written.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import stat
import threading
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import cast

import attrs

from gatepair_bridge.api.faults import Unauthenticated
from gatepair_bridge.api.messages import Caller, Scope

log = logging.getLogger("gatepair_bridge")
TOKEN_BYTES = 32
TOKEN_PREFIX = "gatepair_"  # noqa: S105 - lets secret scanners recognise a token, is none itself
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DIGEST = re.compile(r"[0-9a-f]{64}")


class TokenFileError(Exception):
    """The token file cannot be used; lists everything wrong with it."""


@attrs.frozen(kw_only=True)
class Token:
    """One line of the token file: whose it is, its hash, what it may do, until when."""

    name: str
    digest: bytes = attrs.field(repr=False)
    scopes: frozenset[Scope]
    expires: datetime | None = None


def new_token() -> tuple[str, str]:
    """Make a token; give it and the hash that goes into the file.

    Example:
        >>> token, digest = new_token()
        >>> token.startswith("gatepair_"), len(digest)
        (True, 64)
    """
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    return token, _digest(token).hex()


def add_token(path: Path, name: str, lines: str) -> None:
    """Add a token's lines to a token file; a running bridge takes them up with the next request.

    Args:
        path: The file; made if it is not there.
        name: The token's name.
        lines: Its lines.

    Raises:
        TokenFileError: The file has this name already, has mistakes, or cannot be written.
    """
    try:
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if name in tomllib.loads(known):
            raise TokenFileError(f"{path}: there is a token [{name}] already; take it out first.")
        # Put in place whole, so that nobody ever reads half a file.
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(f"{known.rstrip()}\n\n{lines}".lstrip(), encoding="utf-8")
        fresh.chmod(path.stat().st_mode if known else 0o600)
        fresh.replace(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TokenFileError(f"{path}: cannot be changed ({error}).") from error


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class TokenFile:
    """The tokens of a file, read again when it changes, so that a revoked token ends at once.

    Args:
        path: The file.

    Raises:
        TokenFileError: It is missing, writable by others, or has mistakes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp, self._tokens = _load(path)
        self.trouble = ""

    def authenticate(self, authorization: str, address: str) -> Caller:
        """Find whose token a request carries.

        Args:
            authorization: The value of its Authorization header, empty if it has none.
            address: Where it comes from.

        Raises:
            Unauthenticated: No token, an unknown one, or one past its end.
        """
        kind, _, token = authorization.partition(" ")
        found: Token | None = None
        digest = _digest(token.strip())
        for known in self._current():
            # No early exit: the time taken must not tell which token came close.
            if hmac.compare_digest(known.digest, digest):
                found = known
        if kind.lower() != "bearer" or found is None:
            raise _unauthenticated("The request carries no token that this bridge knows.", bool(token))
        if found.expires is not None and datetime.now(UTC) >= found.expires:
            raise _unauthenticated(f'The token "{found.name}" has expired.', present=True)
        return Caller(name=found.name, scopes=found.scopes, address=address)

    def _current(self) -> tuple[Token, ...]:
        with self._lock:
            try:
                if _stamp(self._path) != self._stamp:
                    self._stamp, self._tokens = _load(self._path)
                self._note("")
            except (OSError, TokenFileError) as error:
                # A half-written file must not open or close the door: the last good one counts.
                self._note(str(error))
            return self._tokens

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.error("the token file was not read again", extra={"data": {"why": trouble}})
        self.trouble = trouble


def _unauthenticated(detail: str, present: bool) -> Unauthenticated:  # noqa: FBT001 - one private caller
    # RFC 6750, section 3.1: the error code is only sent when the request carried a token.
    challenge = 'Bearer realm="gatepair"' + (', error="invalid_token"' if present else "")
    return Unauthenticated(
        detail,
        remedy='Send "Authorization: Bearer <token>"; "gatepair bridge token NAME" makes one.',
        headers={"www-authenticate": challenge},
    )


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _load(path: Path) -> tuple[tuple[int, int, int], tuple[Token, ...]]:
    try:
        stamp = _stamp(path)
        mode = path.stat().st_mode
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TokenFileError(f"{path}: cannot be read ({error}).") from error
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise TokenFileError(f"{path}: others may write it; run: chmod go-w {path}")
    problems: list[str] = []
    tokens = tuple(_token(name, entry, problems) for name, entry in entries.items())
    if not entries:
        problems.append('no token in it; "gatepair bridge token NAME" makes one')
    if problems:
        raise TokenFileError("\n".join(f"{path}: {problem}" for problem in problems))
    return stamp, tokens


def _token(name: str, entry: object, problems: list[str]) -> Token:
    table: Mapping[str, object] = cast("Mapping[str, object]", entry) if isinstance(entry, dict) else {}
    digest = table.get("sha256", "")
    if not NAME.fullmatch(name):
        problems.append(f"[{name}]: a name has up to 64 letters, digits, dots, dashes and underscores")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        problems.append(f"[{name}]: sha256 must be 64 hexadecimal digits in lower case")
        digest = "0" * 64
    problems += [
        f"[{name}]: unknown key {key}" for key in sorted(table.keys() - {"sha256", "scopes", "expires"})
    ]
    return Token(
        name=name,
        digest=bytes.fromhex(digest),
        scopes=_scopes(name, table.get("scopes"), problems),
        expires=_expiry(name, table.get("expires"), problems),
    )


def _scopes(name: str, value: object, problems: list[str]) -> frozenset[Scope]:
    words = {str(word) for word in cast("list[object]", value)} if isinstance(value, list) else set[str]()
    if not words or words - set(Scope):
        problems.append(f"[{name}]: scopes must be a list of {', '.join(Scope)}")
    return frozenset(Scope(word) for word in words & set(Scope))


def _expiry(name: str, value: object, problems: list[str]) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time.min, UTC)
    if value is not None:
        problems.append(f"[{name}]: expires must be a date such as 2030-01-31")
    return None
