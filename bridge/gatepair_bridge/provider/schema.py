"""What a schema consists of; the tables themselves are in :mod:`.tables`."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["string", "bool", "number", "strings", "map", "json", "object"]
"""``strings`` is a list of strings, ``map`` a map of strings, ``json`` a string that holds JSON."""


class Attribute(NamedTuple):
    """One attribute of a provider, resource or data source."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    computed: bool = False
    sensitive: bool = False
    variable: str = ""
    """Environment variable that stands in for an absent provider attribute."""
    default: str = ""
    """What counts when it is absent, for the reference page."""
    members: tuple[Attribute, ...] = ()
    """Attributes of a nested object."""

    @property
    def optional(self) -> bool:
        """Whether the configuration may leave it out or set it."""
        return not self.required and not self.computed


class Block(NamedTuple):
    """A nested block that may stand once."""

    name: str
    attributes: tuple[Attribute, ...]
    description: str


class Schema(NamedTuple):
    """The attributes and blocks of a provider, resource or data source."""

    description: str
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...] = ()
    version: int = 0

    def empty(self) -> dict[str, None]:
        """Give an object of this schema in which everything is null."""
        return dict.fromkeys([a.name for a in self.attributes] + [b.name for b in self.blocks])

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Name the attributes of one kind."""
        return tuple(a.name for a in self.attributes if a.kind == kind)
