"""Handlers of the work on a running pair: verify, synchronize, restart, a new shared key, upgrade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from gatepair.models import SecretReference
from gatepair_bridge.api.asked import FLAG, TEXT, Asked, Kind, words
from gatepair_bridge.api.messages import Request, Response, json_response
from gatepair_bridge.api.pairs import named_pair, plan_response

if TYPE_CHECKING:
    from gatepair.models import Pair
    from gatepair.sessions.plain import PairSession
    from gatepair.verify.options import VerifyOptions
    from gatepair.workflows.plan import ChangePlan
    from gatepair.workflows.upgrading.options import UpgradeOptions, UserWatch
    from gatepair_bridge.api.core import Bridge
    from gatepair_bridge.api.pairs import Addresses

# What is sent to users' own address for a caller must not be able to carry more than a name and a path.
SERVER_NAME: Final = Kind(str, "a host name", r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
URL_PATH: Final = Kind(str, "a path such as /vpn/index.html", r"/[!-~]{0,1023}")
# A hard failover runs commands that cut the power: that is for the machine's own operator, not for callers.
KINDS: Final = words("forced", "graceful")
VERIFY: Final[Mapping[str, Kind]] = {
    "kinds": KINDS,
    "fail_back": FLAG,
    "server_name": SERVER_NAME,
    "path": URL_PATH,
}
SYNC: Final[Mapping[str, Kind]] = {"files": FLAG}
RESTART: Final[Mapping[str, Kind]] = {"node": TEXT, "force": FLAG}
KEY: Final[Mapping[str, Kind]] = {"shared_key": TEXT}
UPGRADE: Final[Mapping[str, Kind]] = {
    "url": TEXT,
    "build": TEXT,
    "primary": TEXT,
    "fail_back": FLAG,
    "allow_downgrade": FLAG,
    "server_name": SERVER_NAME,
}
HTTPS_PORT: Final = 443


class Result(Protocol):
    """What a piece of work tells of itself."""

    def to_dict(self) -> dict[str, object]:
        """Return it as a JSON-ready mapping."""
        ...


R = TypeVar("R", bound=Result)


def verify(bridge: Bridge, request: Request) -> Response:
    """Prove that failover works, while users are watched at the external virtual IP."""
    addresses = named_pair(bridge, request)
    asked = Asked(request, VERIFY)

    def options(session: PairSession) -> VerifyOptions:
        from gatepair.verify.options import VerifyOptions  # noqa: PLC0415 - seldom needed

        _users_address(bridge, session)
        return VerifyOptions(
            kinds=asked.words("kinds", ("forced",)),  # pyright: ignore[reportArgumentType]  # read by its converter
            fail_back=asked.flag("fail_back", default=True),
            server_name=asked.text("server_name"),
            path=asked.text("path") or "/",
            ca_file=bridge.premises.gateway_ca,
        )

    return _done(
        bridge,
        request,
        addresses,
        plan=lambda session: session.plan_verify(options(session)),
        do=lambda session: session.verify(options(session)),
    )


def synchronize(bridge: Bridge, request: Request) -> Response:
    """Copy the primary's configuration to the secondary."""
    addresses = named_pair(bridge, request)
    files = Asked(request, SYNC).flag("files")
    return _done(
        bridge,
        request,
        addresses,
        plan=lambda session: session.plan_synchronize(files=files),
        do=lambda session: session.synchronize(files=files),
    )


def restart(bridge: Bridge, request: Request) -> Response:
    """Restart the appliances one after the other, users served by the other one."""
    addresses = named_pair(bridge, request)
    asked = Asked(request, RESTART)
    node, force = asked.address("node"), asked.flag("force")
    return _done(
        bridge,
        request,
        addresses,
        plan=lambda session: session.plan_restart(node, force=force),
        do=lambda session: session.restart(node, force=force),
    )


def rotate_key(bridge: Bridge, request: Request) -> Response:
    """Give both appliances a new shared key."""
    addresses = named_pair(bridge, request)
    text = Asked(request, KEY).required("shared_key")
    key = SecretReference(text)
    bridge.policy.check_reference(text, "shared_key")
    return _done(
        bridge,
        request,
        addresses,
        plan=lambda session: session.plan_rotate_key(),
        do=lambda session: session.rotate_key(key),
    )


def upgrade(bridge: Bridge, request: Request) -> Response:
    """Upgrade both appliances, users served by the other one."""
    addresses = named_pair(bridge, request)
    asked = Asked(request, UPGRADE)
    url = asked.required("url")
    bridge.policy.check_firmware(url)
    primary = asked.address("primary")
    watched = asked.text("server_name")

    def options(session: PairSession, *, watch: bool) -> UpgradeOptions:
        from gatepair.workflows.upgrading.options import UpgradeOptions  # noqa: PLC0415 - seldom needed

        return UpgradeOptions(
            url=url,
            build=asked.text("build"),
            primary=primary,
            fail_back=asked.flag("fail_back", default=True),
            allow_downgrade=asked.flag("allow_downgrade"),
            users=_watch(bridge, session, addresses, watched) if watch and watched else None,
            backup_directory=bridge.premises.backups,
        )

    return _done(
        bridge,
        request,
        addresses,
        plan=lambda session: session.plan_upgrade(options(session, watch=False)),
        do=lambda session: session.upgrade(options(session, watch=True)),
    )


def _done(
    bridge: Bridge,
    request: Request,
    addresses: Addresses,
    *,
    plan: Callable[[PairSession], ChangePlan],
    do: Callable[[PairSession], R],
) -> Response:
    pair: Pair | Addresses = next(
        (pair for pair in bridge.sessions.declared.values() if pair.addresses == addresses), addresses
    )
    with bridge.sessions.open(pair, request) as session:
        if request.flag("dry_run"):
            return plan_response(plan(session))
        with bridge.exclusive(request, map(str, addresses)):
            return json_response(200, do(session).to_dict())


def _users_address(bridge: Bridge, session: PairSession) -> str:
    """Give the external virtual IP, if the bridge may go there as a user would."""
    document = session.observe().to_document()
    external = document["external_virtual_ip"]
    address = str(external["address"]) if isinstance(external, dict) else ""  # pyright: ignore[reportUnknownArgumentType]  # a document of our own
    if address:
        bridge.policy.check_users_address(ip_address(address))
    return address


def _watch(bridge: Bridge, session: PairSession, addresses: Addresses, server_name: str) -> UserWatch | None:
    from gatepair.nitro.resources.gateway import GatewayServer  # noqa: PLC0415 - as above
    from gatepair.probes import Probe, Target, Watch  # noqa: PLC0415 - seldom needed

    address = _users_address(bridge, session)
    if not address:
        return None
    ports = [row.port for row in session.observe().speaker.all(GatewayServer) if row.address == address]
    authority = bridge.premises.gateway_ca or bridge.sessions.ca_file(addresses[0])
    target = Target(address, ports[0] if ports else HTTPS_PORT, server_name, authority)
    # A kept connection breaks with every failover; that is what users reconnect for.
    return Watch(target, probes=(Probe.CONNECT, Probe.REQUEST))
