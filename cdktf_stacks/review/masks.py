"""Nothing secret gets into a review: what looks like a secret by its key, and what is one by its value."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote

import attrs

from gatepair.errors import GatepairError
from gatepair.models import SecretReference
from gatepair.models.secrets import MASK, SecretScheme

SHORTEST: Final = 4
"""A shorter secret is masked only where it is the whole text: it would tear holes into everything."""

SHORTEST_ELSEWHERE: Final = 8
"""Length from which the value of a foreign variable with a secret-looking name is taken for a secret."""

_HIDING: Final = (
    "password|passwd|passphrase|passplain|secret|token|credential|bearer|cookie|authorization|private|api_?key"
    "|access_?key|shared_?key|signing_?key|encryption_?key|client_?key|key_?string|key_?pem|\\bkey\\b|psk"
)
_SECRET_KEY: Final = re.compile(_HIDING, re.IGNORECASE)
_NOT_SECRET: Final = frozenset({"shared_key_version"})
_PLAIN_SETTINGS: Final = frozenset(
    {"GATEPAIR_CA_FILE", "GATEPAIR_CONFIG", "GATEPAIR_INSECURE", "GATEPAIR_LOG", "GATEPAIR_USERNAME"}
)
_FILES: Final = re.compile(r"_FILE\Z")
_LONGEST_FILE: Final = 65536


@attrs.frozen
class Masks:
    """Knows secrets and takes them out of texts.

    Args:
        secrets: The secrets themselves; they never show in the repr.
    """

    _pattern: re.Pattern[str] | None = attrs.field(repr=False)
    _short: frozenset[str] = attrs.field(repr=False)

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Masks:
        """Make masks of secrets."""
        known = {secret for secret in secrets if secret.strip()}
        forms = {form for secret in known if len(secret) >= SHORTEST for form in _forms(secret)}
        # The longest first: a secret may hold another one.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        return cls(pattern, frozenset(secret for secret in known if len(secret) < SHORTEST))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if text in self._short:
            return MASK
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: object, key: str = "", *, marks: object = False) -> object:
        """Return a value of a document without secrets.

        Args:
            value: Text, number, list or mapping.
            key: Its key: a secret-looking one hides the value, unless that is a reference.
            marks: What Terraform marks as sensitive in it.
        """
        if marks is True or (looks_secret(key) and not _is_open(value)):
            return MASK
        if isinstance(value, Mapping):
            empty: Mapping[str, object] = {}
            inner = cast("Mapping[str, object]", marks) if isinstance(marks, Mapping) else empty
            return {
                self.text(str(name)): self.value(each, str(name), marks=inner.get(str(name), False))
                for name, each in cast("Mapping[object, object]", value).items()
            }
        if isinstance(value, list | tuple):
            elements = cast("list[object] | tuple[object, ...]", value)
            listed = cast("list[object]", marks) if isinstance(marks, list) else []
            padded = [*listed, *([False] * len(elements))]
            return [self.value(each, marks=mark) for each, mark in zip(elements, padded, strict=False)]
        if isinstance(value, str):
            return self.text(value)
        masked = self.text(str(value))
        return value if masked == str(value) else masked


def looks_secret(key: str) -> bool:
    """Tell whether a key names something secret.

    Example:
        >>> looks_secret("ldapBindPassword"), looks_secret("shared_key_version"), looks_secret("netmask")
        (True, False, False)
    """
    return key not in _NOT_SECRET and _SECRET_KEY.search(key.replace("-", "_")) is not None


def environment_secrets(
    environ: Mapping[str, str] | None = None,
    references: Iterable[str] = (),
    folder: Path | None = None,
) -> Iterator[str]:
    """Yield the secrets that this process could know, so that none of them is ever printed.

    Args:
        environ: The environment; absent, the process's own.
        references: Secret references found in documents; those to a keyring are left alone.
        folder: Where relative paths start.
    """
    variables = os.environ if environ is None else environ
    for name, value in variables.items():
        if name.startswith("GATEPAIR_") and name not in _PLAIN_SETTINGS:
            yield from _file(Path(value)) if _FILES.search(name) else (value,)
        elif looks_secret(name) and len(value) >= SHORTEST_ELSEWHERE and not _FILES.search(name):
            yield value
    for text in references:
        yield from _referenced(text, variables, folder)


def references_in(value: object) -> Iterator[str]:
    """Yield every secret reference in a document."""
    if isinstance(value, Mapping):
        for each in cast("Mapping[str, object]", value).values():
            yield from references_in(each)
    elif isinstance(value, list | tuple):
        for each in cast("list[object]", value):
            yield from references_in(each)
    elif isinstance(value, str) and _is_reference(value):
        yield value


def _referenced(text: str, environ: Mapping[str, str], folder: Path | None) -> Iterator[str]:
    try:
        reference = SecretReference(text)
        if reference.scheme is not SecretScheme.KEYRING:
            yield reference.resolve(folder, environ=environ).reveal()
    except GatepairError:
        # A secret that cannot be had here cannot be printed here either.
        return


def _file(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_FILE).decode()
    except (OSError, UnicodeDecodeError, ValueError):
        return
    yield text.strip()


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret in the spellings in which it could turn up."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    raw = secret.encode(errors="surrogatepass")
    yield quote(raw, safe="")
    yield base64.b64encode(raw).decode()


def _is_open(value: object) -> bool:
    """Whether a value of a secret-looking key may be shown: a reference, nothing, or a mapping of more."""
    if isinstance(value, str):
        return not value or _is_reference(value)
    return value is None or isinstance(value, Mapping | bool)


def _is_reference(text: str) -> bool:
    if not text.startswith(tuple(f"{scheme}:" for scheme in SecretScheme)):
        return False
    try:
        SecretReference(text)
    except GatepairError:
        return False
    return True
