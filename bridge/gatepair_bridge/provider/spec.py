"""One object as configured: which calls create, read, update and delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import jsontext, paths
from .client import Call
from .drift import DriftOptions
from .errors import ObjectError
from .importing import identity_from_location
from .retry import IDEMPOTENT
from .wire import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .settings import Settings
    from .wire import Attributes, Value


class Search(NamedTuple):
    """How to find an object in a collection."""

    key: str
    value: str
    results_key: str = ""
    query_string: str = ""
    body: str = ""
    patch: str = ""


class ObjectSpec(NamedTuple):
    """A resource's arguments, with the provider's defaults filled in.

    Attributes:
        attributes: The same as Terraform has it.
        data: The object as JSON text.
        search: How to read it, if not by its own path.
    """

    attributes: Attributes
    path: str
    data: str
    id_attribute: str
    query_string: str
    methods: dict[str, str]
    paths: dict[str, str]
    bodies: dict[str, str]
    object_id: str
    search: Search | None
    drift: DriftOptions
    chatty: bool

    def document(self) -> jsontext.JsonObject:
        """Read ``data``.

        Raises:
            ObjectError: It is not a JSON object.
        """
        try:
            return jsontext.parse_object(self.data)
        except jsontext.JsonError as error:
            raise ObjectError(f"error parsing data provided: {error}", "data") from error

    def known_id(self) -> str:
        """Give the id that the configuration names; empty if only the server knows it."""
        return self.object_id or id_of(self.document(), self.id_attribute)

    def create_call(self, identity: str) -> Call:
        """Give the call that creates the object."""
        path = self.paths["create"] or self.path
        if paths.PLACEHOLDER in path and not identity:
            message = "the path of the create request contains {id}, but no id is known before the create"
            raise ObjectError(message, "create_path" if self.paths["create"] else "path")
        body = jsontext.encode(self.document())
        return self._call("create", paths.filled(path, identity), body)

    def read_call(self, identity: str) -> Call:
        """Give the call that reads the object by its own path."""
        call = self._call("read", self._item("read", identity), self._body("read"))
        return call._replace(replayable=True)

    def update_call(self, identity: str) -> Call:
        """Give the call that updates the object."""
        body = self._body("update")
        if body is None:
            body = jsontext.encode(self.document())
        return self._call("update", self._item("update", identity), body)

    def delete_call(self, identity: str) -> Call:
        """Give the call that deletes the object."""
        return self._call("destroy", self._item("destroy", identity), self._body("destroy"))

    def _item(self, operation: str, identity: str) -> str:
        path = self.paths[operation] or paths.item_path(self.path)
        if not identity:
            raise ObjectError("cannot address an object unless its id is known")
        return paths.filled(path, identity)

    def _body(self, operation: str) -> bytes | None:
        text = self.bodies[operation]
        return jsontext.encode(jsontext.parse(text)) if text else None

    def _call(self, operation: str, path: str, body: bytes | None) -> Call:
        method = self.methods[operation]
        target = paths.with_query(path, self.query_string)
        return Call(method, target, body, method.upper() in IDEMPOTENT, self.chatty)


def read_spec(attributes: Attributes, settings: Settings) -> ObjectSpec:
    """Read a resource's attributes.

    Args:
        attributes: As Terraform gives them; all that counts here is known.
        settings: The provider's, for the defaults.
    """
    defaults = {
        "create": settings.create_method,
        "read": settings.read_method,
        "update": settings.update_method,
        "destroy": settings.destroy_method,
    }
    keys = attributes.get("ignore_changes_to")
    return ObjectSpec(
        attributes=attributes,
        path=text(attributes, "path"),
        data=text(attributes, "data"),
        id_attribute=text(attributes, "id_attribute") or settings.id_attribute,
        query_string=text(attributes, "query_string"),
        methods={name: text(attributes, f"{name}_method") or method for name, method in defaults.items()},
        paths={name: text(attributes, f"{name}_path") for name in defaults},
        bodies={name: text(attributes, f"{name}_data") for name in ("read", "update", "destroy")},
        object_id=text(attributes, "object_id"),
        search=_search(attributes.get("read_search")),
        drift=DriftOptions(
            keys=tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else (),
            additions=attributes.get("ignore_server_additions") is True,
            everything=attributes.get("ignore_all_server_changes") is True,
        ),
        chatty=attributes.get("debug") is True,
    )


def _search(value: Value) -> Search | None:
    if not isinstance(value, dict):
        return None
    return Search(
        key=text(value, "search_key"),
        value=text(value, "search_value"),
        results_key=text(value, "results_key"),
        query_string=text(value, "query_string"),
        body=text(value, "search_data"),
        patch=text(value, "search_patch"),
    )


def id_of(document: jsontext.JsonObject, id_attribute: str) -> str:
    """Find the id in an object, as text; empty if there is none."""
    value = jsontext.lookup(document, id_attribute)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | jsontext.Number):
        return jsontext.plain_number(value)
    return ""


def is_own_path(collection: str, identity: str) -> Callable[[str], bool]:
    """Tell an object's own path from that of an operation on it.

    Args:
        collection: The resource's ``path``.
        identity: The object's id; empty if only the server knows it.
    """

    def own(target: str) -> bool:
        found = identity_from_location(target, collection)
        return bool(found) and identity in {"", found}

    return own
