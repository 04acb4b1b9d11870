"""A picture of a pair: what is in it, and the same in Mermaid's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from cdktf_stacks.review.values import further, member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cdktf_stacks.review.plans import Json

LONGEST_LABEL: Final = 60
MOST_LINES: Final = 3
# Mermaid has no way to quote everything; what could end a label or a line is left out.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,:/_=-]")


@attrs.frozen(kw_only=True)
class Picture:
    """What a picture of a pair shows; two of them can be compared member by member.

    Attributes:
        first: Host name, which may be empty, and management address of the first node.
        second: The same of the second one.
        external: External virtual IP, empty for none.
        internal: Internal virtual IP, empty for none.
        formed: Whether the nodes are a pair.
        heartbeat: The heartbeat's times, empty if there is no pair.
        interface: The one interface that carries heartbeats, empty if all do.
        further_external: Further virtual IPs that users connect to.
        further_internal: Further virtual IPs that the pair talks to back ends from.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    external: str
    internal: str
    formed: bool
    heartbeat: str
    interface: str = ""
    further_external: tuple[str, ...] = ()
    further_internal: tuple[str, ...] = ()

    @property
    def has_users(self) -> bool:
        """Whether users come to it."""
        return bool(self.external or self.further_external) or self.formed

    @property
    def has_back_ends(self) -> bool:
        """Whether it has an address of its own to talk to back ends from."""
        return bool(self.further_internal) or (self.internal != "" and not self.one_address)

    @property
    def one_address(self) -> bool:
        """Whether one address is both virtual IPs."""
        return self.external != "" and self.external == self.internal

    @property
    def mermaid(self) -> str:
        """It as a flow chart."""
        return "\n".join(("flowchart LR", *_lines(self)))


def some(addresses: tuple[str, ...]) -> list[str]:
    """Return addresses as lines, and of many the first ones and how many more there are.

    Example:
        >>> some(("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"))
        ['192.0.2.1', '192.0.2.2', 'and 2 more']
    """
    if len(addresses) <= MOST_LINES:
        return list(addresses)
    told = addresses[: MOST_LINES - 1]
    return [*told, f"and {len(addresses) - len(told)} more"]


def counted(name: str, addresses: tuple[str, ...]) -> str:
    """Return what addresses are called: of one, or of several."""
    return name if len(addresses) == 1 else f"{name}s"


def picture(document: Json | None, names: Mapping[str, str]) -> Picture | None:
    """Return the picture of a pair; none if there is no pair.

    Args:
        document: The pair's document.
        names: Host names by management address.
    """
    if document is None:
        return None
    first, _, second = str(member(document, "id")).partition(",")
    formed = member(document, "failover_pair") == "formed"
    hello, dead = (member(document, f"heartbeat.{key}") for key in ("hello_interval_ms", "dead_interval_s"))
    return Picture(
        first=(names.get(first, ""), first),
        second=(names.get(second, ""), second),
        external=str(member(document, "external_virtual_ip.address")),
        internal=str(member(document, "internal_virtual_ip.address")),
        formed=formed,
        heartbeat=f"{hello} ms, {dead} s" if formed else "",
        interface=str(member(document, "failover_interface")) if formed else "",
        further_external=further(document, "external"),
        further_internal=further(document, "internal"),
    )


def _lines(shown: Picture) -> Iterator[str]:
    if shown.has_users:
        yield "  users([Users])"
    yield f'  a["{_label(*shown.first)}"]'
    yield f'  b["{_label(*shown.second)}"]'
    if shown.external:
        both = " and internal" if shown.one_address else ""
        yield from _served(shown, "ext", f"external{both} virtual IP", (shown.external,))
    if shown.further_external:
        yield from _served(shown, "more", "further virtual IP", shown.further_external)
    if shown.formed and not (shown.external or shown.further_external):
        yield "  users -.-> a"
    if shown.formed:
        alone = f" on {_safe(shown.interface)} alone" if shown.interface else ""
        yield f'  a <-- "heartbeat {_safe(shown.heartbeat)}{alone}" --> b'
    if shown.internal and not shown.one_address:
        yield from _used(shown, "int", "internal virtual IP", (shown.internal,))
    if shown.further_internal:
        yield from _used(shown, "inner", "further internal virtual IP", shown.further_internal)


def _served(shown: Picture, node: str, name: str, addresses: tuple[str, ...]) -> Iterator[str]:
    """Draw what users connect to."""
    yield _virtual_ips(node, name, addresses)
    yield f"  users --> {node}"
    yield f"  {node} --> a"
    yield f"  {node} -. takes over .-> b" if shown.formed else f"  {node} -. nobody takes over .- b"


def _used(shown: Picture, node: str, name: str, addresses: tuple[str, ...]) -> Iterator[str]:
    """Draw what the pair talks to back ends from."""
    yield _virtual_ips(node, name, addresses)
    yield f"  a --> {node}"
    if shown.formed:
        yield f"  b -.-> {node}"
    yield f"  {node} --> backends[(Back ends)]"


def _virtual_ips(node: str, name: str, addresses: tuple[str, ...]) -> str:
    return f'  {node}{{{{"{counted(name, addresses)} {", ".join(map(_safe, some(addresses)))}"}}}}'


def _label(name: str, address: str) -> str:
    return f"{_safe(name)} {_safe(address)}".strip()


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text)[:LONGEST_LABEL]
