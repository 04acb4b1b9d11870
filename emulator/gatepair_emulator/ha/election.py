"""Rules and ranks: what the state machine decides by, and what it tells its driver."""

from __future__ import annotations

import ipaddress

from attrs import define, frozen

from gatepair_emulator.ha.messages import Admin, Health, Hello, Role


@frozen(kw_only=True)
class RoleChanged:
    """The node has a new role.

    Attributes:
        role: The new one.
        before: The one it had.
        reason: Why, for the log.
    """

    role: Role
    before: Role
    reason: str


@frozen(kw_only=True)
class SayHello:
    """The node wants a heartbeat sent now, not at the next interval."""


Event = RoleChanged | SayHello
Rank = tuple[bool, bool, bool, bool, int, int]


@define(kw_only=True)
class Rules:
    """What the administrator has set on this node.

    Attributes:
        admin: ``hastatus`` as written.
        dead_interval_s: Silence of the peer before it counts as down, in seconds.
        fail_safe: Keep one primary when both nodes are unhealthy.
        max_flips: Role changes after which the primary sticks; 0 for no limit.
        max_flip_time_s: Time over which role changes are counted, in seconds.
    """

    admin: Admin = Admin.ENABLED
    dead_interval_s: float = 3.0
    fail_safe: bool = False
    max_flips: int = 0
    max_flip_time_s: float = 0.0


def rank_of(node: Hello) -> Rank:
    """How good a candidate a node is when neither is primary.

    Args:
        node: What it says of itself.

    Returns:
        Greater wins; two nodes are never equal.
    """
    return (
        node.eligible,
        node.admin is Admin.STAYPRIMARY,
        node.health is Health.UP,
        node.settled,
        node.last_primary,
        -order(node.sender),
    )


def order(address: str) -> int:
    """An address as a number, to settle what nothing else settles.

    Args:
        address: IP address.

    Returns:
        Its number.
    """
    return int(ipaddress.ip_address(address))
