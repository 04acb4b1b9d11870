"""What may be written in pairs.toml: one list for the loader and for the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatepair import _kinds as kinds
from gatepair._parts import FAILOVER_KINDS, OPTIONAL_FAILOVER_KINDS

Kinds = Mapping[str, kinds.Kind[object]]

PAIR_NAME: Final = "[A-Za-z][A-Za-z0-9_-]{0,62}"
"""Names of pairs: they become names of stacks, state files and directories."""

CONNECTION: Final[Kinds] = {
    "username": kinds.TEXT,
    "password": kinds.REFERENCE,
    "ca_file": kinds.PATH,
    "insecure": kinds.BOOLEAN,
}
"""How appliances are reached; may stand in ``[defaults]``, in a pair and in an appliance."""

TIMEOUTS: Final[Kinds] = dict.fromkeys(("connect_s", "read_s", "write_s", "pool_s"), kinds.SECONDS)
"""The table ``timeouts``, which may stand wherever the keys of `CONNECTION` may."""

SHARED: Final[Kinds] = {
    "shared_key": kinds.REFERENCE,
    "shared_key_version": kinds.VERSION,
    "overwrite_joining_node": kinds.BOOLEAN,
    **FAILOVER_KINDS,
    **OPTIONAL_FAILOVER_KINDS,
}
"""What several pairs may have in common; may stand in ``[defaults]`` and in a pair."""

OWN: Final[Kinds] = {
    "preferred_primary": kinds.MANAGEMENT_ADDRESS,
    "replaces_external": kinds.IPV4,
}
"""What only a pair can say."""

APPLIANCE: Final[Kinds] = {"address": kinds.MANAGEMENT_ADDRESS}

FAILOVER: Final = (*FAILOVER_KINDS, *OPTIONAL_FAILOVER_KINDS)

OWN_TABLES: Final = ("appliances", "external", "internal", "further")
"""Tables and lists that only a pair can have."""

FOREIGN_TABLES: Final = ("stacks",)
"""Tables of the file that other packages read, and check, themselves."""

IN_DEFAULTS: Final = (*CONNECTION, "timeouts", *SHARED, "heartbeat")
IN_PAIR: Final = (*OWN_TABLES, *IN_DEFAULTS, *OWN)
