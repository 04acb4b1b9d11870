"""Handlers of /v1/appliances: one appliance, and the part of its network that is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatepair.documents import network_from_document, network_to_document
from gatepair.errors import InvalidInput, SecretUnavailable, Unreachable
from gatepair.models import NETWORK_KEYS, ManagementAddress, shared_network_keys
from gatepair.workflows.plan import ChangePlan
from gatepair_bridge.api.bodies import json_body
from gatepair_bridge.api.conditions import check_condition, document_response, is_conditional, read_response
from gatepair_bridge.api.faults import BadRequest, NothingHere
from gatepair_bridge.api.messages import Request, Response, json_response
from gatepair_bridge.api.pairs import plan_response

SHARED_ANYWHERE = frozenset(shared_network_keys(independent_network=False))

if TYPE_CHECKING:
    from gatepair.models import Network
    from gatepair.sessions.plain import PairSession
    from gatepair_bridge.api.core import Bridge


def read(bridge: Bridge, request: Request) -> Response:
    """Give the live facts of one appliance."""
    address = named_appliance(bridge, request)
    with bridge.sessions.open_appliance(address, request) as session:
        return json_response(200, session.appliance_status(address).to_dict())


def read_network(bridge: Bridge, request: Request) -> Response:
    """Read the managed part of an appliance's network."""
    address = named_appliance(bridge, request)
    try:
        with bridge.sessions.open_appliance(address, request) as session:
            return read_response(request, _document(session, address, request))
    except (Unreachable, SecretUnavailable) as error:
        if bridge.premises.declares_all and not bridge.sessions.declares(address):
            # One that was replaced stands in nobody's way: it would be asked about before it is forgotten.
            raise NothingHere(
                f"{address} is declared no more, and cannot be read: {error.message}",
                remedy="Nothing is to be done if it is gone for good.",
            ) from error
        raise


def update_network(bridge: Bridge, request: Request) -> Response:
    """Bring an appliance's network to what the body declares."""
    address = named_appliance(bridge, request)
    _managed(request)
    network = network_from_document(json_body(request), address)
    addresses = _with_peer(bridge, address, network, request)
    with bridge.sessions.open(addresses, request) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan_network(address, network))
        # What is the node's own is no concern of its peer's.
        touched = addresses if _shared(network) else (address,)
        with bridge.exclusive(request, map(str, touched), brief=True):
            if is_conditional(request):
                check_condition(request, _document(session, address, request))
            found = session.converge_network(address, network)
    return document_response(200, network_to_document(address, found))


def forget_network(bridge: Bridge, request: Request) -> Response:
    """Manage an appliance's network no longer: nothing is kept here, so there is nothing to do."""
    named_appliance(bridge, request)
    _managed(request)
    if request.flag("dry_run"):
        return plan_response(ChangePlan())
    return Response(status=204)


def named_appliance(bridge: Bridge, request: Request) -> ManagementAddress:
    """Give the management address that the path names.

    Raises:
        gatepair.errors.InvalidInput: It is none.
        Forbidden: The bridge may not connect to it.
    """
    try:
        address = ManagementAddress.parse(request.parameters["appliance"])
    except InvalidInput as error:
        raise error.at(key="id") from None
    bridge.policy.check_appliance(address)
    return address


def _with_peer(
    bridge: Bridge, address: ManagementAddress, network: Network, request: Request
) -> tuple[ManagementAddress, ManagementAddress]:
    """Give the appliance and, if it may be needed, its peer: what both share is changed on the primary.

    The peer is told by the operator's pairs file, else by the appliance itself; its own address is one it
    can be managed at, and the port is taken to be the same.
    """
    declared = (pair.addresses for pair in bridge.sessions.declared.values())
    known = next((addresses for addresses in declared if address in addresses), None)
    if known is not None or not _shared(network):
        return known or (address, address)
    with bridge.sessions.open_appliance(address, request) as session:
        host = session.appliance_status(address).peer
    if not host:
        return (address, address)
    peer = ManagementAddress(host=host, port=address.port)
    bridge.policy.check_appliance(peer)
    return (address, peer)


def _shared(network: Network) -> bool:
    return not SHARED_ANYWHERE.isdisjoint(network.declared)


def _document(session: PairSession, address: ManagementAddress, request: Request) -> Mapping[str, object]:
    keys, interfaces = _managed(request)
    return network_to_document(address, session.read_network(address, keys, interfaces))


def _managed(request: Request) -> tuple[list[str] | None, list[str] | None]:
    keys = _names(request, "keys")
    if unknown := sorted(set(keys or ()) - set(NETWORK_KEYS)):
        raise BadRequest(
            f"Not a key of a network: {', '.join(unknown)}.",
            key="keys",
            remedy=f"Known: {', '.join(NETWORK_KEYS)}.",
        )
    return keys, _names(request, "interfaces")


def _names(request: Request, parameter: str) -> list[str] | None:
    text = request.query.get(parameter)
    return None if text is None else [name for name in text.split(",") if name]
