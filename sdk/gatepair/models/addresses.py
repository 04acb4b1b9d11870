"""Management addresses: how an appliance is known to gatepair."""

from __future__ import annotations

import functools
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import attrs

from gatepair.errors import InvalidInput

HTTPS_PORT: Final = 443
HIGHEST_PORT: Final = 65535
LONGEST_HOST: Final = 253
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\]]*)\](?::(?P<port>.*))?", re.DOTALL)


def parse_host(text: str) -> IPv4Address | IPv6Address | str:
    """Return an IP address, or a host name in lower case without a final dot.

    Raises:
        InvalidInput: It is neither.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return _host_name(text)
    if isinstance(address, IPv6Address) and address.scope_id:
        raise InvalidInput(f"'{text}' has a zone, which only means something on one machine")
    return address


def _host_name(text: str) -> str:
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    # RFC 3696 section 2: a top-level label is never all digits, so this is a mistyped IP address.
    if labels[-1].isdigit() or ":" in name:
        raise InvalidInput(f"'{text}' is not an IP address")
    if len(name) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidInput(f"'{text}' is neither an IP address nor a host name")
    return name


def _host(value: IPv4Address | IPv6Address | str) -> IPv4Address | IPv6Address | str:
    return parse_host(value) if isinstance(value, str) else value


@functools.total_ordering
@attrs.frozen(kw_only=True, order=False)
class ManagementAddress:
    """Host and HTTPS port of an appliance's management interface.

    Addresses sort by number, IPv4 before IPv6 before host names, then by port.

    Attributes:
        host: IP address or host name (RFC 1123, lower case).
        port: 1 to 65535; 443 is left out in text.

    Example:
        >>> str(ManagementAddress.parse("192.0.2.11:443")), str(ManagementAddress.parse("2001:db8::1"))
        ('192.0.2.11', '[2001:db8::1]')
        >>> ManagementAddress.parse("192.0.2.9") < ManagementAddress.parse("192.0.2.11:8443")
        True
    """

    host: IPv4Address | IPv6Address | str = attrs.field(converter=_host)
    port: int = HTTPS_PORT

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.port <= HIGHEST_PORT:
            raise InvalidInput(f"port {self.port} is not between 1 and {HIGHEST_PORT}")

    @classmethod
    def parse(cls, text: str) -> ManagementAddress:
        """Read ``host``, ``host:port``, ``[ipv6]`` or ``[ipv6]:port``.

        Raises:
            InvalidInput: It is none of these.
        """
        if "/" in text or "@" in text:
            # Not repeated: a user and a password may stand in it.
            raise InvalidInput("must be host or host:port alone, without scheme, user or path")
        bracketed = _BRACKETED.fullmatch(text)
        if bracketed:
            host = parse_host(bracketed["host"])
            if not isinstance(host, IPv6Address):
                raise InvalidInput(f"'{text}' has brackets, but no IPv6 address in them")
            return cls(host=host, port=_port(text, bracketed["port"]))
        if text.count(":") > 1:
            return cls(host=parse_host(text))
        host_text, colon, port_text = text.partition(":")
        return cls(host=parse_host(host_text), port=_port(text, port_text if colon else None))

    @property
    def url_host(self) -> str:
        """The host as it stands in a URL, an IPv6 address in brackets."""
        return f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)

    @property
    def origin(self) -> str:
        """The address as start of a URL, such as ``https://192.0.2.11:8443``."""
        return f"https://{self}"

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The host if it is an IP address."""
        return None if isinstance(self.host, str) else self.host

    def __str__(self) -> str:
        """Return the canonical form: port 443 is left out."""
        return self.url_host if self.port == HTTPS_PORT else f"{self.url_host}:{self.port}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, ManagementAddress):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, str, int]:
        if isinstance(self.host, str):
            return (9, 0, self.host, self.port)
        return (self.host.version, int(self.host), "", self.port)


def _port(text: str, digits: str | None) -> int:
    if digits is None:
        return HTTPS_PORT
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(f"'{text}' has no port number after the colon")
    return int(digits) if len(digits) <= len(str(HIGHEST_PORT)) else HIGHEST_PORT + 1
