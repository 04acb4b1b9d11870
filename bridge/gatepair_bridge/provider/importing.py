"""Import ids: which existing object is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from . import jsontext, paths, tables
from .errors import SettingsError

if TYPE_CHECKING:
    from .schema import Attribute
    from .wire import Value

_TITLE = "Invalid Import ID"
_FORMS = (
    "Write /<path>/<object id>, with ?<query> if the object needs one. If the id is not the last segment, "
    "put it in braces: /v1/appliances/{<object id>}/network. For further arguments write a JSON object with "
    "path, id and any arguments of the resource."
)


class ImportTarget(NamedTuple):
    """An object to import.

    Attributes:
        identity: Its id.
        attributes: Arguments of the resource that the import id names.
    """

    identity: str
    attributes: dict[str, Value]


def read_import_id(import_id: str) -> ImportTarget:
    """Read an import id, a path or a JSON object.

    Raises:
        SettingsError: It names no object.
    """
    if import_id.lstrip().startswith("{"):
        try:
            return _from_document(jsontext.parse_object(import_id))
        except jsontext.JsonError:
            pass  # a path whose first segment is the id in braces
    path, _, query = import_id.partition("?")
    path = "/" + path.strip("/")
    attributes: dict[str, Value] = {"query_string": query} if query else {}
    opening, closing = path.find("/{"), path.find("}")
    if 0 <= opening < closing:
        identity = path[opening + 2 : closing]
        collection = f"{path[:opening]}/{paths.PLACEHOLDER}{path[closing + 1 :]}"
    else:
        collection, _, identity = path.rpartition("/")
    if not identity or not collection:
        wanted = "must be /<full path from server root>/<object id>"
        message = f"Invalid path to import api_object '{import_id}' - {wanted}. {_FORMS}"
        raise SettingsError(_TITLE, message)
    return ImportTarget(unquote(identity), attributes | {"path": collection})


def _from_document(document: jsontext.JsonObject) -> ImportTarget:
    allowed = {a.name: a for a in tables.resource().attributes if not a.computed}
    attributes: dict[str, Value] = {}
    for key, value in document.items():
        if key == "id":
            continue
        if key not in allowed:
            raise SettingsError(_TITLE, f"The import id has '{key}', which is no argument. {_FORMS}")
        attributes[key] = _argument(allowed[key], value)
    identity = document.get("id", document.get("object_id"))
    if not isinstance(identity, str) or not identity or not attributes.get("path"):
        raise SettingsError(_TITLE, f"A JSON import id needs 'path' and 'id' as strings. {_FORMS}")
    return ImportTarget(identity, attributes)


def _argument(attribute: Attribute, value: jsontext.Json) -> Value:
    if attribute.kind == "json":
        return value if isinstance(value, str) else jsontext.dump(value)
    right = {
        "string": isinstance(value, str),
        "bool": isinstance(value, bool),
        "strings": isinstance(value, list) and all(isinstance(item, str) for item in value),
        "object": isinstance(value, dict),
    }
    if not right[attribute.kind]:
        raise SettingsError(
            _TITLE, f"In the import id, '{attribute.name}' is {jsontext.kind(value)}. {_FORMS}"
        )
    if isinstance(value, dict):
        members = {member.name for member in attribute.members}
        if not set(value) <= members or not all(isinstance(item, str) for item in value.values()):
            wanted = ", ".join(sorted(members))
            raise SettingsError(
                _TITLE, f"In the import id, '{attribute.name}' may have {wanted}, as strings."
            )
        return cast("Value", dict.fromkeys(sorted(members)) | value)
    return cast("Value", value)


def identity_from_location(location: str, collection: str) -> str:
    """Find the id of a new object in the ``Location`` of the answer to its create."""
    path = urlsplit(location).path.rstrip("/")
    stem, _, last = path.rpartition("/")
    return unquote(last) if stem.endswith(collection.partition("?")[0].rstrip("/")) else ""
