"""What one appliance is: identity, licence, clock, and whether it can be reached at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import attrs

from gatepair.errors import GatepairError
from gatepair.nitro.resources.ha import HaNode
from gatepair.nitro.resources.system import NsConfig, NsHardware, NsHostName, NsVersion
from gatepair.nitro.resources.upkeep import Licences
from gatepair.workflows.network_reading import host_name_of
from gatepair.workflows.observe import observe_node

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress
    from gatepair.nitro.decoding import Resource
    from gatepair.workflows.core import Flow
    from gatepair.workflows.observation import ObservedNode

_NEEDED: Final[tuple[type[Resource], ...]] = (NsVersion, NsConfig, HaNode)
_KINDS: Final[tuple[type[Resource], ...]] = (*_NEEDED, NsHardware, NsHostName, Licences)
NO_END: Final = -1


@attrs.frozen(kw_only=True)
class ApplianceFacts:
    """Identity and state of one appliance; unknown words are empty.

    Attributes:
        address: Management address as ``host[:port]``.
        reachable: Whether it answered with valid credentials.
        host_name: Its host name.
        nsip: Its own address as it knows it, which may differ from the one it is managed at.
        role: ``primary``, ``secondary``, ``standalone`` or ``unknown``.
        peer: Address of the other node as it knows it, empty for a standalone appliance.
        version: Firmware, such as ``NS14.1: Build 25.53.nc``.
        platform: Hardware or hypervisor in its own words.
        serial: Serial number.
        model: Number of the licensed model.
        licence_days: Days until the licence expires, -1 for one that does not, or that it does not tell.
        unsaved_changes: Whether a restart would lose configuration.
        clock: Its time, RFC 3339 in UTC; empty if it does not tell.
        error: Why it could not be read.
    """

    address: str
    reachable: bool
    host_name: str = ""
    nsip: str = ""
    role: str = "unknown"
    peer: str = ""
    version: str = ""
    platform: str = ""
    serial: str = ""
    model: str = ""
    licence_days: int = NO_END
    unsaved_changes: bool = False
    clock: str = ""
    error: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the facts as a JSON-ready mapping."""
        return attrs.asdict(self)


def appliance(address: ManagementAddress) -> Flow[ApplianceFacts]:
    """Ask one appliance what it is; that it does not answer is a fact, too."""
    try:
        node = yield from observe_node(address, _KINDS, needed=_NEEDED)
    except GatepairError as error:
        return ApplianceFacts(address=str(address), reachable=False, error=str(error))
    return _facts(node)


def _facts(node: ObservedNode) -> ApplianceFacts:
    hardware, licence, config = node.one(NsHardware), node.one(Licences), node.one(NsConfig)
    moment = datetime.fromtimestamp(config.clock_s, UTC).isoformat() if config.clock_s else ""
    return ApplianceFacts(
        address=str(node.address),
        reachable=True,
        host_name=host_name_of(node),
        nsip=node.nsip,
        role=str(node.role),
        peer=node.peer.ip_address if node.peer else "",
        version=node.one(NsVersion).build,
        platform=hardware.description or hardware.platform,
        serial=hardware.serial,
        model=licence.model,
        licence_days=int(licence.days_left) if licence.days_left.lstrip("-").isdecimal() else NO_END,
        unsaved_changes=node.unsaved,
        clock=moment.replace("+00:00", "Z"),
    )
