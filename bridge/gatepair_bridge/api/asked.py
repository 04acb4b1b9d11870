"""The members of a small request body, each of the kind it must be; everything wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

import attrs

from gatepair.errors import InvalidInput
from gatepair.models import ManagementAddress
from gatepair_bridge.api.bodies import optional_json_body
from gatepair_bridge.api.faults import Unprocessable

if TYPE_CHECKING:
    from gatepair_bridge.api.messages import Json, Request


@attrs.frozen
class Kind:
    """What a member must be.

    Args:
        type: Its type in JSON, as Python reads it.
        words: The same for people.
        pattern: What text must match.
        choices: What each item of a list must be one of.
    """

    type: type
    words: str
    pattern: str = ""
    choices: tuple[str, ...] = ()

    def fits(self, value: Json) -> bool:
        """Whether a value is of this kind."""
        if not isinstance(value, self.type):
            return False
        if isinstance(value, str):
            return re.fullmatch(self.pattern or ".+", value, re.DOTALL) is not None
        if isinstance(value, list):
            return bool(value) and all(item in self.choices for item in value)
        return True


FLAG: Final = Kind(bool, "true or false")
TEXT: Final = Kind(str, "text")


def words(*choices: str) -> Kind:
    """Describe a list of some of these words."""
    return Kind(list, f"a list of {' and '.join(choices)}", choices=choices)


class Asked:
    """What a request's body asks for.

    Args:
        request: The request; no body at all counts as an empty one.
        kinds: What each member must be.

    Raises:
        Unprocessable: The body has other members, or of other kinds; names all of them.
        BadRequest: It is no JSON.
    """

    def __init__(self, request: Request, kinds: Mapping[str, Kind]) -> None:
        self._body = optional_json_body(request)
        wrong = dict.fromkeys(sorted(self._body.keys() - kinds.keys()), "is not known")
        wrong |= {
            name: f"must be {kind.words}"
            for name, kind in kinds.items()
            if name in self._body and not kind.fits(self._body[name])
        }
        if wrong:
            raise Unprocessable(
                "; ".join(f"{name} {what}" for name, what in wrong.items()) + ".",
                key=next(iter(wrong)),
                remedy=f"Known: {', '.join(kinds)}.",
            )

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give a truth value."""
        return bool(self._body.get(name, default))

    def text(self, name: str) -> str | None:
        """Give a text, None if it is absent."""
        return None if name not in self._body else str(self._body[name])

    def words(self, name: str, default: Sequence[str]) -> tuple[str, ...]:
        """Give a list of words."""
        return tuple(cast("list[str]", self._body.get(name, list(default))))

    def required(self, name: str) -> str:
        """Give a text that must be there.

        Raises:
            Unprocessable: It is not.
        """
        if found := self.text(name):
            return found
        raise Unprocessable(f"{name} is missing.", key=name, remedy=f"Send {name}; see /docs for its form.")

    def address(self, name: str) -> ManagementAddress | None:
        """Give a management address, None if it is absent.

        Raises:
            gatepair.errors.InvalidInput: It is none.
        """
        found = self.text(name)
        try:
            return None if found is None else ManagementAddress.parse(found)
        except InvalidInput as error:
            raise error.at(key=name) from None
