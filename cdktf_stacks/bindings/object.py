"""Resource and data source `restapi_object`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Unpack, cast

from cdktf_stacks._cdktf import Construct, cdk
from cdktf_stacks.bindings.arguments import split_arguments
from cdktf_stacks.bindings.attributes import DataKeywords, ObjectKeywords, check_names

OBJECT_TYPE = "restapi_object"


class _Element(Protocol):
    """A resource or a data source of the CDK."""

    def get_string_attribute(self, terraform_attribute: str) -> str: ...


class ApiData:
    """Members of the server's last answer, as references: `thing.api_data["name"]`."""

    def __init__(self, owner: _Element) -> None:
        self._owner = owner

    def __getitem__(self, key: str) -> str:
        """Refer to one member, which reads as text.

        Args:
            key: Name of a member at the top of the answer.
        """
        return self._owner.get_string_attribute(f'api_data["{key}"]')


class _Object:
    """What the resource and the data source share: arguments that go in, and what the server answers."""

    arguments: dict[str, object]

    def _take(self, given: Mapping[str, object], known: type) -> dict[str, Any]:
        """Keep the provider's arguments, made fit, and return those of the CDK."""
        check_names(type(self).__name__, given, known)
        self.arguments, meta = split_arguments(given)
        return meta

    @property
    def id(self: _Element) -> str:
        """The object's id."""
        return self.get_string_attribute("id")

    @property
    def api_data(self: _Element) -> ApiData:
        """Members of the server's last answer."""
        return ApiData(self)

    @property
    def api_response(self: _Element) -> str:
        """The server's last answer as it came."""
        return self.get_string_attribute("api_response")

    def _synthesize_attributes(self) -> Mapping[str, object]:
        return self.arguments


class RestapiObject(_Object, cdk.TerraformResource):
    """An object behind a REST API, created, read, updated and deleted by the provider.

    `import_from`, `move_from_id`, `add_move_target` and the like come from the CDK's own resource.

    Example:
        ```python
        note = RestapiObject(stack, "note", path="/notes", data={"id": "1", "text": "hello"})
        TerraformOutput(stack, "text", value=note.api_data["text"])
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; with the scope's path it makes the Terraform address.
        **arguments: The provider's arguments, see `ObjectArguments`, and the CDK's, see `MetaArguments`.

    Attributes:
        arguments: The provider's arguments as they will be written; they are read at synth.

    Raises:
        TypeError: An argument is unknown, missing, or has a value that Terraform has no form for.
        ValueError: JSON text is not JSON, or not an object.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        **arguments: Unpack[ObjectKeywords],
    ) -> None:
        meta = self._take(cast("Mapping[str, object]", arguments), ObjectKeywords)
        super().__init__(scope, id, terraform_resource_type=OBJECT_TYPE, **meta)

    @property
    def create_response(self) -> str:
        """The server's answer when the object was created; null after an import."""
        return self.get_string_attribute("create_response")


class DataRestapiObject(_Object, cdk.TerraformDataSource):
    """An object that is found by a search, read only.

    Example:
        ```python
        found = DataRestapiObject(stack, "found", path="/notes", search_key="text", search_value="hello")
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope; with the scope's path it makes the Terraform address.
        **arguments: The provider's arguments, see `DataArguments`, and the CDK's, see `MetaArguments`.

    Attributes:
        arguments: The provider's arguments as they will be written; they are read at synth.

    Raises:
        TypeError: An argument is unknown, missing, or has a value that Terraform has no form for.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        **arguments: Unpack[DataKeywords],
    ) -> None:
        meta = self._take(cast("Mapping[str, object]", arguments), DataKeywords)
        super().__init__(scope, id, terraform_resource_type=OBJECT_TYPE, **meta)
