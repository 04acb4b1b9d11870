"""An appliance's credentials that come with a request: used for it alone, kept nowhere, never logged."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from gatepair.models import Credentials, Secret
from gatepair_bridge.api.faults import BadRequest, Forbidden

if TYPE_CHECKING:
    from gatepair.config import Config, Connections

HEADER = "gatepair-appliance-authorization"
AUTHORIZATION = "authorization"
# Nothing behind the door has a use for them, so nothing behind it can let them out.
SPENT = frozenset({AUTHORIZATION, HEADER})


def appliance_credentials(
    headers: Mapping[str, str], *, allowed: bool, tokens: bool = False
) -> Credentials | None:
    """Read the credentials a caller sends for the appliances.

    Args:
        headers: The request's headers, names in lower case.
        allowed: Whether callers may bring their own.
        tokens: ``Authorization`` holds a token, so it cannot hold these as well.

    Returns:
        None if there are none, so that the bridge's own count.

    Raises:
        BadRequest: They cannot be read.
        Forbidden: Callers of this bridge may not bring any.
    """
    sent = headers.get(HEADER)
    plain = headers.get(AUTHORIZATION, "")
    if sent is None and not tokens and plain[:6].lower() == "basic ":
        sent = plain
    if sent is None:
        return None
    if not allowed:
        raise Forbidden(
            "This bridge takes no credentials for appliances from its callers.",
            remedy="Leave them out, or set caller_credentials = true in the bridge's configuration.",
        )
    return _basic(sent)


def _basic(text: str) -> Credentials:
    """Read the form of RFC 7617, section 2."""
    kind, _, encoded = text.partition(" ")
    try:
        username, colon, password = (
            base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, ValueError):
        username, colon, password = "", "", ""
    if kind.lower() != "basic" or not (username.strip() and colon and password):
        # Not chained: the cause would hold what was sent.
        raise BadRequest(
            "The appliance's credentials cannot be read.",
            remedy="Send user and password in UTF-8 as HTTP Basic credentials (RFC 7617).",
        )
    return Credentials(username=username, password=Secret(password))


def fingerprint(credentials: Credentials | None) -> bytes:
    """Tell credentials apart without keeping them; empty for none."""
    if credentials is None:
        return b""
    text = f"{credentials.username}:{credentials.secret().reveal()}"
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def with_credentials(ways: Config | Connections, credentials: Credentials) -> Connections:
    """Reach appliances with a caller's credentials; trust and time limits stay the bridge's own."""
    from gatepair.config import Config, Settings  # noqa: PLC0415 - only where wanted

    own = ways.connections if isinstance(ways, Config) else ways
    mine = Settings(username=credentials.username, password=credentials.password)
    return attrs.evolve(
        own,
        common=mine.over(own.common),
        appliances={address: mine.over(settings) for address, settings in own.appliances.items()},
    )
