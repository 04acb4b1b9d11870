"""Writing: one command against the running configuration, checked and carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.coercion import changes, key_of, new_row
from gatepair_emulator.nitro.errors import INVALID_METHOD, NitroError
from gatepair_emulator.nitro.lookup import find, printed
from gatepair_emulator.resources.behaviour import NOTHING, ActionResult, Behaviour
from gatepair_emulator.values import JsonObject, JsonValue, Row, object_of, text_of

if TYPE_CHECKING:
    from gatepair_emulator.node import Node


@frozen(kw_only=True)
class Command:
    """One write.

    Attributes:
        type: Resource type, in the spelling of the wire.
        verb: ``add``, ``update``, ``unset``, ``delete`` or an action in lower case.
        payload: Attributes; the key is among them.
        idempotent: Whether an add may update what is there.
    """

    type: str
    verb: str
    payload: JsonObject = field(factory=dict[str, JsonValue])
    idempotent: bool = False

    def as_json(self) -> dict[str, JsonValue]:
        """The command for the peer.

        Returns:
            A JSON object.
        """
        return {
            "type": self.type,
            "verb": self.verb,
            "payload": self.payload,
            "idempotent": self.idempotent,
        }


def command_from_json(value: JsonObject) -> Command:
    """A command that came from the peer or from a scenario.

    Args:
        value: What ``as_json`` made.

    Returns:
        The command.
    """
    return Command(
        type=text_of(value.get("type")),
        verb=text_of(value.get("verb")) or "add",
        payload=object_of(value.get("payload")),
        idempotent=value.get("idempotent") is True,
    )


def execute(node: Node, command: Command) -> ActionResult:
    """Carry a command out on this node.

    Args:
        node: The appliance.
        command: The command.

    Returns:
        What is to be said; to be awaited for actions that take time.

    Raises:
        NitroError: The command is refused; nothing has changed.
    """
    behaviour = node.behaviour(command.type)
    if command.verb in _VERBS:
        require_verb(behaviour, command.verb)
        _VERBS[command.verb](node, behaviour, command)
        return NOTHING
    action = behaviour.actions.get(command.verb)
    if action is None:
        raise NitroError(Code.UNKNOWN_ACTION)
    for name in command.payload:
        if name not in behaviour.kind.by_name and name not in _ACTION_ARGUMENTS:
            raise NitroError(Code.NO_SUCH_ARGUMENT, name)
    return action(node, command.payload)


def require_verb(behaviour: Behaviour, verb: str) -> None:
    """Refuse a verb the type does not offer.

    Args:
        behaviour: The type.
        verb: ``add``, ``update``, ``unset``, ``delete`` or ``get``.

    Raises:
        NitroError: 405, or 1240 for unset, which is an action on the wire.
    """
    if verb not in behaviour.kind.verbs:
        if verb == "unset":
            raise NitroError(Code.UNKNOWN_ACTION)
        raise NitroError(INVALID_METHOD, status=405)


def _add(node: Node, behaviour: Behaviour, command: Command) -> None:
    kind = behaviour.kind
    if command.idempotent and _exists(node, behaviour, command.payload):
        if "update" in kind.verbs:
            known = {name: value for name, value in command.payload.items() if name in kind.by_name}
            _update(node, behaviour, Command(type=command.type, verb="update", payload=known))
        return
    row = new_row(kind, command.payload)
    key = key_of(kind, row)
    if node.configuration.get(kind.name, key) is not None:
        raise NitroError(Code.ALREADY_EXISTS, f"{kind.key[0]}, {printed(row, kind.key[0])}")
    behaviour.adding(node, row)
    node.configuration.put(kind.name, key_of(kind, row), row)
    behaviour.changed(node, None, row)


def _exists(node: Node, behaviour: Behaviour, payload: JsonObject) -> bool:
    kind = behaviour.kind
    given = {name: payload[name] for name in kind.key if name in payload}
    try:
        return node.configuration.get(kind.name, key_of(kind, changes(kind, given, adding=True))) is not None
    except NitroError:
        return False


def _update(node: Node, behaviour: Behaviour, command: Command) -> None:
    kind = behaviour.kind
    row = find(node, kind, command.payload)
    wanted = changes(kind, command.payload)
    if not set(command.payload) - set(kind.key):
        raise NitroError(Code.NOTHING_TO_SET)
    _replace(node, behaviour, row, {**row, **wanted})


def _unset(node: Node, behaviour: Behaviour, command: Command) -> None:
    kind = behaviour.kind
    row = find(node, kind, command.payload)
    new = dict(row)
    for name in command.payload:
        if name in kind.key:
            continue
        attribute = kind.by_name.get(name)
        if attribute is None:
            raise NitroError(Code.NO_SUCH_ARGUMENT, name)
        if attribute.default is None:
            new.pop(name, None)
        else:
            new[name] = attribute.default
    _replace(node, behaviour, row, new)


def _replace(node: Node, behaviour: Behaviour, row: Row, new: Row) -> None:
    behaviour.updating(node, row, new)
    before = dict(row)
    row.clear()
    row.update(new)
    behaviour.changed(node, before, row)


def _delete(node: Node, behaviour: Behaviour, command: Command) -> None:
    behaviour.remove(node, command.payload)


# Arguments of actions that are no attributes of the type.
_ACTION_ARGUMENTS = frozenset({"newname", "linkcertkeyname", "all"})
_VERBS = {"add": _add, "update": _update, "unset": _unset, "delete": _delete}
