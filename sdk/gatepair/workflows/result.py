"""What workflows report: the pair's status, a failover, a dissolution."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class NodeStatus:
    """Live facts of one appliance; unknown words are empty.

    Attributes:
        address: Management address as ``host[:port]``.
        reachable: Whether it answered with valid credentials.
        role: ``primary``, ``secondary``, ``standalone`` or ``unknown``.
        health: ``hacurstate`` as the appliance says it, such as ``UP``.
        state: ``hastatus`` of the node, such as ``UP`` or ``STAYSECONDARY``.
        sync: State of configuration synchronization, such as ``SUCCESS``; ``-`` on a primary.
        version: Firmware, such as ``NS14.1: Build 25.53.nc``.
        host_name: The appliance's host name.
        nsip: Its own address as the appliance knows it.
        peer: Address of the other node as this one knows it.
        unsaved_changes: Whether a restart would lose configuration.
        in_role_s: Seconds in the present role.
        error: Why it could not be read.
    """

    address: str
    reachable: bool
    role: str = "unknown"
    health: str = ""
    state: str = ""
    sync: str = ""
    version: str = ""
    host_name: str = ""
    nsip: str = ""
    peer: str = ""
    unsaved_changes: bool = False
    in_role_s: int = 0
    error: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the facts as a JSON-ready mapping."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class PairStatus:
    """Live facts of a pair.

    Attributes:
        id: Canonical pair identifier.
        failover_pair: ``formed``, ``dissolved`` or ``broken``.
        healthy: Formed, both nodes reachable and up, synchronized, exactly one primary.
        nodes: The two appliances in canonical order.
        primary: Management address of the live primary, empty when there is none or two.
        external: External virtual IP as found, may be empty.
        internal: Internal virtual IP as found, may be empty.
        problems: What is not as it should be, one sentence each.
    """

    id: str
    failover_pair: str
    healthy: bool
    nodes: tuple[NodeStatus, ...]
    primary: str = ""
    external: str = ""
    internal: str = ""
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the status as a JSON-ready mapping."""
        return {
            "id": self.id,
            "failover_pair": self.failover_pair,
            "healthy": self.healthy,
            "primary": self.primary,
            "external_virtual_ip": self.external,
            "internal_virtual_ip": self.internal,
            "nodes": [node.to_dict() for node in self.nodes],
            "problems": list(self.problems),
        }


@attrs.frozen(kw_only=True)
class FailoverResult:
    """A forced failover that is done.

    Attributes:
        changed: Whether the roles moved; false when ``to`` was primary already.
        old_primary: Who served before.
        new_primary: Who serves now.
        seconds: From the request until both nodes agreed on the new roles.
        warning: What the appliance warned about, may be empty.
    """

    changed: bool
    old_primary: str
    new_primary: str
    seconds: float
    warning: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class DissolveResult:
    """Two standalone appliances after a dissolution.

    Attributes:
        changed: Whether there was a pair to dissolve.
        serving: The appliance that keeps serving users.
        freed: The appliance that left, with none of the pair's addresses answering on it.
        released: Addresses taken off the freed appliance.
        unreachable: Appliances that could not be asked and still believe in the pair.
    """

    changed: bool
    serving: str
    freed: str
    released: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the result as a JSON-ready mapping."""
        return {
            "changed": self.changed,
            "serving": self.serving,
            "freed": self.freed,
            "released": list(self.released),
            "unreachable": list(self.unreachable),
        }
