"""What a resource type is, as data: its key, attributes, verbs, scope and shape on the wire."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.values import Value


class Kind(Enum):
    """What values an attribute takes."""

    TEXT = "text"
    INTEGER = "integer"
    ENUM = "enum"
    FLAG = "flag"
    LIST = "list"
    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105 - a kind of attribute


class Wire(Enum):
    """How a number or flag is printed; per attribute, as recorded."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"


class Access(Enum):
    """When an attribute may be written."""

    WRITE = "write"
    ADD_ONLY = "add only"  # an update that names it is refused with 278
    FIXED = "fixed"  # an update that names it is ignored without a word
    READ_ONLY = "read only"


class Scope(Enum):
    """Whether a type belongs to the pair or to the node."""

    SHARED = "shared"
    LOCAL = "local"


class Shape(Enum):
    """Whether the payload of a GET is a list or one object."""

    LIST = "list"
    OBJECT = "object"


@frozen(kw_only=True)
class Attribute:
    """One attribute of a type.

    Attributes:
        name: As on the wire.
        kind: What values it takes.
        wire: How it is printed.
        access: When it may be written.
        choices: Values of an enumeration, in the spelling that is printed.
        minimum: Smallest integer allowed.
        maximum: Largest integer allowed.
        longest: Longest text allowed.
        default: Value after add and after unset; None is absent.
        required: Whether add needs it.
    """

    name: str
    kind: Kind = Kind.TEXT
    wire: Wire = Wire.TEXT
    access: Access = Access.WRITE
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None
    default: Value | None = None
    required: bool = False


@frozen(kw_only=True)
class ResourceType:
    """One resource type.

    Attributes:
        name: Payload key, in the spelling of the wire.
        command: Noun of the command line, for messages of refused users.
        key: Names of the key attributes; none for a singleton.
        attributes: All attributes that can be written or have a default, in the order printed.
        verbs: Of add, update, unset, delete, get.
        actions: Verbs of ``?action=``, in lower case, that the type offers.
        scope: Shared by the pair or local to the node.
        shape: List or object.
        post_action: The action a bare POST stands for, for types such as ``reboot``.
        statistics: Whether ``/stat/<type>`` exists.
        missing: Error code for an object that is not there.
    """

    name: str
    command: str
    key: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    verbs: frozenset[str] = frozenset({"get"})
    actions: frozenset[str] = frozenset()
    scope: Scope = Scope.SHARED
    shape: Shape = Shape.LIST
    post_action: str = ""
    statistics: bool = False
    missing: int = 258
    by_name: dict[str, Attribute] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.attributes})


ALL_VERBS = frozenset({"add", "update", "unset", "delete", "get"})
SETTING_VERBS = frozenset({"update", "unset", "get"})
BINDING_VERBS = frozenset({"add", "update", "delete", "get"})


def text(
    name: str,
    *,
    default: str | None = None,
    longest: int | None = None,
    required: bool = False,
    access: Access = Access.WRITE,
) -> Attribute:
    """A text attribute.

    Args:
        name: As on the wire.
        default: Value when nothing is said.
        longest: Longest value allowed, in characters.
        required: Whether add needs it.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(name=name, default=default, longest=longest, required=required, access=access)


def address(name: str, *, required: bool = False, access: Access = Access.WRITE) -> Attribute:
    """An IP address.

    Args:
        name: As on the wire.
        required: Whether add needs it.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(name=name, kind=Kind.ADDRESS, required=required, access=access)


def secret(name: str, *, access: Access = Access.WRITE) -> Attribute:
    """A value that is never given back in the clear.

    Args:
        name: As on the wire.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(name=name, kind=Kind.SECRET, access=access)


def choice(
    name: str,
    *choices: str,
    default: str | None = None,
    required: bool = False,
    access: Access = Access.WRITE,
) -> Attribute:
    """An enumeration.

    Args:
        name: As on the wire.
        choices: Allowed values in the spelling that is printed.
        default: Value when nothing is said.
        required: Whether add needs it.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(
        name=name, kind=Kind.ENUM, choices=choices, default=default, required=required, access=access
    )


def switch(name: str, default: str | None = "ENABLED") -> Attribute:
    """An ENABLED/DISABLED attribute.

    Args:
        name: As on the wire.
        default: Value when nothing is said.

    Returns:
        The attribute.
    """
    return choice(name, "ENABLED", "DISABLED", default=default)


def on_off(name: str, default: str | None = "OFF") -> Attribute:
    """An ON/OFF attribute.

    Args:
        name: As on the wire.
        default: Value when nothing is said.

    Returns:
        The attribute.
    """
    return choice(name, "ON", "OFF", default=default)


def yes_no(name: str, default: str | None = "NO") -> Attribute:
    """A YES/NO attribute.

    Args:
        name: As on the wire.
        default: Value when nothing is said.

    Returns:
        The attribute.
    """
    return choice(name, "YES", "NO", default=default)


def number(
    name: str,
    minimum: int | None = None,
    maximum: int | None = None,
    *,
    default: int | None = None,
    wire: Wire = Wire.TEXT,
    required: bool = False,
    access: Access = Access.WRITE,
) -> Attribute:
    """An integer; printed as text unless said otherwise.

    Args:
        name: As on the wire.
        minimum: Smallest value allowed.
        maximum: Largest value allowed.
        default: Value when nothing is said.
        wire: How it is printed.
        required: Whether add needs it.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(
        name=name,
        kind=Kind.INTEGER,
        wire=wire,
        minimum=minimum,
        maximum=maximum,
        default=default,
        required=required,
        access=access,
    )


def flag(name: str, *, default: bool | None = None, access: Access = Access.WRITE) -> Attribute:
    """A true/false attribute.

    Args:
        name: As on the wire.
        default: Value when nothing is said.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(name=name, kind=Kind.FLAG, wire=Wire.BOOLEAN, default=default, access=access)


def listing(name: str, *choices: str, access: Access = Access.WRITE) -> Attribute:
    """A list of texts.

    Args:
        name: As on the wire.
        choices: Allowed values; none for any.
        access: When it may be written.

    Returns:
        The attribute.
    """
    return Attribute(name=name, kind=Kind.LIST, wire=Wire.LIST, choices=choices, access=access)


def read_only(*names: str) -> tuple[Attribute, ...]:
    """Attributes that are only shown.

    Args:
        names: As on the wire.

    Returns:
        The attributes.
    """
    return tuple(Attribute(name=name, access=Access.READ_ONLY) for name in names)


def catalogue(types: Iterable[ResourceType]) -> dict[str, ResourceType]:
    """Types by their name in lower case: appliances do not mind the case of a type.

    Args:
        types: The types.

    Returns:
        The mapping.
    """
    return {each.name.lower(): each for each in types}
