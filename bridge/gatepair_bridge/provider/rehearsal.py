"""Asks the bridge, while Terraform plans, what a change would do: refusals come before the first change.

Only for the bridge inside the provider: ``dry_run`` is its own parameter, and another REST API could take the
request for the real thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import jsontext, paths, tables
from .diagnostics import Diagnostic, explain
from .errors import ProviderError
from .resource import update_call
from .spec import read_spec
from .wire import UNKNOWN, text

if TYPE_CHECKING:
    from .client import Call, Client
    from .wire import Attributes

_DRY_RUN: Final = "dry_run=true"
_ASKED_FOR: Final = tuple(a.name for a in tables.resource().attributes if not a.computed)
_FELT_BY_USERS: Final = frozenset({"reconnect", "failover", "restart", "outage", "dissolved"})
_NOTHING_DONE: Final = "Nothing was changed: this is what the apply would meet."


def rehearse(client: Client, prior: Attributes | None, planned: Attributes | None) -> tuple[Diagnostic, ...]:
    """Ask what a planned change would do.

    Args:
        client: Asks the bridge inside the provider.
        prior: The object in the state, ``None`` for a create.
        planned: The object as planned, ``None`` for a delete.

    Returns:
        An error if it would be refused, a warning if users would notice it, else nothing.
    """
    if planned is not None and any(planned.get(name) is UNKNOWN for name in _ASKED_FOR):
        return ()  # it is asked again during the apply, when everything is known
    try:
        answer = client.send(_rehearsed(_call(client, prior, planned))).document()
    except ProviderError as error:
        if planned is None:
            return ()  # what cannot be asked now may still be deleted later
        return (explain("create" if prior is None else "update", error, _NOTHING_DONE),)
    impact = _word(answer, "impact")
    return (_warning(impact, answer),) if impact in _FELT_BY_USERS else ()


def _call(client: Client, prior: Attributes | None, planned: Attributes | None) -> Call:
    if planned is None:
        spec = read_spec(prior or {}, client.settings)
        return spec.delete_call(text(prior or {}, "id") or spec.known_id())
    spec = read_spec(planned, client.settings)
    if prior is None:
        return spec.create_call(spec.known_id())
    return update_call(client, spec, text(prior, "id") or spec.known_id(), prior, planned)


def _rehearsed(call: Call) -> Call:
    return call._replace(target=paths.with_query(call.target, _DRY_RUN), replayable=True)


def _warning(impact: str, answer: jsontext.JsonObject) -> Diagnostic:
    steps = answer.get("steps")
    lines = [_line(step) for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    detail = "\n".join(("The apply would do this, in order:", *lines))
    return Diagnostic(f"Users Would Notice This Change: {impact}", detail, severity="warning")


def _line(step: jsontext.JsonObject) -> str:
    node, impact, notice = (_word(step, key) for key in ("node", "impact", "notice"))
    where = f" ({node})" if node else ""
    felt = f": {impact}" if impact in _FELT_BY_USERS else ""
    return f"- {_word(step, 'title')}{where}{felt}" + (f"\n  {notice}" if notice else "")


def _word(document: jsontext.JsonObject, key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""
