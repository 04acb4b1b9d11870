"""Failover pairs of Citrix gateways (NetScaler) as code.

Example:
    >>> from gatepair import PairSession, load_config  # doctest: +SKIP
    >>> config = load_config("pairs.toml")  # doctest: +SKIP
    >>> with PairSession(config.pairs["office"], config) as pair:  # doctest: +SKIP
    ...     print(pair.status().primary)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair._version import __version__

if TYPE_CHECKING:
    from gatepair.config import Config, Connections, load_config
    from gatepair.errors import GatepairError
    from gatepair.models import (
        Appliance,
        Credentials,
        Failover,
        FurtherVirtualIp,
        Heartbeat,
        Interface,
        InternalVirtualIp,
        ManagementAddress,
        Network,
        Pair,
        Route,
        Secret,
        SecretReference,
        VirtualIp,
        Vlan,
    )
    from gatepair.sessions.asynchronous import AsyncPairSession
    from gatepair.sessions.plain import PairSession
    from gatepair.workflows.upgrading.options import UpgradeOptions

__all__ = [
    "Appliance",
    "AsyncPairSession",
    "Config",
    "Connections",
    "Credentials",
    "Failover",
    "FurtherVirtualIp",
    "GatepairError",
    "Heartbeat",
    "Interface",
    "InternalVirtualIp",
    "ManagementAddress",
    "Network",
    "Pair",
    "PairSession",
    "Route",
    "Secret",
    "SecretReference",
    "UpgradeOptions",
    "VirtualIp",
    "Vlan",
    "__version__",
    "load_config",
]

_HOMES = {
    "gatepair.config": ("Config", "Connections", "load_config"),
    "gatepair.errors": ("GatepairError",),
    "gatepair.models": (
        "Appliance",
        "Credentials",
        "Failover",
        "FurtherVirtualIp",
        "Heartbeat",
        "Interface",
        "InternalVirtualIp",
        "ManagementAddress",
        "Network",
        "Pair",
        "Route",
        "Secret",
        "SecretReference",
        "VirtualIp",
        "Vlan",
    ),
    "gatepair.sessions.asynchronous": ("AsyncPairSession",),
    "gatepair.sessions.plain": ("PairSession",),
    "gatepair.workflows.upgrading.options": ("UpgradeOptions",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    # PEP 562: `import gatepair` stays cheap, and what is used is imported when it is used.
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as above

    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
