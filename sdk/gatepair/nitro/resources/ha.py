"""High availability: the node and its peer, their statistics, the key they share."""

from __future__ import annotations

from typing import ClassVar

import attrs

from gatepair.nitro.decoding import Resource, number, text, words

SELF = 0
"""Id under which every appliance knows itself."""

PEER = 1
"""Id this SDK gives the other appliance; one formed by hand may have any id from 1 to 64."""

STAY_PRIMARY = "STAYPRIMARY"
STAY_SECONDARY = "STAYSECONDARY"
ENABLED = "ENABLED"
DISABLED = "DISABLED"
PINS = frozenset({STAY_PRIMARY, STAY_SECONDARY})
UP = "UP"
"""``hacurstate`` of a node in good health."""

SYNC_DONE = "SUCCESS"
SYNC_FAILED = "FAILED"
SYNC_RUNS = "IN PROGRESS"
SYNC_OFF = frozenset({DISABLED, "AUTO DISABLED"})
"""Switched off by hand, or by the appliance while the two nodes run different builds."""


@attrs.frozen(kw_only=True)
class HaNode(Resource):
    """``hanode``: id 0 is the appliance asked, any other id its peer."""

    TYPE: ClassVar[str] = "hanode"

    id: int = number()
    name: str = text()
    ip_address: str = text("ipaddress")
    state: str = text()
    ha_status: str = text("hastatus")
    sync: str = text("hasync")
    propagation: str = text("haprop")
    hello_interval_ms: int = number("hellointerval")
    dead_interval_s: int = number("deadinterval")
    fail_safe: str = text("failsafe")
    max_flips: int = number("maxflips")
    max_flip_time_s: int = number("maxfliptime")
    sync_vlan: int = number("syncvlan")
    independent_network: str = text("inc")
    enabled_interfaces: tuple[str, ...] = words("enaifaces")
    monitored_interfaces: tuple[str, ...] = words("hamonifaces")
    # Despite its name the attribute lists the interfaces on which heartbeats are switched off.
    silenced_interfaces: tuple[str, ...] = words("haheartbeatifaces")
    silent_interfaces: tuple[str, ...] = words("ifaces")
    failed_interfaces: tuple[str, ...] = words("pfifaces")
    in_state_s: int = number("masterstatetime")
    sync_failure: str = text("hasyncfailurereason")

    @property
    def is_self(self) -> bool:
        """Whether this is the appliance that was asked."""
        return self.id == SELF

    @property
    def pin(self) -> str:
        """The pin that holds the node in a role, empty when it may change roles freely."""
        status = self.ha_status.upper()
        return status if status in PINS else ""

    @property
    def held(self) -> str:
        """The pin, or that the node is disabled; empty when it takes part in failover freely."""
        status = self.ha_status.upper()
        return status if status in PINS or status == DISABLED else ""


@attrs.frozen(kw_only=True)
class HaStatistics(Resource):
    """``stat/hanode``: meaningful only while the appliance is in a pair."""

    TYPE: ClassVar[str] = "hanode"
    STAT: ClassVar[bool] = True

    in_pair: str = text("hacurstatus")
    health: str = text("hacurstate")
    role: str = text("hacurmasterstate")
    changed_at: str = text("transtime")
    sync_failures: int = number("haerrsyncfailure")
    propagation_timeouts: int = number("haerrproptimeout")


@attrs.frozen(kw_only=True)
class RpcNode(Resource):
    """``nsrpcnode``: an address and how to talk to it; the password is never given back."""

    TYPE: ClassVar[str] = "nsrpcnode"

    ip_address: str = text("ipaddress")
    source: str = text("srcip")
    secure: str = text()
