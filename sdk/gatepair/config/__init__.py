"""pairs.toml: which pairs there are, how they shall be, and how their appliances are reached."""

from __future__ import annotations

from gatepair.config.connections import (
    Connection,
    Connections,
    ConnectionSource,
    Settings,
    Timeouts,
    Tls,
)
from gatepair.config.loader import DEFAULT_FILE, Config, load_config

__all__ = [
    "DEFAULT_FILE",
    "Config",
    "Connection",
    "ConnectionSource",
    "Connections",
    "Settings",
    "Timeouts",
    "Tls",
    "json_schema",
    "load_config",
]


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 7) of pairs.toml, for editors that complete and check TOML."""
    from gatepair.config.schema import schema  # noqa: PLC0415 - programs that only load a file need it not

    return schema()
