"""The data source: find one object in a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import jsontext, paths, search
from .client import Call
from .diagnostics import Diagnostic, explain
from .errors import ObjectError, ProviderError, ResponseError
from .outcome import Outcome, response_attributes
from .planning import path_fault
from .reading import Found
from .spec import id_of
from .wire import text

if TYPE_CHECKING:
    from .client import Client
    from .wire import Attributes


def validate(config: Attributes) -> list[Diagnostic]:
    """Check a data source's arguments as far as they are known."""
    return [fault for name in ("path", "search_path") if (fault := path_fault(config, name))]


def read(client: Client, config: Attributes) -> Outcome:
    """Search the collection, then read what was found."""
    try:
        identity, found = _find(client, config)
    except ProviderError as error:
        return Outcome(None, (explain("find", error),))
    return Outcome(dict(config) | {"id": identity} | response_attributes(found))


def _find(client: Client, config: Attributes) -> tuple[str, Found]:
    settings = client.settings
    path = text(config, "path")
    key, value, where = (
        text(config, "search_key"),
        text(config, "search_value"),
        text(config, "search_path") or path,
    )
    chatty = config.get("debug") is True
    body = text(config, "search_data")
    target = paths.with_query(where, text(config, "query_string"))
    call = Call(
        settings.read_method, target, body.encode() if body else None, chatty=chatty, cancellable=True
    )
    asked = f"{settings.read_method} to '{where}'"
    items = search.results(client.send(call).text, text(config, "results_key"), asked)
    item = search.first_match(items, key, value)
    if item is None:
        raise ObjectError(f"failed to find an object with the '{key}' key = '{value}' at {where}")
    id_attribute = text(config, "id_attribute") or settings.id_attribute
    identity = id_of(item, id_attribute)
    if not identity:
        keys = ", ".join(sorted(item)) or "none"
        raise ResponseError(
            f"failed to find id_attribute '{id_attribute}' in the record: its keys are {keys}"
        )
    if config.get("results_contains_object") is True:
        return identity, Found(jsontext.dump(item), item)
    own = config.get("read_query_string")
    query = own if isinstance(own, str) else text(config, "query_string")
    target = paths.with_query(paths.filled(paths.item_path(path), identity), query)
    reply = client.send(Call(settings.read_method, target, chatty=chatty, cancellable=True))
    return identity, Found(reply.text, reply.document())
