"""Reading one object, by its own path or by a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from . import jsontext, paths, search
from .client import Call, Client
from .errors import StatusError

if TYPE_CHECKING:
    from .spec import ObjectSpec, Search

_GONE: Final = frozenset({404, 410})


class Found(NamedTuple):
    """An object as the server has it.

    Attributes:
        text: Response body, or the found element written canonically.
        document: The same, parsed.
    """

    text: str
    document: jsontext.JsonObject


def fetch(client: Client, spec: ObjectSpec, identity: str, *, cancellable: bool = False) -> Found | None:
    """Read an object.

    Args:
        client: Who asks.
        spec: The object.
        identity: Its id.
        cancellable: Whether to give up when Terraform stops; not after a change, whose end has to be saved.

    Returns:
        The object, or ``None`` if the server says that there is none.

    Raises:
        ProviderError: Anything else than a clear answer.
    """
    if spec.search is not None:
        return _by_search(client, spec, spec.search, identity, cancellable)
    try:
        reply = client.send(spec.read_call(identity)._replace(cancellable=cancellable))
    except StatusError as error:
        if error.status in _GONE:
            return None
        raise
    return Found(reply.text, reply.document())


def _by_search(
    client: Client,
    spec: ObjectSpec,
    wanted: Search,
    identity: str,
    cancellable: bool,  # noqa: FBT001 - private
) -> Found | None:
    operations = search.checked_patch(wanted)
    method = client.settings.read_method
    collection = paths.filled(spec.path, identity)
    target = paths.with_query(collection, wanted.query_string, spec.query_string)
    body = wanted.body.encode() if wanted.body else None
    reply = client.send(Call(method, target, body, chatty=spec.chatty, cancellable=cancellable))
    items = search.results(reply.text, wanted.results_key, f"{method} to '{collection}'")
    item = search.first_match(items, wanted.key, wanted.value.replace(paths.PLACEHOLDER, identity))
    if item is None:
        return None
    item = search.patched(item, operations)
    return Found(jsontext.dump(item), item)
