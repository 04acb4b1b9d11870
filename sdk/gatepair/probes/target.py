"""Where users go: the external virtual IP under the gateway's own name."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

import attrs

from gatepair.errors import InvalidInput, LocalFileError

_HTTPS = 443
_HIGHEST_PORT = 65535


def _path(value: Path | str | None) -> Path | None:
    return None if value is None else Path(value)


@attrs.frozen
class Target:
    """The gateway as its users see it.

    The connection goes to the address whatever a name server says, and asks for the server name: what a
    line in a hosts file would do, without editing one.

    Args:
        address: External virtual IP, or a name that leads to it.
        port: TCP port, 1 to 65535.
        server_name: The gateway's own name, for TLS and HTTP; absent, the address is asked for.
        ca_file: PEM file with the CA of the gateway's certificate; absent, the system's trust store.
        path: What is asked for; redirects on the same gateway are followed.
        insecure: Take any certificate. For trying things out only.

    Raises:
        InvalidInput: A value is out of range.

    Example:
        >>> Target("192.0.2.20", server_name="gateway.example.net").host
        'gateway.example.net'
    """

    address: str
    port: int = _HTTPS
    server_name: str | None = None
    ca_file: Path | None = attrs.field(default=None, converter=_path)
    path: str = "/"
    insecure: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.address.strip():
            raise InvalidInput("must not be empty", key="address")
        if not 1 <= self.port <= _HIGHEST_PORT:
            raise InvalidInput(f"{self.port} is no TCP port", key="port")
        if not self.path.startswith("/") or not self.path.isprintable() or " " in self.path:
            raise InvalidInput("must begin with a slash and hold no blanks", key="path")

    @property
    def name(self) -> str:
        """The name that is asked for: the server name, or the address without one."""
        return self.server_name or self.address

    @property
    def host(self) -> str:
        """The name as it stands in a ``Host`` header (RFC 9110, section 7.2)."""
        name = f"[{self.name}]" if _is_ipv6(self.name) else self.name
        return name if self.port == _HTTPS else f"{name}:{self.port}"

    def trust(self) -> ssl.SSLContext:
        """Return the TLS context for connections to it.

        Raises:
            LocalFileError: The CA file cannot be read or holds no certificate.
        """
        try:
            context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        except OSError as error:
            raise LocalFileError(
                f"the CA file {self.ca_file} cannot be used: {error.strerror or 'it holds no certificate'}",
                key="ca_file",
                remedy="Name a PEM file with the CA of the gateway's certificate.",
            ) from error
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _is_ipv6(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).version == 6  # noqa: PLR2004 - the protocol's number
    except ValueError:
        return False
