"""All resource types, and the configuration an appliance comes with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gatepair_emulator.nitro.errors import INVALID_OBJECT_NAME, NitroError
from gatepair_emulator.nitro.passwords import DEFAULT_ADMINISTRATOR, digest
from gatepair_emulator.resources import (
    addresses,
    balancing,
    certificates,
    configuration,
    gateway,
    ha,
    ha_actions,
    ha_bindings,
    life,
    maintenance,
    network,
    sta,
    system,
    users,
    virtual_servers,
    vpn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair_emulator.nitro.schema import ResourceType
    from gatepair_emulator.node import Node
    from gatepair_emulator.resources.behaviour import Behaviour
    from gatepair_emulator.values import Row

_MODULES = (
    addresses,
    balancing,
    certificates,
    configuration,
    gateway,
    ha,
    ha_actions,
    ha_bindings,
    life,
    maintenance,
    network,
    sta,
    system,
    users,
    virtual_servers,
    vpn,
)
BEHAVIOURS: dict[str, Behaviour] = {
    each.kind.name: each for module in _MODULES for each in module.behaviours()
}
_BY_LOWER = {name.lower(): each for name, each in BEHAVIOURS.items()}


def behaviour_of(name: str) -> Behaviour:
    """A type by its name in any case.

    Args:
        name: As a client spells it.

    Returns:
        The behaviour.

    Raises:
        NitroError: 1232, there is no such type.
    """
    found = _BY_LOWER.get(name.lower())
    if found is None:
        raise NitroError(INVALID_OBJECT_NAME, name)
    return found


def defaults(kind: ResourceType) -> Row:
    """The defaults of a type as a row.

    Args:
        kind: The type.

    Returns:
        The row.
    """
    return {each.name: each.default for each in kind.attributes if each.default is not None}


def factory_rows(node: Node) -> Iterator[tuple[str, str, Row]]:
    """The configuration of an appliance out of the box.

    Args:
        node: The appliance.

    Yields:
        Type, key and row.
    """
    settings = node.settings
    yield "nsconfig", "", {}
    yield "nshostname", "", {"hostname": "ns"}
    yield "hanode", "0", {"id": 0, **ha.OWN_DEFAULTS}
    yield "systemparameter", "", defaults(system.PARAMETER)
    yield "nsfeature", "", {"feature": [name for name, on in system.FEATURES.items() if on]}
    yield "nsmode", "", {"mode": [name for name, on in system.MODES.items() if on]}
    yield "ntpsync", "", {"state": "DISABLED"}
    yield "vlan", "1", {**defaults(network.VLAN), "id": 1}
    for name in (*settings.interfaces, network.LOOPBACK):
        row = {**defaults(network.INTERFACE), "id": name}
        if name == network.LOOPBACK:
            row.update({"hamonitor": "OFF", "haheartbeat": "OFF"})
        yield "Interface", name, row
    own = addresses.new_address(settings.address, settings.netmask, "NSIP")
    own["mgmtaccess"] = "ENABLED"
    yield "nsip", f"{settings.address}\x1f0", own
    for name, rule in users.BUILT_IN_POLICIES.items():
        yield "systemcmdpolicy", name, {"policyname": name, "action": "ALLOW", "cmdspec": rule}
    yield "systemuser", users.ADMINISTRATOR, _administrator(node)
    binding: Row = {"username": users.ADMINISTRATOR, "policyname": "superuser", "priority": 100}
    yield "systemuser_systemcmdpolicy_binding", f"{users.ADMINISTRATOR}\x1fsuperuser", binding


def _administrator(node: Node) -> Row:
    """The first administrator, with the password of the scenario, or the factory's."""
    file = node.settings.administrator_file
    password = Path(file).read_text(encoding="utf-8").strip() if file else DEFAULT_ADMINISTRATOR
    row = defaults(users.USER)
    row.update({"username": users.ADMINISTRATOR, "password": digest(users.ADMINISTRATOR, password)})
    return row
