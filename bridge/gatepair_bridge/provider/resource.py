"""Read, update, delete and import of the resource, without any plugin protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import tables
from .diagnostics import Diagnostic, explain
from .errors import ObjectError, ProviderError, StatusError
from .importing import read_import_id
from .operations import follow
from .outcome import Outcome, observed_state, response_attributes
from .planning import changed_keys
from .reading import Found, fetch
from .spec import ObjectSpec, is_own_path, read_spec
from .wire import UNKNOWN, text

if TYPE_CHECKING:
    from .client import Call, Client
    from .wire import Attributes, Value

_GONE: Final = frozenset({404, 410})


def read(client: Client, state: Attributes) -> Outcome:
    """Look at the object; it leaves the state if it is gone."""
    spec = read_spec(state, client.settings)
    try:
        identity = text(state, "id") or spec.known_id()
        if not identity:
            return Outcome(None, (_nameless(spec),))
        found = fetch(client, spec, identity, cancellable=True)
    except ProviderError as error:
        return Outcome(dict(state), (explain("read", error),))
    return Outcome(None if found is None else observed_state(spec, identity, found))


def _nameless(spec: ObjectSpec) -> Diagnostic:
    detail = f"The state has no id for an object below {spec.path}, so it cannot be read; it will be created."
    return Diagnostic("Object Without Id", detail, severity="warning")


def update(client: Client, prior: Attributes, planned: Attributes) -> Outcome:
    """Send the whole object to its own path, and read it back."""
    spec = read_spec(planned, client.settings)
    identity = spec.object_id if planned.get("id") is UNKNOWN else text(planned, "id")
    try:
        _refuse_late_replacement(prior, planned)
        call = update_call(client, spec, identity, prior, planned)
        reply = follow(client, call, client.send(call), is_own_path(spec.path, identity))
    except ProviderError as error:
        return Outcome(_as_it_is(client, prior), (explain("update", error),))
    state = dict(planned) | {"id": identity}
    try:
        returned = client.settings.write_returns_object
        found = Found(reply.text, reply.document()) if returned else fetch(client, spec, identity)
    except ProviderError as error:
        kept = {name: prior.get(name) for name in ("api_data", "api_response")}
        return Outcome(state | kept, (explain("update", error, "The update itself succeeded."),))
    if found is None:
        gone = ObjectError(f"the object was updated, but reading {identity} back finds nothing")
        return Outcome(None, (explain("update", gone, "The next run will create it."),))
    return Outcome(state | response_attributes(found))


def update_call(
    client: Client, spec: ObjectSpec, identity: str, prior: Attributes, planned: Attributes
) -> Call:
    """Give the call that updates the object.

    The bridge in the process is told which of the values that it cannot give back are new to it; other
    APIs are sent nothing that they did not ask for.
    """
    call = spec.update_call(identity)
    if client.settings.uri is not None:
        return call
    changed = changed_keys(prior, planned, "ignore_changes_to")
    return call._replace(headers={"Gatepair-Changed": ",".join(changed)})


def _refuse_late_replacement(prior: Attributes, planned: Attributes) -> None:
    # Had data been known when it was planned, the plan would have been a replacement.
    keys = changed_keys(prior, planned, "force_new")
    if keys:
        names = ", ".join(keys)
        message = f"data was not known when this was planned; now {names} changes, which force_new forbids"
        raise ObjectError(f"{message}. Run again: the object will be replaced", "data")


def _as_it_is(client: Client, prior: Attributes) -> dict[str, Value]:
    """Give the state after an update that failed: what the server has, if it says."""
    seen = read(client, prior)
    return dict(prior) if seen.diagnostics or seen.state is None else seen.state


def delete(client: Client, prior: Attributes) -> Outcome:
    """Delete the object; one that is gone already is deleted too."""
    spec = read_spec(prior, client.settings)
    try:
        identity = text(prior, "id") or spec.known_id()
        if identity:
            call = spec.delete_call(identity)
            follow(client, call, client.send(call), is_own_path(spec.path, identity))
    except ProviderError as error:
        if isinstance(error, StatusError) and error.status in _GONE:
            return Outcome(None)
        return Outcome(dict(prior), (explain("delete", error),))
    return Outcome(None)


def import_object(client: Client, import_id: str) -> Outcome:
    """Find an object that exists, for the state."""
    try:
        given = read_import_id(import_id)
        attributes = tables.resource().empty() | given.attributes
        spec = read_spec(attributes, client.settings)
        found = fetch(client, spec, given.identity, cancellable=True)
    except ProviderError as error:
        return Outcome(None, (explain("read", error),))
    if found is None:
        missing = f"there is no object {given.identity} at {spec.path}"
        return Outcome(None, (explain("read", ObjectError(missing)),))
    if not spec.data:
        spec = spec._replace(data=found.text.strip() or "{}")
    return Outcome(observed_state(spec, given.identity, found))
