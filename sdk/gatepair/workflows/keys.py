"""The shared key: opened at the last moment, checked before anything depends on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from gatepair.errors import SecretUnavailable
from gatepair.models import Pair, Secret, SecretReference

Resolve: TypeAlias = Callable[[SecretReference], Secret]
"""Fetches the secret behind a reference; the session knows where relative paths start."""

SHORTEST: Final = 8
LONGEST: Final = 127


def open_key(desired: Pair, resolve: Resolve) -> Secret:
    """Return the shared key of a pair.

    Raises:
        SecretUnavailable: None is declared, it is not where the reference points, or it is no usable
            key.
    """
    key = desired.shared_key
    if key is None:
        raise SecretUnavailable(
            "no shared key is declared",
            key="shared_key",
            remedy='Declare shared_key, such as "file:shared-key".',
        )
    return open_secret(key, resolve)


def open_secret(key: SecretReference | Secret, resolve: Resolve) -> Secret:
    """Return a shared key that can be used.

    Raises:
        SecretUnavailable: It is not where the reference points, or it is no usable key.
    """
    secret = key if isinstance(key, Secret) else _fetch(key, resolve)
    _check(secret)
    return secret


def _fetch(reference: SecretReference, resolve: Resolve) -> Secret:
    try:
        return resolve(reference)
    except SecretUnavailable as error:
        raise SecretUnavailable(
            f"the shared key cannot be had: {error.message}", key="shared_key", remedy=error.remedy
        ) from error


def _check(secret: Secret) -> None:
    value = secret.reveal()
    if value != value.strip() or not value.isprintable():
        raise SecretUnavailable(
            "the shared key has blanks around it or characters that cannot be typed",
            key="shared_key",
            remedy="Put the key alone into the file or variable, on one line.",
        )
    if not SHORTEST <= len(value) <= LONGEST:
        raise SecretUnavailable(
            f"the shared key is {len(value)} characters long",
            key="shared_key",
            remedy=f"Use a key of {SHORTEST} to {LONGEST} characters.",
        )
