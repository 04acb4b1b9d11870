"""What has to change so that the pair has the declared virtual IPs, in the order it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.models import VirtualIpRole
from gatepair.nitro import calls
from gatepair.nitro.call import Method
from gatepair.nitro.resources.addresses import SNIP, VIP
from gatepair.nitro.resources.gateway import GatewayServer, VirtualServer
from gatepair.workflows.plan import Impact, PlannedStep
from gatepair.workflows.settings import enabled
from gatepair.workflows.virtual_ips import find_internal, further_rows, old_external, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import InternalVirtualIp, Pair, VirtualIp
    from gatepair.nitro.call import Call
    from gatepair.workflows.observation import ObservedNode


@attrs.frozen(kw_only=True)
class AddressChange:
    """One planned step and the calls that make it, to be sent to the primary in order.

    Attributes:
        step: The change in words.
        calls: What is sent.
        needless_if_absent: The thing to remove may be gone already, which is as good.
    """

    step: PlannedStep
    calls: tuple[Call, ...]
    needless_if_absent: bool = False


def address_changes(primary: ObservedNode, desired: Pair) -> tuple[AddressChange, ...]:
    """Return the changes of virtual IPs that are missing on the primary.

    A new address is added before the old one is removed, so that cut off at any point users are
    served on one of them.

    Raises:
        AmbiguousVirtualIp: Several addresses could be the old external one.
    """
    main = (*_external(primary, desired), *_internal(primary, desired))
    gone = {call.name or "" for change in main for call in change.calls if call.method is Method.DELETE}
    return (*main, *_further(primary, desired, gone))


def _further(primary: ObservedNode, desired: Pair, gone: set[str]) -> Iterator[AddressChange]:
    if desired.further is None:
        return
    for wanted in desired.further:
        values = _external_values(wanted)
        if wanted.role is VirtualIpRole.INTERNAL:
            values |= {
                "type": SNIP,
                "vserver": enabled(False),
                "mgmtaccess": enabled(wanted.management_access),
            }
        yield from _present(primary, wanted, "further", values)
    named = _apart(desired)
    main = gone | {str(ip.address) for ip in (desired.external, desired.internal) if ip}
    for row in further_rows(primary, named, main):
        if row.address not in named:
            removal = _removal(row.address, "further")
            step = attrs.evolve(
                removal.step,
                title=f"Remove the further virtual IP {row.address}, which is not declared",
                impact=Impact.RECONNECT,
            )
            yield attrs.evolve(removal, step=step)


def _apart(desired: Pair) -> frozenset[str]:
    return frozenset(str(virtual_ip.address) for virtual_ip in desired.further or ())


def _external(primary: ObservedNode, desired: Pair) -> Iterator[AddressChange]:
    wanted = desired.external
    if wanted is None:
        return
    if not desired.same_address:
        yield from _present(primary, wanted, "external", _external_values(wanted))
    elif desired.internal:
        yield from _present(primary, wanted, "external", _shared_values(desired.internal))
    old = old_external(primary, wanted, desired.replaces_external, _apart(desired))
    if old is None:
        return
    yield from _moves(primary, old, str(wanted.address))
    kept = desired.internal and str(desired.internal.address) == old
    if row_of(primary, old) and not kept:
        yield _removal(old, "external")


def _internal(primary: ObservedNode, desired: Pair) -> Iterator[AddressChange]:
    wanted = desired.internal
    if wanted is None:
        return
    present = row_of(primary, wanted.address)
    if not desired.same_address:
        yield from _present(primary, wanted, "internal", _internal_values(wanted))
    old = find_internal(primary, None, _apart(desired))
    if present or old is None:
        return
    serves = desired.external and str(desired.external.address) == old.address
    if not serves and old.address != str(wanted.address) and not _used(primary, old.address):
        yield _removal(old.address, "internal")


def _external_values(wanted: VirtualIp) -> dict[str, object]:
    return {"netmask": str(wanted.netmask), "type": VIP}


def _internal_values(wanted: InternalVirtualIp) -> dict[str, object]:
    return {
        "netmask": str(wanted.netmask),
        "type": SNIP,
        "vserver": enabled(False),
        "mgmtaccess": enabled(wanted.management_access),
    }


def _shared_values(wanted: InternalVirtualIp) -> dict[str, object]:
    return {**_internal_values(wanted), "vserver": enabled(True)}


def _present(
    primary: ObservedNode, wanted: VirtualIp, role: str, values: dict[str, object]
) -> Iterator[AddressChange]:
    address = str(wanted.address)
    row = row_of(primary, address)
    node = str(primary.address)
    if row is None:
        yield AddressChange(
            step=PlannedStep(id=f"add-{role}", title=f"Add the {role} virtual IP {address}", node=node),
            calls=(calls.add_address({"ipaddress": address, **values}),),
        )
        return
    if not row.is_on:
        yield AddressChange(
            step=PlannedStep(
                id=f"enable-{role}", title=f"Switch the {role} virtual IP {address} on", node=node
            ),
            calls=(calls.switch_address(address, on=True),),
        )
    found: dict[str, object] = {"netmask": row.netmask}
    if row.is_a(SNIP):
        found |= {"vserver": enabled(row.virtual_servers), "mgmtaccess": enabled(row.management_access)}
    needs = {key: values[key] for key in found if key in values and values[key] != found[key]}
    # Virtual servers on an internal address are not ours to switch off.
    if needs.get("vserver") == enabled(False):
        del needs["vserver"]
    if needs:
        words = ", ".join(f"{key} {found[key]} -> {value}" for key, value in needs.items())
        yield AddressChange(
            step=PlannedStep(
                id=f"change-{role}", title=f"Change the {role} virtual IP {address}: {words}", node=node
            ),
            calls=(calls.set_address({"ipaddress": address, **needs}),),
        )


def _moves(primary: ObservedNode, old: str, new: str) -> Iterator[AddressChange]:
    """Move everything that listens on the old address; Gateway servers last and all at once.

    Whether a move is still to be made is told by where the Gateway servers are, so they must not be
    half moved when it is cut off.
    """
    moving = [server for server in primary.servers if server.address == old]
    if not moving:
        return
    names = ", ".join(server.name for server in moving)
    others = [server for server in moving if not isinstance(server, GatewayServer)]
    gateways = [server for server in moving if isinstance(server, GatewayServer)]
    yield AddressChange(
        step=PlannedStep(
            id="move-external",
            title=f"Move {names} from {old} to the external virtual IP {new}",
            node=str(primary.address),
            impact=Impact.RECONNECT,
            notice=f"Users reconnect. Point DNS, NAT, firewall rules and hosts entries from {old} to {new}.",
        ),
        calls=(*(_move(server, new) for server in others), *_move_gateways(gateways, new)),
    )


def _move(server: VirtualServer, new: str) -> Call:
    return calls.move_server(type(server).TYPE, server.name, new)


def _move_gateways(gateways: list[GatewayServer], new: str) -> tuple[Call, ...]:
    if len(gateways) <= 1:
        return tuple(_move(server, new) for server in gateways)
    return (calls.move_servers(GatewayServer.TYPE, [server.name for server in gateways], new),)


def _removal(address: str, role: str) -> AddressChange:
    return AddressChange(
        step=PlannedStep(id=f"remove-{role}", title=f"Remove the old {role} virtual IP {address}"),
        calls=(calls.remove_address(address),),
        needless_if_absent=True,
    )


def _used(primary: ObservedNode, address: str) -> bool:
    return any(server.address == address for server in primary.servers)
