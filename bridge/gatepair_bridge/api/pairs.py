"""Handlers of /v1/pairs: a pair is formed, read, changed, dissolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gatepair.documents import pair_from_document, parse_pair_id
from gatepair.models import SecretReference
from gatepair_bridge.api.bodies import json_body
from gatepair_bridge.api.conditions import check_condition, document_response, is_conditional, read_response
from gatepair_bridge.api.faults import Unprocessable
from gatepair_bridge.api.messages import Request, Response, json_response

if TYPE_CHECKING:
    from gatepair.models import ManagementAddress, Pair
    from gatepair.sessions.plain import PairSession
    from gatepair.workflows.plan import ChangePlan
    from gatepair_bridge.api.core import Bridge

KEY_CHANGES: Final = frozenset({"shared_key", "shared_key_version"})
Addresses = tuple["ManagementAddress", "ManagementAddress"]


def index(bridge: Bridge, request: Request) -> Response:
    """List the declared pairs."""
    del request
    declared = sorted((pair.id, name) for name, pair in bridge.sessions.declared.items())
    return json_response(200, [{"id": identifier, "name": name} for identifier, name in declared])


def create(bridge: Bridge, request: Request) -> Response:
    """Form a pair as the body declares it."""
    desired = declaration(bridge, json_body(request))
    return _converge(bridge, request, desired, status=201)


def read(bridge: Bridge, request: Request) -> Response:
    """Read a pair as it is on the appliances."""
    with bridge.sessions.open(named_pair(bridge, request), request) as session:
        return read_response(request, observe(session, request))


def update(bridge: Bridge, request: Request) -> Response:
    """Bring a pair to what the body declares."""
    addresses = named_pair(bridge, request)
    desired = declaration(bridge, json_body(request))
    if desired.addresses != addresses:
        raise Unprocessable(
            f"The body's id is that of another pair: {desired.id}.",
            key="id",
            remedy="Send the pair's own id, or create the other pair with POST /v1/pairs.",
        )
    return _converge(bridge, request, desired, status=200, rotate_key=rotates_key(desired, request))


def delete(bridge: Bridge, request: Request) -> Response:
    """Dissolve a pair; one that is dissolved already stays so."""
    addresses = named_pair(bridge, request)
    with bridge.sessions.open(addresses, request) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan_dissolve(abandon=request.flag("abandon")))
        with bridge.exclusive(request, map(str, addresses)):
            check_present(session, request)
            session.dissolve(abandon=request.flag("abandon"))
    return Response(status=204)


def rotates_key(desired: Pair, request: Request) -> bool:
    """Tell whether an update writes the shared key anew.

    The bridge cannot know the version before, so every version but the first does, unless the caller
    says in ``Gatepair-Changed`` which write-only keys it changes and these are not among them.
    """
    if desired.shared_key_version == 1:
        return False
    told = request.headers.get("gatepair-changed")
    return told is None or not KEY_CHANGES.isdisjoint(name.strip() for name in told.split(","))


def named_pair(bridge: Bridge, request: Request) -> Addresses:
    """Give the management addresses that the path names, in canonical order.

    Raises:
        gatepair.errors.InvalidInput: They are none.
        Forbidden: The bridge may not connect to one of them.
    """
    addresses = parse_pair_id(request.parameters["pair"])
    for address in addresses:
        bridge.policy.check_appliance(address)
    return addresses


def declaration(bridge: Bridge, document: Mapping[str, object]) -> Pair:
    """Read a pair's declaration.

    Raises:
        gatepair.errors.InvalidInput: It is not valid; names everything that is wrong.
        Forbidden: It names an appliance or a secret that is out of bounds.
    """
    desired = pair_from_document(document)
    for address in desired.addresses:
        bridge.policy.check_appliance(address)
    if isinstance(desired.shared_key, SecretReference):
        bridge.policy.check_reference(str(desired.shared_key), "shared_key")
    return desired


def observe(session: PairSession, request: Request) -> dict[str, object]:
    """Read the pair's document, with the addresses that the query expects."""
    query = request.query
    further = query.get("further")
    return session.observe(
        external=query.get("external"),
        internal=query.get("internal"),
        further=None if further is None else [address for address in further.split(",") if address],
        failover_interface=query.get("failover_interface"),
    ).to_document()


def check_present(session: PairSession, request: Request) -> None:
    """Refuse a conditional change if the pair is not as the caller last saw it.

    Raises:
        PreconditionFailed: It is not.
    """
    if is_conditional(request):
        check_condition(request, observe(session, request))


def plan_response(plan: ChangePlan) -> Response:
    """Answer a dry run."""
    return json_response(200, {"dry_run": True, **plan.to_dict()})


def _converge(
    bridge: Bridge, request: Request, desired: Pair, *, status: int, rotate_key: bool = False
) -> Response:
    with bridge.sessions.open(desired, request) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan(desired, rotate_key=rotate_key))
        with bridge.exclusive(request, map(str, desired.addresses)):
            check_present(session, request)
            observed = session.converge(desired, rotate_key=rotate_key)
    headers = {"location": f"/v1/pairs/{quote(desired.id, safe=':,[]')}"} if status == 201 else {}  # noqa: PLR2004 - Created
    return document_response(status, observed.to_document(), headers)
