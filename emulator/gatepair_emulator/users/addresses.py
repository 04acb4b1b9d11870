"""Virtual addresses: bound by the primary alone, given up with all their connections.

Only a primary binds them. An address that another node still holds is tried again until it is free,
like a duplicate address on a real network, and shown as a conflict meanwhile.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gatepair_emulator.certificates import context_from
from gatepair_emulator.users.gateway import gateway_handler
from gatepair_emulator.values import Row, number_of, text_of
from gatepair_emulator.wire.server import APPLIANCE_HEADERS, Endpoint, Handler, Listener

if TYPE_CHECKING:
    import ssl

    from gatepair_emulator.node import Node
    from gatepair_emulator.wires import Closable

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 0.2
MANAGEMENT: Final = "management"
NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - a virtual server without an address, nothing is bound


@frozen(kw_only=True)
class Service:
    """What is to answer at an address.

    Attributes:
        endpoint: Where.
        purpose: ``vpnvserver gateway`` and the like, for people.
        certificate: Name of the certificate pair, or empty.
        mark: Changes when the service has to be opened anew.
    """

    endpoint: Endpoint
    purpose: str
    certificate: str
    mark: str


class AddressBook:
    """The virtual addresses of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._open: dict[Endpoint, tuple[Service, Listener]] = {}
        self._held: dict[str, Closable] = {}
        self._troubles: dict[str, OSError] = {}
        self._retry: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self.management: Handler | None = None

    # -- what there is --------------------------------------------------------------------------

    def bound(self) -> list[str]:
        """Addresses and ports this node answers on, sorted."""
        return sorted(str(endpoint) for endpoint in self._open)

    def held(self) -> list[str]:
        """Virtual addresses this node holds, with or without a service on them, sorted."""
        return sorted(self._held)

    def conflicts(self) -> dict[str, str]:
        """Addresses this node should hold but another one does, with the reason."""
        return {
            place: str(trouble)
            for place, trouble in self._troubles.items()
            if trouble.errno == errno.EADDRINUSE
        }

    def absent(self) -> list[str]:
        """Addresses this node should hold but that are none of this machine's, sorted."""
        return sorted(place for place, trouble in self._troubles.items() if trouble.errno != errno.EADDRINUSE)

    def answers(self, endpoint: Endpoint) -> bool:
        """Whether a service is open.

        Args:
            endpoint: Where.

        Returns:
            True if it is bound.
        """
        return endpoint in self._open

    # -- changes --------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring what is bound into line with role and configuration.

        What is no longer wanted is given up before anything else is done.
        """
        addresses = virtual_addresses(self._node)
        wanted = {each.endpoint: each for each in services(self._node) if each.endpoint.address in addresses}
        for endpoint, (service, _) in list(self._open.items()):
            if wanted.get(endpoint) != service:
                self._close_service(endpoint)
        for address in list(self._held):
            if address not in addresses:
                self._release(address)
        self._troubles = {
            place: trouble
            for place, trouble in self._troubles.items()
            if place.partition(":")[0] in addresses
        }
        for address in sorted(addresses):
            self._hold(address)
        missing = any(endpoint not in self._open for endpoint in wanted)
        if missing and self._task is None:
            self._task = asyncio.ensure_future(self._settle())
        elif missing:
            self._again = True
        self._retry_later()

    def close(self) -> None:
        """Give everything up at once."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for endpoint in list(self._open):
            self._close_service(endpoint)
        for address in list(self._held):
            self._release(address)
        self._troubles.clear()

    async def _settle(self) -> None:
        try:
            self._again = True
            while self._again:
                self._again = False
                for service in services(self._node):
                    if service.endpoint not in self._open and service.endpoint.address in self._held:
                        await self._open_service(service)
        finally:
            if self._task is asyncio.current_task():
                self._task = None
                self._retry_later()

    def _retry_later(self) -> None:
        """Try again soon for what another node holds."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self.conflicts():
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self.refresh)

    def _hold(self, address: str) -> None:
        if address in self._held:
            return
        try:
            claim = self._node.wires.hold(address, self._node.settings.ports.heartbeat)
        except OSError as problem:
            self._trouble(address, problem)
            return
        self._held[address] = claim
        self._troubles.pop(address, None)
        _LOG.info("%s: holds %s", self._node.settings.name, address)

    def _release(self, address: str) -> None:
        self._held.pop(address).close()
        _LOG.info("%s: gave up %s", self._node.settings.name, address)

    def _trouble(self, place: str, problem: OSError) -> None:
        if place not in self._troubles:
            kind = "address conflict" if problem.errno == errno.EADDRINUSE else "no such address here"
            _LOG.warning("%s: %s: %s: %s", self._node.settings.name, kind, place, problem.strerror)
        self._troubles[place] = problem

    async def _open_service(self, service: Service) -> None:
        node = self._node
        try:
            context = self._context(service)
        except (OSError, ValueError) as problem:
            _LOG.warning("%s: %s has no usable certificate: %s", node.settings.name, service.purpose, problem)
            return
        listener = self._listener(service, context)
        try:
            await node.wires.listen(listener)
        except OSError as problem:
            self._trouble(str(service.endpoint), problem)
            return
        # The role or the configuration may have changed while the listener was being opened.
        if service.endpoint.address not in self._held or service not in services(node):
            listener.close()
            self._again = True
            return
        self._troubles.pop(str(service.endpoint), None)
        self._open[service.endpoint] = (service, listener)
        _LOG.info("%s: answers on %s (%s)", node.settings.name, service.endpoint, service.purpose)

    def _listener(self, service: Service, context: ssl.SSLContext) -> Listener:
        if service.purpose == MANAGEMENT and self.management is not None:
            return Listener(service.endpoint, self.management, headers=APPLIANCE_HEADERS, tls=context)
        return Listener(
            service.endpoint, gateway_handler(self._node, service.purpose.partition(" ")[2]), tls=context
        )

    def _close_service(self, endpoint: Endpoint) -> None:
        _, listener = self._open.pop(endpoint)
        listener.close()
        _LOG.info("%s: gave up %s", self._node.settings.name, endpoint)

    def _context(self, service: Service) -> ssl.SSLContext:
        node = self._node
        if service.purpose == MANAGEMENT:
            address = service.endpoint.address
            return context_from(*node.authority.management(node.hardware.directory, address))
        row = node.configuration.get("sslcertkey", service.certificate) or {}
        certificate = node.disk.local(text_of(str(row.get("cert", ""))))
        key = node.disk.local(text_of(str(row.get("key", ""))) or text_of(str(row.get("cert", ""))))
        return context_from(certificate, key)


def virtual_addresses(node: Node) -> set[str]:
    """Addresses this node is to hold now.

    Enabled VIPs and SNIPs while it is primary. In INC mode SNIPs are the node's own and stay with it
    in any role (docs.netscaler.com, "Configuring high availability nodes in different subnets").

    Args:
        node: The appliance.

    Returns:
        The addresses.
    """
    kinds: set[str] = {"VIP", "SNIP"} if node.ha.is_primary else set()
    if node.ha.setting("inc") == "ENABLED":
        kinds.add("SNIP")
    return {
        str(row.get("ipaddress"))
        for row in node.configuration.rows("nsip")
        if row.get("type") in kinds and row.get("state") != "DISABLED"
    }


def services(node: Node) -> list[Service]:
    """What answers on virtual addresses while this node holds them.

    Args:
        node: The appliance.

    Returns:
        Gateway virtual servers with a certificate, and management on SNIPs that allow it.
    """
    found: list[Service] = []
    for row in node.configuration.rows("vpnvserver"):
        certificate = bound_certificate(node, str(row.get("name")))
        if row.get("state") == "DISABLED" or not certificate or not serves(node, row):
            continue
        endpoint = Endpoint(address=str(row.get("ipv46")), port=number_of(_scalar(row, "port"), 443))
        mark = _certificate_mark(node, certificate)
        purpose = f"vpnvserver {row.get('name')}"
        found.append(Service(endpoint=endpoint, purpose=purpose, certificate=certificate, mark=mark))
    for row in node.configuration.rows("nsip"):
        if (
            row.get("type") == "SNIP"
            and row.get("mgmtaccess") == "ENABLED"
            and row.get("state") != "DISABLED"
        ):
            endpoint = Endpoint(address=str(row.get("ipaddress")), port=node.settings.ports.management)
            found.append(Service(endpoint=endpoint, purpose=MANAGEMENT, certificate="", mark=""))
    return found


def serves(node: Node, row: Row) -> bool:
    """Whether a virtual server has an address that may carry virtual servers.

    Args:
        node: The appliance.
        row: The virtual server.

    Returns:
        False without an address, or if the address is gone, disabled or not for virtual servers.
    """
    address = row.get("ipv46", NO_ADDRESS)
    if address == NO_ADDRESS:
        return False
    for each in node.configuration.rows("nsip"):
        if each.get("ipaddress") == address:
            return each.get("state") != "DISABLED" and each.get("vserver") != "DISABLED"
    return False


def bound_certificate(node: Node, virtual_server: str) -> str:
    """The server certificate bound to a virtual server.

    Args:
        node: The appliance.
        virtual_server: Its name.

    Returns:
        Name of the certificate pair, empty if none is bound.
    """
    for row in node.configuration.rows("sslvserver_sslcertkey_binding"):
        if row.get("vservername") == virtual_server and not row.get("ca") and not row.get("snicert"):
            return str(row.get("certkeyname", ""))
    return ""


def _certificate_mark(node: Node, certificate: str) -> str:
    row = node.configuration.get("sslcertkey", certificate) or {}
    path = node.disk.local(str(row.get("cert", "")))
    content = path.read_bytes() if path.is_file() else b""
    return hashlib.sha256(content).hexdigest()


def _scalar(row: Row, name: str) -> str | int:
    value = row.get(name, "")
    return " ".join(value) if isinstance(value, list) else value
