"""Fields of NITRO resources: numbers that come as strings, lists that come as words.

One appliance answers ``"maxflips": "0"`` beside ``"hellointerval": 200``; builds differ in which
attribute is which. Every field therefore says what it *is*, and reading accepts either spelling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import attrs

from gatepair.nitro.call import Call, Method, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUE = frozenset({"true", "yes", "enabled", "on", "1"})
_EMPTY_WORDS = frozenset({"", "none"})


def as_text(value: object) -> str:
    """Return a scalar as text; ``None`` and absent are the empty string."""
    return "" if value is None else str(value)


def as_number(value: object) -> int:
    """Return a number written as number or string; what is no number counts as 0.

    Example:
        >>> as_number("3"), as_number(3), as_number(3.0), as_number(""), as_number(True)
        (3, 3, 3, 0, 1)
    """
    if isinstance(value, bool | int):
        return int(value)
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return 0


def as_flag(value: object) -> bool:
    """Return a yes-or-no value in any of the spellings NITRO has for it.

    Example:
        >>> as_flag("ENABLED"), as_flag("YES"), as_flag(True), as_flag("OFF"), as_flag(None)
        (True, True, True, False, False)
    """
    return str(value).strip().lower() in _TRUE


def as_words(value: object) -> tuple[str, ...]:
    """Return a list that came as list, as words in a string, as ``"None"`` or not at all.

    Example:
        >>> as_words("1/1 1/2"), as_words("None"), as_words(["SNIP"]), as_words(None)
        (('1/1', '1/2'), (), ('SNIP',), ())
    """
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in cast("list[object]", value))
    text = as_text(value).strip()
    return () if text.lower() in _EMPTY_WORDS else tuple(text.split())


def _field(
    convert: Callable[[object], object], wire: str | None, default: object, *, shown: bool = True
) -> Any:
    return attrs.field(default=default, repr=shown, metadata={"wire": wire, "convert": convert})


def text(wire: str | None = None) -> str:
    """Declare a text attribute, named ``wire`` on the wire if its name differs."""
    return _field(as_text, wire, "")


def hidden_text(wire: str | None = None) -> str:
    """Declare a text attribute that is not for showing: the content of a file may be secret."""
    return _field(as_text, wire, "", shown=False)


def number(wire: str | None = None) -> int:
    """Declare a whole number."""
    return _field(as_number, wire, 0)


def flag(wire: str | None = None, *, default: bool = False) -> bool:
    """Declare a yes-or-no attribute; ``default`` holds when the appliance leaves it out."""
    return _field(as_flag, wire, default)


def words(wire: str | None = None) -> tuple[str, ...]:
    """Declare a list of words."""
    return _field(as_words, wire, ())


@attrs.frozen(kw_only=True)
class Resource:
    """Mirrors one NITRO resource type; every subclass names its type on the wire.

    Attributes:
        TYPE: Resource type, the last part of the path and the key of the reply.
        STAT: Whether it belongs to the statistics tree.
        BULK: Whether it is a binding, which is read for all resources at once.
    """

    TYPE: ClassVar[str] = ""
    STAT: ClassVar[bool] = False
    BULK: ClassVar[bool] = False


ResourceT = TypeVar("ResourceT", bound=Resource)


def from_row(kind: type[ResourceT], row: Mapping[str, object]) -> ResourceT:
    """Build a resource from a wire row, ignoring what it does not know and the case of keys."""
    lowered = {key.lower(): value for key, value in row.items()}
    values: dict[str, object] = {}
    for spec in attrs.fields(kind):
        wire = str(spec.metadata["wire"] or spec.name)
        if wire in lowered:
            values[spec.name] = spec.metadata["convert"](lowered[wire])
    return kind(**values)


def from_reply(kind: type[ResourceT], reply: Reply) -> tuple[ResourceT, ...]:
    """Build all resources of a reply."""
    return tuple(from_row(kind, row) for row in reply.rows)


def read(kind: type[Resource], name: str | None = None, **arguments: str) -> Call:
    """Return the call that reads resources of this kind: all, one by name, or by arguments."""
    return Call(
        method=Method.GET,
        resource=kind.TYPE,
        name=name,
        stat=kind.STAT,
        arguments=arguments,
        bulk=kind.BULK and name is None,
        replayable=True,
    )
