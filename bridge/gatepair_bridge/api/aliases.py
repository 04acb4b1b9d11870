"""Host names under which a pair's primary is found, for programs that know a host and a port only."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

PREFIX = "/nitro/"


class Aliases:
    """Which pair is meant by a host name.

    Args:
        hosts: Identifier of a pair by host, ``name`` or ``name:port``, in lower case.

    Example:
        >>> known = Aliases({"office.example.net": "192.0.2.11,192.0.2.12"})
        >>> known.pair_of("Office.Example.NET:8642")
        '192.0.2.11,192.0.2.12'
        >>> known.pair_of("other.example.net") is None
        True
    """

    def __init__(self, hosts: Mapping[str, str] | None = None) -> None:
        self._hosts = dict(hosts or {})

    def pair_of(self, host: str) -> str | None:
        """Give the pair that a Host header means."""
        named = host.lower()
        return self._hosts.get(named) or self._hosts.get(_without_port(named))

    def means(self, path: str, host: str) -> bool:
        """Whether a request is for a pair's primary under a name of its own."""
        return path.startswith(PREFIX) and self.pair_of(host) is not None


def _without_port(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
