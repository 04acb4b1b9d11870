"""What the table `[stacks]` of pairs.toml says: which provider, where the state is kept. No CDK here."""

from __future__ import annotations

from cdktf_stacks.settings.backend import BackendKind, BackendSettings
from cdktf_stacks.settings.provider import ProviderKind, ProviderSettings
from cdktf_stacks.settings.table import StackSettings, read_stack_settings

__all__ = [
    "BackendKind",
    "BackendSettings",
    "ProviderKind",
    "ProviderSettings",
    "StackSettings",
    "read_stack_settings",
]
