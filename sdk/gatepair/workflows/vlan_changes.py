"""What has to change so that an appliance has the declared VLANs, in the order it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from gatepair.errors import AlreadyExists, GatepairError, NotFound
from gatepair.models import Vlan
from gatepair.nitro.network import (
    add_vlan,
    bind_address,
    bind_interface,
    name_vlan,
    remove_vlan,
    unbind_address,
    unbind_interface,
)
from gatepair.workflows.plan import Impact, PlannedStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import ManagementAddress
    from gatepair.nitro.call import Call

Vlans = Mapping[int, Vlan]
Bound = Mapping[str, "Call"]


@attrs.frozen(kw_only=True)
class VlanChange:
    """One change of a VLAN; see `gatepair.workflows.network_changes.NetworkChange`."""

    step: PlannedStep
    calls: tuple[Call, ...]
    done_if: type[GatepairError] | None = None


def vlan_changes(address: ManagementAddress, found: Vlans, wanted: Vlans | None) -> Iterator[VlanChange]:
    """Return the changes of an appliance's VLANs.

    What leaves a VLAN leaves it first: an address, and an interface without a tag, can be in one only.

    Args:
        address: The appliance.
        found: Its VLANs.
        wanted: The declared ones; ``None`` leaves all as they are.
    """
    if wanted is None:
        return
    node = str(address)
    for number in (number for number in found if number not in wanted):
        yield VlanChange(
            step=PlannedStep(
                id="remove-vlan",
                title=f"Remove {_name(number, found[number])}",
                node=node,
                impact=Impact.RECONNECT,
                notice=_notice(found[number]),
            ),
            calls=(remove_vlan(number),),
            done_if=NotFound,
        )
    for number in (number for number in wanted if number in found):
        yield from _leaving(node, number, found[number], wanted[number])
    for number, vlan in wanted.items():
        yield from _arriving(node, number, found.get(number), vlan)


def _leaving(node: str, number: int, found: Vlan, wanted: Vlan) -> Iterator[VlanChange]:
    bound = {
        f"interface {name}": unbind_interface(number, name, tagging)
        for name, tagging in found.interfaces.items()
        if wanted.interfaces.get(name) != tagging
    } | {
        str(address): unbind_address(number, address, netmask)
        for address, netmask in found.addresses.items()
        if wanted.addresses.get(address) != netmask
    }
    if bound:
        yield VlanChange(
            step=PlannedStep(
                id="vlan-unbind",
                title=f"Take {', '.join(bound)} out of {_name(number, found)}",
                node=node,
                impact=Impact.RECONNECT,
                notice=_notice(found),
            ),
            calls=tuple(bound.values()),
            done_if=NotFound,
        )


def _arriving(node: str, number: int, found: Vlan | None, wanted: Vlan) -> Iterator[VlanChange]:
    now = found or Vlan()
    bound = {
        f"interface {name} {tagging}": bind_interface(number, name, tagging)
        for name, tagging in wanted.interfaces.items()
        if now.interfaces.get(name) != tagging
    } | {
        str(address): bind_address(number, address, netmask)
        for address, netmask in wanted.addresses.items()
        if now.addresses.get(address) != netmask
    }
    if found is not None and found.alias != wanted.alias:
        yield VlanChange(
            step=PlannedStep(
                id="vlan-alias",
                title=f"Name VLAN {number}: {found.alias or 'none'} -> {wanted.alias or 'none'}",
                node=node,
            ),
            calls=(name_vlan(number, wanted.alias),),
        )
    if found is not None and not bound:
        return
    inside = f" with {', '.join(bound)}" if bound else ""
    title = (
        f"Add {_name(number, wanted)}{inside}"
        if found is None
        else f"Put {', '.join(bound)} into {_name(number, wanted)}"
    )
    yield VlanChange(
        step=PlannedStep(
            id="add-vlan" if found is None else "vlan-bind",
            title=title,
            node=node,
            impact=Impact.RECONNECT if bound else Impact.NONE,
            notice=_notice(wanted) if bound else "",
        ),
        calls=(*((add_vlan(number, wanted.alias),) if found is None else ()), *bound.values()),
        done_if=AlreadyExists,
    )


def _name(number: int, vlan: Vlan) -> str:
    return f"VLAN {number} ({vlan.alias})" if vlan.alias else f"VLAN {number}"


def _notice(vlan: Vlan) -> str:
    where = ", ".join(vlan.interfaces)
    return f"Connections over {where} may break: the switch needs the same VLANs there." if where else ""
