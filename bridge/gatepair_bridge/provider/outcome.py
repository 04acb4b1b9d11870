"""What is left after an operation, and how a response shows in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import jsontext
from .drift import observed_data

if TYPE_CHECKING:
    from .diagnostics import Diagnostic
    from .reading import Found
    from .spec import ObjectSpec
    from .wire import Value


class Outcome(NamedTuple):
    """What is left after an operation.

    Attributes:
        state: The object for the state; ``None`` if there is none.
        diagnostics: Messages to the user.
    """

    state: dict[str, Value] | None
    diagnostics: tuple[Diagnostic, ...] = ()


def response_attributes(found: Found | None) -> dict[str, Value]:
    """Give the computed attributes that show the last response."""
    if found is None:
        return {"api_data": {}, "api_response": ""}
    shown: dict[str, Value] = {key: jsontext.display(value) for key, value in found.document.items()}
    return {"api_data": shown, "api_response": found.text}


def observed_state(spec: ObjectSpec, identity: str, found: Found) -> dict[str, Value]:
    """Give the state after a look at the server."""
    content = found.text.strip()
    server = None if content == "null" else found.document
    data = observed_data(spec.data, content or "{}", server, spec.drift)
    return dict(spec.attributes) | {"id": identity, "data": data} | response_attributes(found)
