"""Which objects of a plan belong to which pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from cdktf_stacks.review.plans import OBJECT_TYPE, Json, ObjectChange, Plan
from gatepair.documents import canonical_pair_id, parse_pair_id
from gatepair.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf_stacks.review.masks import Masks

_PAIR_PATH: Final = re.compile(r"/v1/pairs/?")
_VIRTUAL_IP_PATH: Final = re.compile(r"/v1/pairs/(?P<pair>[^/]+)/virtual-ips/.+")
_NETWORK_PATH: Final = re.compile(r"/v1/appliances/.+/network")


@attrs.frozen(kw_only=True)
class Part:
    """An object of a pair with its documents, secrets masked.

    Attributes:
        change: What Terraform does to it.
        before: Its document as it is; None for a new object.
        after: Its document as it shall be; None for one that goes.
        left: Its document as the last apply left it, where somebody changed it since.
    """

    change: ObjectChange
    before: Json | None
    after: Json | None
    left: Json | None = None

    @property
    def id(self) -> str:
        """The object's own id in the documents."""
        document = self.after or self.before or {}
        return str(document.get("id") or document.get("address") or "")

    @property
    def declares_anew(self) -> bool:
        """Whether it declares what nobody declared before, and what therefore stays if it is taken back."""
        earlier = self.left or self.before
        return bool(set(_declared(self.after or {})) - set(_declared(earlier or {})))


@attrs.define(kw_only=True)
class Group:
    """What a plan has of one pair.

    Attributes:
        stack: Name of the stack or plan.
        pair: The pair itself, if the plan has it.
        networks: Networks of its appliances.
        virtual_ips: Virtual IPs that are managed apart from it.
        pair_id: Canonical id as it shall be.
    """

    stack: str
    pair_id: str
    pair: Part | None = None
    networks: list[Part] = attrs.field(factory=list[Part])
    virtual_ips: list[Part] = attrs.field(factory=list[Part])

    @property
    def parts(self) -> Iterator[Part]:
        """All of its objects, in the order in which they are made."""
        yield from self.networks
        if self.pair:
            yield self.pair
        yield from self.virtual_ips

    @property
    def name(self) -> str:
        """What to call it."""
        first = self.pair or next(self.parts)
        return first.change.name

    @property
    def changes_something(self) -> bool:
        """Whether anything of it changes."""
        return any(part.change.changes_something for part in self.parts)


def group(plan: Plan, masks: Masks) -> tuple[list[Group], list[ObjectChange]]:
    """Return a plan's pairs, and the objects that belong to none or whose data cannot be shown."""
    groups: dict[str, Group] = {}
    rest: list[ObjectChange] = []
    networks: list[Part] = []
    members = [change for change in plan.changes if not change.is_data]
    for change in members:
        kind, pair_id = _kind(change)
        part = _part(change, masks)
        if part is None or kind == "":
            rest.append(change)
        elif kind == "network":
            networks.append(part)
        else:
            found = groups.setdefault(pair_id, Group(stack=plan.name, pair_id=pair_id))
            if kind == "pair":
                found.pair = part
            else:
                found.virtual_ips.append(part)
    for network in networks:
        _owner_of(network, groups, plan.name).networks.append(network)
    return [groups[key] for key in sorted(groups)], rest


def addresses_of(pair_id: str) -> tuple[str, ...]:
    """Return the management addresses in an id; those of a single appliance are one."""
    return tuple(pair_id.split(","))


def _kind(change: ObjectChange) -> tuple[str, str]:
    if change.type != OBJECT_TYPE:
        return "", ""
    arguments = change.after or change.before
    path = str(arguments.get("path") or "")
    document = change.document("after" if change.after else "before") or {}
    if _NETWORK_PATH.fullmatch(path):
        return "network", ""
    if _PAIR_PATH.fullmatch(path):
        return _known("pair", str(document.get("id") or ""))
    apart = _VIRTUAL_IP_PATH.fullmatch(path)
    return _known("virtual-ip", apart["pair"]) if apart else ("", "")


def _declared(document: Json) -> Iterator[str]:
    for key, value in document.items():
        if key == "interfaces" and isinstance(value, Mapping):  # only those that are named are managed
            yield from (f"{key}.{name}" for name in cast("Json", value))
        elif not isinstance(value, Mapping) or cast("Json", value).get("address") != "":
            yield key


def _known(kind: str, pair_id: str) -> tuple[str, str]:
    try:
        return kind, canonical_pair_id(*parse_pair_id(pair_id))
    except InvalidInput:
        return "", ""


def _part(change: ObjectChange, masks: Masks) -> Part | None:
    before, after = change.document("before"), change.document("after")
    if (change.before and before is None) or (change.after and after is None):
        return None
    return Part(
        change=change,
        before=_masked(before, masks),
        after=_masked(after, masks),
        left=_masked(change.drifted_document(), masks),
    )


def _masked(document: Json | None, masks: Masks) -> Json | None:
    return cast("Json", masks.value(document)) if document is not None else None


def _owner_of(network: Part, groups: dict[str, Group], stack: str) -> Group:
    address = network.id
    for found in groups.values():
        earlier = str((found.pair.before or {}).get("id") or "") if found.pair else ""
        if address in {*addresses_of(found.pair_id), *addresses_of(earlier)}:
            return found
    return groups.setdefault(address, Group(stack=stack, pair_id=address))
