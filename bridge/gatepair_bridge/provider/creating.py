"""Creating an object, so that whatever exists afterwards is in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from . import retry
from .client import Attempts, Client, Reply
from .diagnostics import Diagnostic, explain
from .drift import agrees
from .errors import NoAnswerError, ObjectError, ProviderError, StatusError
from .importing import identity_from_location
from .operations import follow
from .outcome import Outcome, response_attributes
from .reading import Found, fetch
from .search import checked_patch
from .spec import ObjectSpec, id_of, is_own_path, read_spec

if TYPE_CHECKING:
    from .wire import Attributes, Value

_GATEWAY_GAVE_UP: Final = frozenset({502, 504})
_NO_ID: Final = (
    "provided object does not have an id set and the client is not configured to read the object from a "
    "POST or PUT response; please set write_returns_object to true, or include an id in the object's data"
)


class _Made(NamedTuple):
    """A create that worked; ``found`` and ``why`` if its answer was lost."""

    reply: Reply
    found: Found | None = None
    why: ProviderError | None = None


def create(client: Client, planned: Attributes) -> Outcome:
    """Create the object.

    Args:
        client: Who asks.
        planned: The resource's attributes; the computed ones are unknown.

    Returns:
        The state; if something went wrong after the object was made, the state with its id
        and an error, which Terraform keeps as tainted.
    """
    spec = read_spec(planned, client.settings)
    try:
        identity = _identity_before(client, spec)
        made = _post(client, spec, identity)
        identity = identity or _identity_after(client, spec, made.reply)
    except ProviderError as error:
        return Outcome(None, (explain("create", error, _may_exist(error)),))
    state = dict(planned) | {"id": identity}
    try:
        found = made.found or _read_back(client, spec, identity, made.reply)
    except ProviderError as error:
        note = f"The object was created; its id, {identity}, is in the state, marked as tainted."
        return Outcome(state | _created(None), (explain("create", error, note),))
    if found is None:
        gone = ObjectError(f"the object was created, but reading {identity} back finds nothing")
        return Outcome(state | _created(None), (explain("create", gone),))
    warnings = () if made.why is None else (_lost(made.why),)
    return Outcome(state | _created(found), warnings)


def _created(found: Found | None) -> dict[str, Value]:
    shown = response_attributes(found)
    return shown | {"create_response": shown["api_response"]}


def _identity_before(client: Client, spec: ObjectSpec) -> str:
    if spec.search is not None:
        checked_patch(spec.search)
    identity = spec.known_id()
    settings = client.settings
    if not identity and not (settings.write_returns_object or settings.create_returns_object):
        raise ObjectError(_NO_ID, "data")
    return identity


def _post(client: Client, spec: ObjectSpec, identity: str) -> _Made:
    """Send the create; look before repeating what may have worked."""
    call, attempts = spec.create_call(identity), Attempts()
    while True:
        try:
            reply = client.send(call, attempts)
            return _Made(follow(client, call, reply, is_own_path(spec.path, identity)))
        except ProviderError as error:
            repeats = attempts.made <= client.settings.retries.repeats
            if not identity or not (_is_unanswered(error) or (repeats and retry.may_have_worked(error))):
                raise
            found = _look(client, spec, identity)
            if found is not None:
                return _Made(Reply(200, {}, found.text), found, error)
            if not (retry.is_passing(error) and client.pause(attempts, error)):
                raise


def _is_unanswered(error: ProviderError) -> bool:
    """Tell whether nobody who knows said what became of the request."""
    if isinstance(error, StatusError):
        return error.status in _GATEWAY_GAVE_UP and error.content_type != "application/problem+json"
    return isinstance(error, NoAnswerError) and error.sent


def _look(client: Client, spec: ObjectSpec, identity: str) -> Found | None:
    """Look whether the object is there as configured, after a create without a clear answer."""
    try:
        found = fetch(client, spec, identity)
    except ProviderError:
        return None
    return found if found is not None and agrees(spec.data, found.document, spec.drift) else None


def _read_back(client: Client, spec: ObjectSpec, identity: str, reply: Reply) -> Found | None:
    settings = client.settings
    if settings.write_returns_object or settings.create_returns_object:
        return Found(reply.text, reply.document())
    return fetch(client, spec, identity)


def _identity_after(client: Client, spec: ObjectSpec, reply: Reply) -> str:
    """Find the id that the server gave, in the object or else in ``Location``."""
    document = reply.document() if reply.text.lstrip().startswith("{") else {}
    identity = id_of(document, spec.id_attribute)
    location = reply.headers.get("location", "")
    if not identity and location:
        identity = identity_from_location(client.transport.resolve(location, spec.path), spec.path)
    if identity:
        return identity
    keys = ", ".join(sorted(document)) or "none"
    raise ObjectError(
        f"internal validation failed; object ID is not set, but *may* have been created; the response has no "
        f"'{spec.id_attribute}' (its keys: {keys}). Set id_attribute to the place of the id, then import the "
        "object"
    )


def _lost(why: ProviderError) -> Diagnostic:
    return Diagnostic(
        "The Answer To The Create Was Lost",
        f"{why.message}\n\nThe object is there as configured, so it is in the state as created.",
        severity="warning",
    )


def _may_exist(error: ProviderError) -> str:
    if not _is_unanswered(error):
        return ""
    return (
        "The server may have created the object all the same. It is not in the state: look, and import it "
        "if it is there."
    )
