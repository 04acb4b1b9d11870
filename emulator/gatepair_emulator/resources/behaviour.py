"""What a resource type does beyond its data: hooks that the command executor calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from gatepair_emulator.nitro.coercion import key_of
from gatepair_emulator.nitro.lookup import find
from gatepair_emulator.values import JsonObject, JsonValue, Row

if TYPE_CHECKING:
    from gatepair_emulator.nitro.schema import ResourceType
    from gatepair_emulator.node import Node


@frozen(kw_only=True)
class Outcome:
    """What an action leaves to be said.

    Attributes:
        payload: Members of the answer beside the envelope.
        status: HTTP status; None for the one of the verb.
        headers: Extra headers.
        silent: The connection is closed without an answer.
    """

    payload: JsonObject | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False


NOTHING = Outcome()
ActionResult = Outcome | Awaitable[Outcome]
Action = Callable[["Node", JsonObject], ActionResult]


class Behaviour:
    """A type that just keeps its rows. Types that do more override what they need.

    Attributes:
        kind: The type's data.
        actions: Verbs of ``?action=`` in lower case.
        operational: Verbs that are no configuration commands: they are neither propagated nor do
            they make the configuration differ.
    """

    def __init__(self, kind: ResourceType) -> None:
        self.kind = kind
        self.actions: dict[str, Action] = {}
        self.operational: frozenset[str] = frozenset()

    def adding(self, node: Node, row: Row) -> None:
        """A row is about to be added: complete it or refuse."""

    def updating(self, node: Node, row: Row, new: Row) -> None:
        """A row is about to be changed to ``new``: complete it or refuse."""

    def deleting(self, node: Node, row: Row) -> None:
        """A row is about to be deleted: refuse if it is needed."""

    def changed(self, node: Node, before: Row | None, after: Row | None) -> None:
        """A row was added (no before), changed, or deleted (no after)."""

    def remove(self, node: Node, payload: JsonObject) -> None:
        """Delete a row: by default one of the configuration."""
        row = find(node, self.kind, payload)
        self.deleting(node, row)
        node.configuration.remove(self.kind.name, key_of(self.kind, row))
        self.changed(node, row, None)

    def rows(self, node: Node) -> Iterable[Row]:
        """The rows of the type, in the order they are printed."""
        return node.configuration.rows(self.kind.name)

    def chosen(self, node: Node, arguments: Mapping[str, str]) -> Iterable[Row]:  # noqa: ARG002 - for overriding
        """The rows for arguments that are no attributes."""
        return self.rows(node)

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - for overriding
        """Read-only attributes of a row, printed after the stored ones or in their place."""
        return {}

    def statistics(self, node: Node, name: str | None) -> JsonValue:  # noqa: ARG002 - for overriding
        """What ``/stat/<type>`` prints: an object or a list of objects."""
        return []
