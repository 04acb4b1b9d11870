"""Secrets and the references that stand for them in everything that is written down."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn, Self

import attrs

from gatepair._paths import expanded
from gatepair.errors import InvalidInput, SecretUnavailable

MASK: Final = "***"
LONGEST_FILE_BYTES: Final = 65536
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMS: Final = "env:NAME, file:PATH or keyring:SERVICE/USER"


class Secret:
    """A value that shows itself only when asked by name.

    Printing, formatting, logging and comparing keep it hidden; pickling and JSON refuse it.

    Args:
        value: The secret, not empty.

    Raises:
        InvalidInput: The value is empty.

    Example:
        >>> word = Secret("correct horse")
        >>> f"{word}", repr(word), word == Secret("correct horse"), word.reveal()
        ('***', 'Secret(***)', True, 'correct horse')
    """

    __slots__ = ("_value",)
    _value: str

    def __init__(self, value: str) -> None:
        if not value:
            raise InvalidInput("a secret must not be empty")
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """Return the secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def _bytes(self) -> bytes:
        # Undecodable bytes of an environment variable arrive as lone surrogates.
        return self._value.encode(errors="surrogatepass")

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: hand on its SecretReference instead")


class SecretScheme(StrEnum):
    """Where a secret reference points."""

    ENV = "env"
    FILE = "file"
    KEYRING = "keyring"


def _parsed(text: str) -> str:
    scheme, colon, target = text.partition(":")
    # What is no reference may be the secret itself, typed in the wrong place: never repeat it.
    if not colon or scheme not in set(SecretScheme):
        raise InvalidInput(f"is not a secret reference; write {_FORMS}, never the secret itself")
    if scheme == SecretScheme.ENV and not _VARIABLE.fullmatch(target):
        raise InvalidInput("env: must be followed by the name of an environment variable")
    if scheme == SecretScheme.FILE and (not target or "\0" in target):
        raise InvalidInput("file: must be followed by a path")
    if scheme == SecretScheme.KEYRING and not all(target.rpartition("/")):
        raise InvalidInput("keyring: must be followed by SERVICE/USER")
    return text


@attrs.frozen
class SecretReference:
    """Says where a secret is, without holding it.

    Args:
        text: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``. In the last form everything up
            to the last slash is the service.

    Raises:
        InvalidInput: The text has none of these forms. It is not repeated, since it may be the secret.

    Example:
        >>> SecretReference("env:GATEPAIR_PASSWORD").scheme
        <SecretScheme.ENV: 'env'>
    """

    text: str = attrs.field(converter=_parsed)

    def __str__(self) -> str:
        """Return the reference as it is written in a file."""
        return self.text

    @property
    def scheme(self) -> SecretScheme:
        """Where the reference points."""
        return SecretScheme(self.text.partition(":")[0])

    @property
    def target(self) -> str:
        """What follows the scheme."""
        return self.text.partition(":")[2]

    def anchored(self, base: Path) -> SecretReference:
        """Return the reference with a relative ``file:`` path taken from ``base``.

        Raises:
            SecretUnavailable: The path begins with the home of somebody who has none here.
        """
        if self.scheme is not SecretScheme.FILE:
            return self
        return SecretReference(f"file:{base / self._path()}")

    def resolve(self, base: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Secret:
        """Fetch the secret.

        Args:
            base: Directory that a relative ``file:`` path starts from; absent, the current one.
            environ: Environment to look into; absent, that of the process.

        Raises:
            SecretUnavailable: It is not there, empty or not readable.
        """
        match self.scheme:
            case SecretScheme.ENV:
                value = (os.environ if environ is None else environ).get(self.target)
            case SecretScheme.FILE:
                value = self._from_file(base or Path())
            case SecretScheme.KEYRING:
                value = self._from_keyring()
        if value is None:
            raise SecretUnavailable(f"{self.text} does not exist")
        if not value:
            raise SecretUnavailable(f"{self.text} is empty")
        return Secret(value)

    def _path(self) -> Path:
        try:
            return expanded(self.target)
        except InvalidInput as error:
            raise SecretUnavailable(f"{self.text} does not exist: {error.message}") from None

    def _from_file(self, base: Path) -> str:
        path = base / self._path()
        try:
            with path.open("rb") as file:
                content = file.read(LONGEST_FILE_BYTES + 1)
            text = content.decode()
        except FileNotFoundError:
            raise SecretUnavailable(f"{self.text} does not exist (looked for {path})") from None
        except OSError as error:
            raise SecretUnavailable(f"{self.text} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            # The cause would hold the bytes of the secret.
            raise SecretUnavailable(f"{self.text} is not UTF-8 text") from None
        if len(content) > LONGEST_FILE_BYTES:
            raise SecretUnavailable(f"{self.text} is too long for a secret")
        return text.removesuffix("\n").removesuffix("\r")

    def _from_keyring(self) -> str | None:
        try:
            import keyring  # noqa: PLC0415 - an extra, and slow to import
            from keyring.errors import KeyringError  # noqa: PLC0415 - as above
        except ImportError:
            raise SecretUnavailable(
                f"{self.text} needs the keyring library",
                remedy="Install it: pip install 'gatepair[keyring]'.",
            ) from None
        service, _, user = self.target.rpartition("/")
        try:
            return keyring.get_password(service, user)
        except KeyringError as error:
            raise SecretUnavailable(f"{self.text} cannot be read: {type(error).__name__}") from error


@attrs.frozen(kw_only=True)
class Credentials:
    """A user and where the password is.

    Attributes:
        username: Name of a system user with superuser rights on the appliance.
        password: Where the password is; in memory it may be the password itself.
    """

    username: str = "nsroot"
    password: SecretReference | Secret

    def __attrs_post_init__(self) -> None:
        if not self.username.strip():
            raise InvalidInput("must not be empty", key="username")

    def secret(self, base: Path | None = None) -> Secret:
        """Return the password itself, resolving it if it is a reference.

        Raises:
            SecretUnavailable: The reference leads nowhere.
        """
        return self.password if isinstance(self.password, Secret) else self.password.resolve(base)
