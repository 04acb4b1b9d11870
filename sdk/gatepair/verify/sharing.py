"""Whether both nodes hold the same shared configuration: what is synchronized, reduced to a checksum.

Compared is what a secondary inherits and users meet: addresses, virtual servers, certificates, log-on. Of
each resource only what somebody configured counts, since counters and states differ by nature. Node-local
settings (host name, interfaces, the failover settings themselves) are never synchronized and left out
(https://docs.netscaler.com/en-us/citrix-adc/13-1/system/high-availability-introduction/synchronizing-high-availability-nodes.html).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from gatepair.errors import GatepairError, NotFound, NotReady, Unreachable
from gatepair.nitro.call import Call, Method
from gatepair.nitro.decoding import as_text, as_words
from gatepair.workflows.core import Ask, Outcome, at_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatepair.workflows.core import Flow
    from gatepair.workflows.observe import Addresses

Item: TypeAlias = Mapping[str, str]
Items: TypeAlias = dict[tuple[str, str], Item]

CONFIGURED: Final[Mapping[str, tuple[str, ...]]] = {
    "nsip": ("ipaddress", "netmask", "type", "mgmtaccess", "vserver", "state"),
    "nsfeature": ("feature",),
    "vpnvserver": (
        "name", "servicetype", "ipv46", "port", "authentication", "doublehop", "icaonly", "dtls",
        "maxaaausers", "vserverfqdn", "authnprofile", "tcpprofilename", "httpprofilename",
    ),
    "lbvserver": ("name", "servicetype", "ipv46", "port", "lbmethod", "persistencetype", "timeout"),
    "csvserver": ("name", "servicetype", "ipv46", "port"),
    "service": ("name", "ipaddress", "servername", "servicetype", "port"),
    "sslcertkey": ("certkey", "cert", "key", "inform", "serial", "clientcertnotafter"),
    "authenticationldapaction": (
        "name", "serverip", "servername", "serverport", "ldapbase", "ldapbinddn", "ldaploginname",
        "sectype", "svrtype", "searchfilter", "groupattrname",
    ),
    "authenticationldappolicy": ("name", "rule", "reqaction"),
    "authenticationpolicy": ("name", "rule", "action"),
    "vpnsessionaction": (
        "name", "sesstimeout", "sso", "icaproxy", "wihome", "storefronturl", "ntdomain",
        "clientlessvpnmode", "defaultauthorizationaction",
    ),
    "vpnsessionpolicy": ("name", "rule", "action"),
    "dnsnameserver": ("ip", "dnsvservername"),
}  # fmt: skip
"""What somebody configures of each synchronized resource, its key first.

Names: NITRO reference, "configuration" (https://developer-docs.netscaler.com/en-us/adc-nitro-api). The
serial number of a certificate is read from its file, so that a file that was not copied shows."""

BOUND: Final[Mapping[str, tuple[str, ...]]] = {
    "sslvserver_sslcertkey_binding": ("vservername", "certkeyname", "ca", "snicert"),
    "vpnvserver_vpnsessionpolicy_binding": ("name", "policy", "priority"),
}
"""What is bound to each Gateway virtual server."""

_MOST_TOLD: Final = 20


@attrs.frozen(kw_only=True)
class Comparison:
    """How the shared configuration of the two nodes compares.

    Attributes:
        checksums: SHA-256 of the shared configuration by management address; empty if it could not be read.
        objects: Configured things that were compared.
        differences: What differs, one sentence each.
        skipped: Resource types that the appliances do not tell, such as those without a licence.
        error: Why it could not be compared.
    """

    checksums: tuple[tuple[str, str], ...] = ()
    objects: int = 0
    differences: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    error: str = ""

    @property
    def equal(self) -> bool:
        """Whether both nodes were read and hold the same."""
        return not self.error and not self.differences and len({sum_ for _, sum_ in self.checksums}) == 1

    def to_dict(self) -> dict[str, object]:
        """Return the comparison as a JSON-ready mapping."""
        return {
            "equal": self.equal,
            "checksums": dict(self.checksums),
            "objects": self.objects,
            "differences": list(self.differences),
            "not_compared": list(self.skipped),
            "error": self.error,
        }


def compare(addresses: Addresses, *, independent: bool = False) -> Flow[Comparison]:
    """Read the shared configuration of both nodes at once and compare it.

    Args:
        addresses: The two appliances in canonical order.
        independent: The nodes stand in different networks, so that SNIPs are each node's own.
    """
    first = yield from _read(addresses, [(kind, None) for kind in CONFIGURED])
    servers = {name for items in first.items for (kind, name) in items if kind == "vpnvserver"}
    second = yield from _read(addresses, [(kind, name) for kind in BOUND for name in sorted(servers)])
    error = first.error or second.error
    if error:
        return Comparison(error=error)
    skipped = {*first.skipped, *second.skipped}
    ours, theirs = (
        {
            place: item
            for place, item in {**configured, **bound}.items()
            if place[0] not in skipped and not (independent and item.get("type") == "SNIP")
        }
        for configured, bound in zip(first.items, second.items, strict=True)
    )
    names = (str(addresses[0]), str(addresses[1]))
    return Comparison(
        checksums=tuple((name, checksum(items)) for name, items in zip(names, (ours, theirs), strict=True)),
        objects=len({*ours, *theirs}),
        differences=tuple(differences(ours, theirs, names))[:_MOST_TOLD],
        skipped=tuple(sorted(skipped)),
    )


def checksum(items: Mapping[tuple[str, str], Item]) -> str:
    """Return the SHA-256 of configured things, whatever order they came in.

    Example:
        >>> one, two = {("service", "s"): {"port": "80"}}, {("service", "s"): {"port": "443"}}
        >>> checksum(one) == checksum(dict(one)), checksum(one) == checksum(two)
        (True, False)
    """
    rows = sorted([*place, sorted(item.items())] for place, item in items.items())
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def differences(
    ours: Mapping[tuple[str, str], Item], theirs: Mapping[tuple[str, str], Item], names: tuple[str, str]
) -> Iterator[str]:
    """Yield what differs between two nodes, one sentence each."""
    for kind, name in sorted({*ours, *theirs}):
        mine, other = ours.get((kind, name)), theirs.get((kind, name))
        if mine is None or other is None:
            yield f"{kind} {name} is only on {names[1] if mine is None else names[0]}"
            continue
        for key in sorted({*mine, *other}):
            if mine.get(key) != other.get(key):
                yield (
                    f"{kind} {name}: {key} is {mine.get(key) or 'nothing'} on {names[0]} "
                    f"and {other.get(key) or 'nothing'} on {names[1]}"
                )


@attrs.frozen(kw_only=True)
class _Readings:
    """What both nodes told, in their order."""

    items: tuple[Items, Items]
    skipped: frozenset[str]
    error: str = ""


def _read(addresses: Addresses, wanted: list[tuple[str, str | None]]) -> Flow[_Readings]:
    asks = [Ask(node, _call(kind, name)) for node in addresses for kind, name in wanted]
    outcomes = yield from at_once(*asks)
    both: tuple[Items, Items] = ({}, {})
    skipped: set[str] = set()
    error = ""
    for place, (one, outcome) in enumerate(zip(asks, outcomes, strict=True)):
        kind = one.call.resource
        if isinstance(outcome, NotFound):
            continue
        if isinstance(outcome, Unreachable | NotReady):
            error = error or str(outcome.at(node=one.node))
        elif isinstance(outcome, GatepairError):
            skipped.add(kind)
        else:
            both[place // len(wanted)].update(_items(kind, outcome))
    return _Readings(items=both, skipped=frozenset(skipped), error=error)


def _call(kind: str, name: str | None) -> Call:
    return Call(method=Method.GET, resource=kind, name=name, replayable=True)


def _items(kind: str, outcome: Outcome) -> Iterable[tuple[tuple[str, str], Item]]:
    if isinstance(outcome, GatepairError):
        return
    kept = CONFIGURED.get(kind) or BOUND[kind]
    for row in outcome.rows:
        lowered = {key.lower(): value for key, value in row.items()}
        if kind == "nsip" and as_text(lowered.get("type")) == "NSIP":
            continue
        item = {key: text for key in kept if (text := _text(lowered.get(key)))}
        name = " ".join(item.get(key, "") for key in kept[:2]) if kind in BOUND else item.get(kept[0], "")
        yield (kind, name), item


def _text(value: object) -> str:
    # Lists come in any order and mean the same; a sentence with blanks must stay as it is.
    return (
        " ".join(sorted(as_words(cast("object", value))))
        if isinstance(value, list)
        else as_text(value).strip()
    )


def nodes_in_words(comparison: Comparison) -> str:
    """Return the checksums as a person reads them: the first twelve digits of each."""
    return ", ".join(f"{node} {sum_[:12]}" for node, sum_ in comparison.checksums)
