"""TLS context of the HTTP transport."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Generator
from typing import TYPE_CHECKING

from .errors import SettingsError

if TYPE_CHECKING:
    from .settings import Tls

_TITLE = "Unable to Create REST API Client"


def context(settings: Tls) -> ssl.SSLContext:
    """Make the TLS context: trust, client certificate, verification.

    Raises:
        SettingsError: A file cannot be read, or is not what it should be.
    """
    trust = settings.root_ca_file or settings.root_ca_string
    with _blamed("root_ca_file" if settings.root_ca_file else "root_ca_string"):
        made = ssl.create_default_context(
            cafile=settings.root_ca_file or None, cadata=settings.root_ca_string or None
        )
    if settings.insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif trust:
        # Private authorities often lack the key usage that RFC 5280 asks for; the original accepts them.
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if settings.cert_file or settings.cert_string:
        with (
            _blamed("cert_file" if settings.cert_file else "cert_string"),
            _as_file(settings.cert_file, settings.cert_string) as certificate,
            _as_file(settings.key_file, settings.key_string) as key,
        ):
            made.load_cert_chain(certificate, key)
    return made


@contextlib.contextmanager
def _as_file(file: str, text: str) -> Generator[str]:
    """Offer PEM text under a name, since OpenSSL's loader takes names only."""
    if file:
        yield file
        return
    if hasattr(os, "memfd_create"):  # never on disk where the system allows it
        descriptor = os.memfd_create("pem")
        with os.fdopen(descriptor, "wb") as memory:
            memory.write(text.encode())
            memory.flush()
            yield f"/proc/self/fd/{descriptor}"
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as temporary:
        temporary.write(text)
        temporary.flush()
        yield temporary.name


@contextlib.contextmanager
def _blamed(attribute: str) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{attribute} cannot be used: {reason}."
        raise SettingsError(_TITLE, message, attribute) from error
