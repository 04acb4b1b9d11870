"""The network of one appliance: what belongs to the node and is never taken over from its peer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from gatepair.errors import InvalidInput

LONGEST_HOST_NAME: Final = 255
INTERFACE_NAME: Final = "[A-Za-z0-9]+(/[A-Za-z0-9]+){1,2}"
# nshostname refuses other names with error 417, "Invalid hostname".
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


@attrs.frozen(kw_only=True)
class Interface:
    """Part of a network interface in failover (``haheartbeat`` and ``hamonitor`` of ``Interface``).

    Both are on unless switched off, as on an appliance from the factory.

    Attributes:
        heartbeat: Send and expect heartbeats here.
        monitor: Count its loss as a failure of the node; switch it off on unused interfaces.
    """

    heartbeat: bool = True
    monitor: bool = True


def check_interface_name(name: str) -> None:
    """Refuse what is no name of an interface, such as ``1/1``, ``10/2``, ``LA/1`` or ``0/1``.

    Raises:
        InvalidInput: It is none.
    """
    if not re.fullmatch(INTERFACE_NAME, name):
        raise InvalidInput(f"'{name}' is not the name of an interface such as 1/1", key="interfaces")


def interface_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts interfaces by slot and port as numbers: 1/2 before 1/10 before LA/1."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in name.split("/"))


def _in_order(value: Mapping[str, Interface] | None) -> Mapping[str, Interface] | None:
    if value is None:
        return None
    for name in value:
        check_interface_name(name)
    return MappingProxyType({name: value[name] for name in sorted(value, key=interface_order)})


def _check_host_name(_: object, __: object, value: str | None) -> None:
    if value is not None and (len(value) > LONGEST_HOST_NAME or not _HOST_NAME.fullmatch(value)):
        raise InvalidInput(f"'{value}' is not a host name", key="host_name")


@attrs.frozen(kw_only=True)
class Network:
    """What is declared of an appliance's network. ``None`` means: not declared, left as it is.

    Attributes:
        host_name: 1 to 255 characters.
        interfaces: Declared interfaces by name, in the order of their numbers.

    Example:
        >>> Network(host_name="gw-a", interfaces={"1/10": Interface(), "1/2": Interface()}).declared
        ('host_name', 'interfaces')
    """

    host_name: str | None = attrs.field(default=None, validator=_check_host_name)
    interfaces: Mapping[str, Interface] | None = attrs.field(default=None, converter=_in_order, hash=False)

    @property
    def declared(self) -> tuple[str, ...]:
        """Names of the members that are declared."""
        return tuple(name for name in NETWORK_KEYS if getattr(self, name) is not None)

    def limited(self, *, keys: tuple[str, ...], interfaces: tuple[str, ...] | None = None) -> Network:
        """Return the network with only some members and, of the interfaces, only some names.

        Args:
            keys: Members to keep, see `NETWORK_KEYS`.
            interfaces: Interfaces to keep; absent, all.
        """
        kept = self.interfaces
        if kept is not None and interfaces is not None:
            kept = {name: interface for name, interface in kept.items() if name in interfaces}
        return Network(
            host_name=self.host_name if "host_name" in keys else None,
            interfaces=kept if "interfaces" in keys else None,
        )


NETWORK_KEYS: Final = tuple(field.name for field in attrs.fields(Network))
"""Everything of a network that can be declared."""
