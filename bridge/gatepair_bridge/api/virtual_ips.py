"""Handlers of a pair's virtual IPs: parts of the pair's document under addresses of their own."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, cast

import attrs

from gatepair.documents import FORMED, pair_from_document
from gatepair.errors import InvalidInput, NotAPair
from gatepair.models.virtual_ip import parse_ipv4
from gatepair.workflows.plan import ChangePlan
from gatepair_bridge.api.bodies import json_body
from gatepair_bridge.api.conditions import check_condition, document_response, is_conditional, read_response
from gatepair_bridge.api.faults import NothingHere, Unprocessable
from gatepair_bridge.api.messages import JsonObject, Request, Response, json_response
from gatepair_bridge.api.pairs import named_pair, observe, plan_response

if TYPE_CHECKING:
    from gatepair.models import Pair
    from gatepair_bridge.api.core import Bridge

KEYS = frozenset({"address", "netmask", "role", "management_access"})
EXTERNAL, INTERNAL = "external", "internal"
PARTS: Mapping[str, tuple[str, ...]] = {
    EXTERNAL: ("external_virtual_ip",),
    INTERNAL: ("internal_virtual_ip",),
    "both": ("external_virtual_ip", "internal_virtual_ip"),
}
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "external_virtual_ip": ("address", "netmask"),
    "internal_virtual_ip": ("address", "netmask", "management_access"),
}


def index(bridge: Bridge, request: Request) -> Response:
    """List the pair's virtual IPs, the external one first."""
    with bridge.sessions.open(named_pair(bridge, request), request) as session:
        return json_response(200, _listed(observe(session, request)))


def read(bridge: Bridge, request: Request) -> Response:
    """Read one virtual IP."""
    addresses, address = named_pair(bridge, request), _named(request)
    with bridge.sessions.open(addresses, request) as session:
        return read_response(request, _found(observe(session, request), address))


def update(bridge: Bridge, request: Request) -> Response:
    """Give the pair this virtual IP, in place of the one it has in the same role."""
    addresses = named_pair(bridge, request)
    wanted = _declared(json_body(request), _named(request))
    with bridge.sessions.open(addresses, request) as session:
        if request.flag("dry_run"):
            return plan_response(session.plan(_with(observe(session, request), wanted)))
        with bridge.exclusive(request, map(str, addresses)):
            present = observe(session, request)
            _check(request, present)
            desired = _with(present, wanted)
            found = session.converge(desired).to_document()
    return document_response(200, _found(found, wanted["address"]))


def forget(bridge: Bridge, request: Request) -> Response:
    """Manage a virtual IP no longer: it stays where it is, since users may be on it."""
    named_pair(bridge, request)
    _named(request)
    if request.flag("dry_run"):
        return plan_response(ChangePlan())
    return Response(status=204)


def _named(request: Request) -> str:
    try:
        return str(parse_ipv4(request.parameters["address"]))
    except InvalidInput as error:
        raise error.at(key="address") from None


def _part(document: Mapping[str, object], key: str) -> dict[str, str]:
    return dict(cast("Mapping[str, str]", document[key]))


def _listed(document: Mapping[str, object]) -> list[dict[str, str]]:
    external, internal = _part(document, "external_virtual_ip"), _part(document, "internal_virtual_ip")
    if external["address"] and external["address"] == internal["address"]:
        return [{**internal, "role": "both"}, *_further(document)]
    rows = ({"management_access": "", **external, "role": EXTERNAL}, {**internal, "role": INTERNAL})
    return [*(row for row in rows if row["address"]), *_further(document)]


def _further(document: Mapping[str, object]) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", document.get("further_virtual_ips", []))


def _found(document: Mapping[str, object], address: str) -> dict[str, str]:
    for row in _listed(document):
        if row["address"] == address:
            return row
    raise NothingHere(
        f"{address} is no virtual IP of this pair.", remedy="List its virtual IPs at .../virtual-ips."
    )


def _check(request: Request, present: Mapping[str, object]) -> None:
    if is_conditional(request):
        check_condition(request, _found(present, request.parameters["address"]))


def _declared(body: JsonObject, address: str) -> dict[str, str]:
    wrong = sorted(
        {f"{key} is not known" for key in body.keys() - KEYS}
        | {f"{key} is missing" for key in KEYS - body.keys()}
        | {f"{key} must be text" for key in KEYS & body.keys() if not isinstance(body[key], str)}
    )
    if wrong:
        raise Unprocessable(
            "; ".join(wrong) + ".",
            key=wrong[0].partition(" ")[0],
            remedy=f"Known: {', '.join(sorted(KEYS))}.",
        )
    found = {key: str(value) for key, value in body.items()}
    if found["role"] not in PARTS:
        raise Unprocessable(
            f'role cannot be "{found["role"]}".', key="role", remedy=f"Give one of: {', '.join(PARTS)}."
        )
    if found["address"] != address:
        raise Unprocessable(
            "The body's address differs from the path's.",
            key="address",
            remedy="Send the same address in both.",
        )
    if found["role"] == EXTERNAL and found["management_access"]:
        raise Unprocessable(
            "An external virtual IP has no management access.",
            key="management_access",
            remedy="Leave it empty.",
        )
    return found


def _with(present: Mapping[str, object], wanted: Mapping[str, str]) -> Pair:
    changed = {key: {name: wanted[name] for name in MEMBERS[key]} for key in PARTS[wanted["role"]]}
    return _pair(present, changed)


def _pair(present: Mapping[str, object], changed: Mapping[str, Mapping[str, str]]) -> Pair:
    if present["failover_pair"] != FORMED:
        raise NotAPair(f"The two appliances are no pair: {present['failover_pair']}.")
    try:
        desired = pair_from_document({**present, **changed})
    except InvalidInput as error:
        # The caller's document has no such parts, only their members.
        member = (error.key or "").rpartition(".")[2]
        raise Unprocessable(error.message, key=member or None, remedy=error.remedy) from error
    old = _part(present, "external_virtual_ip")["address"]
    moved = desired.external is not None and old and str(desired.external.address) != old
    return attrs.evolve(desired, replaces_external=IPv4Address(old)) if moved else desired
