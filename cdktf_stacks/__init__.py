"""Failover pairs of Citrix gateways as CDKTF stacks.

Names are imported when they are first used, because most of them start Node.

Example:
    ```python
    from cdktf_stacks import app_from, problems_reported

    with problems_reported():
        app_from("pairs.toml").synth()
    ```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdktf_stacks.app import app_from, problems_reported
    from cdktf_stacks.bindings import (
        BUNDLED,
        MASTERCARD,
        DataRestapiObject,
        ProviderSource,
        RestapiObject,
        RestapiProvider,
    )
    from cdktf_stacks.constructs import Appliance, FailoverPair, FailoverPairs, VirtualIp
    from cdktf_stacks.declaration import Declaration
    from cdktf_stacks.settings import (
        BackendKind,
        BackendSettings,
        ProviderKind,
        ProviderSettings,
        StackSettings,
    )
    from cdktf_stacks.stacks import FailoverPairStack, declare_provider, stacks_from

__all__ = [
    "BUNDLED",
    "MASTERCARD",
    "Appliance",
    "BackendKind",
    "BackendSettings",
    "DataRestapiObject",
    "Declaration",
    "FailoverPair",
    "FailoverPairStack",
    "FailoverPairs",
    "ProviderKind",
    "ProviderSettings",
    "ProviderSource",
    "RestapiObject",
    "RestapiProvider",
    "StackSettings",
    "VirtualIp",
    "app_from",
    "declare_provider",
    "problems_reported",
    "stacks_from",
]

_MODULES = {
    "app": ("app_from", "problems_reported"),
    "bindings": (
        "BUNDLED",
        "MASTERCARD",
        "DataRestapiObject",
        "ProviderSource",
        "RestapiObject",
        "RestapiProvider",
    ),
    "constructs": ("Appliance", "FailoverPair", "FailoverPairs", "VirtualIp"),
    "declaration": ("Declaration",),
    "settings": ("BackendKind", "BackendSettings", "ProviderKind", "ProviderSettings", "StackSettings"),
    "stacks": ("FailoverPairStack", "declare_provider", "stacks_from"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
