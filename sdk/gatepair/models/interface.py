"""Network interfaces, as far as failover is concerned."""

from __future__ import annotations

import re
from typing import Final

import attrs

from gatepair.errors import InvalidInput

INTERFACE_NAME: Final = "[A-Za-z0-9]+(/[A-Za-z0-9]+){1,2}"


@attrs.frozen(kw_only=True)
class Interface:
    """Part of a network interface in failover (``haheartbeat`` and ``hamonitor`` of ``Interface``).

    All are on unless switched off, as on an appliance from the factory.

    Attributes:
        heartbeat: Send and expect heartbeats here.
        monitor: Count its loss as a failure of the node; switch it off on unused interfaces.
        state: The interface itself is switched on.
    """

    heartbeat: bool = True
    monitor: bool = True
    state: bool = True


def check_interface_name(name: str, key: str = "interfaces") -> None:
    """Refuse what is no name of an interface, such as ``1/1``, ``10/2``, ``LA/1`` or ``0/1``.

    Raises:
        InvalidInput: It is none.
    """
    if not re.fullmatch(INTERFACE_NAME, name):
        raise InvalidInput(f"'{name}' is not the name of an interface such as 1/1", key=key)


def interface_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts interfaces by slot and port as numbers: 1/2 before 1/10 before LA/1."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in name.split("/"))
