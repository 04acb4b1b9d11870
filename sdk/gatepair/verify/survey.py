"""The look before verify does anything: is the pair in order, and where do its users go."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from gatepair.models import Heartbeat
from gatepair.nitro.decoding import from_reply, number, read, text
from gatepair.nitro.resources.gateway import GatewayServer
from gatepair.nitro.resources.ha import ENABLED
from gatepair.nitro.resources.system import NsVersion
from gatepair.probes import Target
from gatepair.verify.looking import LookerFactory
from gatepair.verify.measures import Promise
from gatepair.verify.power import PoweredNode
from gatepair.workflows.core import ask
from gatepair.workflows.network_reading import host_name_of
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.report import Check, Verdict
from gatepair.workflows.status import judge as judge_status
from gatepair.workflows.virtual_ips import observed_external

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatepair.config import ConnectionSource
    from gatepair.models import Pair
    from gatepair.verify.looking import MakeLooker
    from gatepair.verify.options import VerifyOptions
    from gatepair.workflows.core import Flow
    from gatepair.workflows.observation import ObservedNode, ObservedPair

HTTPS_PORT = 443


@attrs.frozen(kw_only=True)
class Site:
    """The pair that verify works on, and how it is reached.

    Attributes:
        addresses: The two appliances in canonical order.
        letters: ``a`` for the appliance that is declared first, ``b`` for the other one, in that order.
        external: External virtual IP to look for first.
        internal: Internal virtual IP to look for first.
        ca_file: CA of the appliances, for the gateway too unless another one is named.
        make_looker: Makes who samples the role of a node.
    """

    addresses: Addresses
    letters: tuple[str, str] = ("a", "b")
    external: str | None = None
    internal: str | None = None
    ca_file: Path | None = None
    make_looker: MakeLooker


def site_of(
    addresses: Addresses,
    declared: Pair | None,
    expected: tuple[str | None, str | None],
    options: VerifyOptions,
    connections: ConnectionSource,
) -> Site:
    """Return the site of a pair.

    Args:
        addresses: The two appliances in canonical order.
        declared: The pair as it is declared, if that is known; its first appliance is ``a``.
        expected: External and internal virtual IP to look for first.
        options: What is to be done.
        connections: Knows how each appliance is reached.
    """
    first = addresses[0] if declared is None else declared.appliances[0].address
    tls = connections.connection(addresses[0]).tls
    return Site(
        addresses=addresses,
        letters=("a", "b") if first == addresses[0] else ("b", "a"),
        external=expected[0],
        internal=expected[1],
        ca_file=tls.ca_file,
        make_looker=LookerFactory(connections, options.timeout_s),
    )


@attrs.frozen(kw_only=True)
class Scene:
    """The pair as it was found before anything was done.

    Attributes:
        site: Where that is.
        pair: Both appliances.
        checks: What was judged.
        target: Where users go; ``None`` if the pair has no external virtual IP.
        promise: What the timers promise.
        powered: Each node as a command that cuts its power knows it.
        independent: The nodes stand in different networks.
    """

    site: Site
    pair: ObservedPair
    checks: tuple[Check, ...]
    target: Target | None
    promise: Promise
    powered: tuple[PoweredNode, PoweredNode]
    independent: bool

    @property
    def fine(self) -> bool:
        """Whether nothing stands against making a failover."""
        return not any(check.verdict is Verdict.FAIL for check in self.checks)

    @property
    def names(self) -> tuple[str, str]:
        """Host names of both nodes."""
        first, second = self.powered
        return first.name, second.name

    @property
    def versions(self) -> tuple[str, str]:
        """Firmware of both nodes."""
        first, second = (node.one(NsVersion).build for node in self.pair.nodes)
        return first, second

    @property
    def primary(self) -> str:
        """Management address of the node that is primary, empty without one."""
        return str(self.pair.primary.address) if self.pair.primary else ""


@attrs.frozen(kw_only=True)
class NamedGateway(GatewayServer):
    """``vpnvserver`` with the name it is known by, if somebody configured that."""

    TYPE: ClassVar[str] = "vpnvserver"

    port: int = number()
    domain: str = text("vserverfqdn")


def survey(site: Site, options: VerifyOptions) -> Flow[Scene]:
    """Look at the pair and say whether it is fit for a failover; change nothing.

    Raises:
        GatepairError: Neither appliance answers.
    """
    pair = yield from observe(site.addresses, external=site.external, internal=site.internal)
    target = None
    if pair.primary is not None:
        reply = yield from ask(pair.primary.address, read(NamedGateway))
        target = target_of(pair, from_reply(NamedGateway, reply), options, site.ca_file)
    return Scene(
        site=site,
        pair=pair,
        checks=tuple(_checks(pair, target)),
        target=target,
        promise=_promise(pair, options),
        powered=_powered(site, pair),
        independent=pair.speaker.ha.independent_network.upper() == ENABLED,
    )


def target_of(
    pair: ObservedPair, gateways: tuple[NamedGateway, ...], options: VerifyOptions, ca_file: Path | None
) -> Target | None:
    """Return where users go: the external virtual IP, and what the Gateway virtual server there is called."""
    external = observed_external(pair)
    if external is None:
        return None
    address = str(external.address)
    server = next((one for one in gateways if one.address == address), NamedGateway())
    return Target(
        address,
        options.port or server.port or HTTPS_PORT,
        options.server_name or server.domain or None,
        None if options.insecure else options.ca_file or ca_file,
        options.path,
        options.insecure,
    )


def _checks(pair: ObservedPair, target: Target | None) -> Iterator[Check]:
    found = judge_status(pair)
    unsaved = [str(node.address) for node in pair.nodes if node.unsaved]
    # What is not saved is lost only if the node restarts; it does not stand against a failover.
    mild = {f"{address} has configuration that is not saved." for address in unsaved}
    grave = [problem for problem in found.problems if problem not in mild]
    yield Check(
        id="pair-healthy",
        title="The pair is in order before anything is done",
        verdict=Verdict.FAIL if grave else Verdict.PASS,
        evidence=" ".join(grave) or f"{found.primary} is primary, its peer a healthy secondary",
        remedy="Bring the pair in order first: gatepair status, gatepair apply." if grave else "",
    )
    if unsaved:
        yield Check(
            id="saved",
            title="The configuration is saved",
            verdict=Verdict.WARN,
            evidence=f"not on {', '.join(unsaved)}",
            remedy="Save it first: a node whose power is cut comes back with what was saved.",
        )
    if target is None:
        yield Check(
            id="external-known",
            title="It is known where users go",
            verdict=Verdict.FAIL,
            evidence="the pair has no external virtual IP that can be told",
            remedy="Declare external in pairs.toml.",
        )


def _promise(pair: ObservedPair, options: VerifyOptions) -> Promise:
    """Return what the slower node's timers promise: either may have to notice that the other is gone."""
    default = Heartbeat()
    timers = [node.ha for node in pair.reachable if node.ha.dead_interval_s and node.ha.hello_interval_ms]
    return Promise.of(
        hello_interval_ms=max((ha.hello_interval_ms for ha in timers), default=default.hello_interval_ms),
        dead_interval_s=max((ha.dead_interval_s for ha in timers), default=default.dead_interval_s),
        every_s=options.interval_s,
        timeout_s=options.timeout_s,
        margin_s=options.margin_s,
    )


def _powered(site: Site, pair: ObservedPair) -> tuple[PoweredNode, PoweredNode]:
    first, second = (
        _powered_node(node, letter) for node, letter in zip(pair.nodes, site.letters, strict=True)
    )
    return first, second


def _powered_node(node: ObservedNode, letter: str) -> PoweredNode:
    return PoweredNode(
        address=str(node.address), host=str(node.address.host), name=host_name_of(node), letter=letter
    )
