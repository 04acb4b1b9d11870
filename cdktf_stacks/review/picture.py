"""A picture of a pair: what is in it, and the same in Mermaid's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from cdktf_stacks.review.values import member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cdktf_stacks.review.plans import Json

LONGEST_LABEL: Final = 60
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
    """

    first: tuple[str, str]
    second: tuple[str, str]
    external: str
    internal: str
    formed: bool
    heartbeat: str

    @property
    def has_users(self) -> bool:
        """Whether users come to it."""
        return bool(self.external) or self.formed

    @property
    def one_address(self) -> bool:
        """Whether one address is both virtual IPs."""
        return self.external != "" and self.external == self.internal

    @property
    def mermaid(self) -> str:
        """It as a flow chart."""
        return "\n".join(("flowchart LR", *_lines(self)))


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
    )


def _lines(shown: Picture) -> Iterator[str]:
    if shown.has_users:
        yield "  users([Users])"
    yield f'  a["{_label(*shown.first)}"]'
    yield f'  b["{_label(*shown.second)}"]'
    if shown.external:
        both = " and internal" if shown.one_address else ""
        yield f'  ext{{{{"external{both} virtual IP {_safe(shown.external)}"}}}}'
        yield "  users --> ext"
        yield "  ext --> a"
        yield "  ext -. takes over .-> b" if shown.formed else "  ext -. nobody takes over .- b"
    elif shown.formed:
        yield "  users -.-> a"
    if shown.formed:
        yield f'  a <-- "heartbeat {_safe(shown.heartbeat)}" --> b'
    if shown.internal and not shown.one_address:
        yield f'  int{{{{"internal virtual IP {_safe(shown.internal)}"}}}}'
        yield "  a --> int"
        if shown.formed:
            yield "  b -.-> int"
        yield "  int --> backends[(Back ends)]"


def _label(name: str, address: str) -> str:
    return f"{_safe(name)} {_safe(address)}".strip()


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text)[:LONGEST_LABEL]
