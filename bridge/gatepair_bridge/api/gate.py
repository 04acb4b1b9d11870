"""The door of the service: who is calling, from where, how often, with how large a body."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatepair_bridge.api.aliases import PREFIX, Aliases
from gatepair_bridge.api.credentials import appliance_credentials
from gatepair_bridge.api.faults import Forbidden, TooLarge, UnsupportedMediaType
from gatepair_bridge.api.messages import JSON_TYPE, Caller, Scope
from gatepair_bridge.api.rate import RateLimit
from gatepair_bridge.api.routes import ROUTES

if TYPE_CHECKING:
    from gatepair.models import Credentials
    from gatepair_bridge.api.tokens import TokenFile

# Reading these gives nothing away, and load balancers and people have no token at hand.
OPEN_PATHS = frozenset(route.template for route in ROUTES if route.scope is None)
PRIMARY_PART = "/primary/nitro/"
# Programs that speak NITRO log on to the appliance, and know nothing of tokens.
READ_ONLY = frozenset({Scope.READ})


def is_streamed(path: str) -> bool:
    """Whether what is sent to a path is handed on to an appliance, unread."""
    return PRIMARY_PART in path or path.startswith(PREFIX)


class Gate:
    """Lets requests in, or raises for those it does not.

    Args:
        tokens: Known tokens; None lets every local caller in.
        per_second: Requests a second for each caller, 0 for no limit.
        max_body_bytes: Largest body taken.
        max_upload_bytes: Largest body handed on to an appliance.
        caller_credentials: Callers may bring credentials for the appliances.
        aliases: Host names under which programs reach a pair's primary.
    """

    def __init__(
        self,
        *,
        tokens: TokenFile | None,
        per_second: float,
        max_body_bytes: int,
        max_upload_bytes: int,
        caller_credentials: bool,
        aliases: Aliases,
    ) -> None:
        self._tokens = tokens
        self._rate = RateLimit(per_second)
        self._max_body_bytes = max_body_bytes
        self._max_upload_bytes = max_upload_bytes
        self._caller_credentials = caller_credentials
        self._aliases = aliases

    def admit(self, path: str, headers: Mapping[str, str], address: str) -> Caller:
        """Tell who is calling.

        Args:
            path: The request's path.
            headers: Its headers, names in lower case.
            address: Where it comes from.

        Raises:
            Unauthenticated: It needs a token and has none that is known.
            Forbidden: It is a web page's request to a bridge that takes requests without token.
            TooManyRequests: The caller has had its share.
        """
        if path in OPEN_PATHS:
            self._rate.spend(f"address {address}")
            return Caller(name="anonymous", scopes=frozenset(), address=address)
        if self._tokens is None:
            _refuse_web_pages(headers)
            self._rate.spend(f"address {address}")
            return Caller(name="local", address=address)
        if self._without_token(path, headers):
            self._rate.spend(f"address {address}")
            return Caller(name="nitro", scopes=READ_ONLY, address=address)
        # Callers without a good token share the bucket of their address, so they cannot use up another's.
        try:
            caller = self._tokens.authenticate(headers.get("authorization", ""), address)
        except Exception:
            self._rate.spend(f"address {address}")
            raise
        self._rate.spend(f"token {caller.name}")
        return caller

    def credentials(self, path: str, headers: Mapping[str, str]) -> Credentials | None:
        """Give the credentials that the caller sends for the appliances.

        Raises:
            Forbidden: It may not.
            BadRequest: They cannot be read.
        """
        return appliance_credentials(
            headers,
            # What goes through to the appliance may carry its credentials in other headers as well.
            allowed=self._caller_credentials or is_streamed(path),
            tokens=self._tokens is not None and not self._without_token(path, headers),
        )

    def _without_token(self, path: str, headers: Mapping[str, str]) -> bool:
        bears_one = headers.get("authorization", "")[:7].lower() == "bearer "
        return not bears_one and self._aliases.means(path, headers.get("host", ""))

    def check_length(self, path: str, length: int) -> None:
        """Refuse a body that is too long, as announced or as received so far.

        Raises:
            TooLarge: It is.
        """
        key = "max_upload_bytes" if is_streamed(path) else "max_body_bytes"
        limit = self._max_upload_bytes if is_streamed(path) else self._max_body_bytes
        if length > limit:
            raise TooLarge(
                f"The body has more than {limit} bytes.",
                remedy=f"Send less, or raise {key} in the bridge's configuration.",
                headers={"connection": "close"},
            )

    def check_type(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse a body that does not say it is JSON; what goes on to an appliance may be anything.

        Raises:
            UnsupportedMediaType: It says something else, or nothing.
        """
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and kind != JSON_TYPE and not is_streamed(path):
            raise UnsupportedMediaType(
                f'The body is "{kind}".' if kind else "The body says nothing of its type.",
                remedy=f"Send Content-Type: {JSON_TYPE}.",
            )


def _refuse_web_pages(headers: Mapping[str, str]) -> None:
    """Without tokens, a page in a local browser must not be able to use the bridge.

    Such a page sends an Origin (Fetch standard), or reaches the bridge under a host name that its owner
    made point to this machine (DNS rebinding), which the Host header shows.
    """
    host = urlsplit("//" + headers.get("host", "localhost")).hostname or ""
    if "origin" in headers or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Forbidden("This bridge takes no requests from web pages.", remedy="Use tokens, or a program.")
    if not _is_local(host):
        raise Forbidden(
            "Without tokens this bridge answers only under a loopback address or localhost.",
            remedy="Use 127.0.0.1 in the address, or set up tokens.",
        )


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
