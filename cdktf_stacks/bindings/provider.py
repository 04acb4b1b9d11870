"""Provider `restapi`: the one that gatepair brings along, or Mastercard/restapi from the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack, cast

import attrs

from cdktf_stacks._cdktf import Construct, cdk
from cdktf_stacks._values import has_token, normalise
from cdktf_stacks.bindings.attributes import ProviderArguments, check_names
from cdktf_stacks.vendoring import vendor_at_synth
from gatepair import launcher

_VARIABLE_OF_SECRET = {
    "password": "REST_API_PASSWORD",
    "bearer_token": "REST_API_BEARER",
    "key_string": "REST_API_KEY_STRING",
    "oauth_client_secret": "REST_API_OAUTH_CLIENT_SECRET",
}


@attrs.frozen(kw_only=True)
class ProviderSource:
    """Where Terraform finds a provider, and which release of it.

    Attributes:
        address: Source address, such as `Mastercard/restapi`.
        version: Version constraint.
    """

    address: str
    version: str


BUNDLED = ProviderSource(address=launcher.SOURCE, version=launcher.VERSION)
"""The provider in Python that gatepair brings along; found without any install step."""

MASTERCARD = ProviderSource(address="Mastercard/restapi", version="3.0.0")
"""The provider in Go from the public registry; needs a bridge that runs as a service."""


class RestapiProvider(cdk.TerraformProvider):
    """The provider `restapi` in a stack.

    Example:
        ```python
        RestapiProvider(stack, "restapi", write_returns_object=True)
        RestapiProvider(stack, "lab", alias="lab", uri="https://bridge.lab.example.net")
        ```

    Args:
        scope: The stack, or a construct in it.
        id: Id in the scope.
        source: Which provider answers to the name.
        alias: Tells several of them in one stack apart.
        **arguments: The provider's own arguments, see `ProviderArguments`.

    Raises:
        TypeError: An argument is unknown or has a value that Terraform has no form for.
        ValueError: A secret was given as a literal.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        source: ProviderSource = BUNDLED,
        alias: str | None = None,
        **arguments: Unpack[ProviderArguments],
    ) -> None:
        given = cast("Mapping[str, object]", arguments)
        check_names("RestapiProvider", given, ProviderArguments)
        _refuse_literal_secrets(given)
        values = {name: normalise(value, name) for name, value in given.items() if value is not None}
        # The CDK writes the keys of a provider's maps in its own way; overrides keep them as they are.
        headers = values.pop("headers", None)
        oauth = dict(cast("dict[str, object]", values.get("oauth_client_credentials", {})))
        parameters = oauth.pop("endpoint_params", None)
        self._alias = alias
        self._values = values | ({"oauth_client_credentials": oauth} if oauth else {})
        super().__init__(
            scope,
            id,
            terraform_resource_type="restapi",
            terraform_provider_source=source.address,
            terraform_generator_metadata=cdk.TerraformProviderGeneratorMetadata(
                provider_name="restapi", provider_version_constraint=source.version
            ),
        )
        if headers:
            self.add_override("headers", headers)
        if parameters:
            self.add_override("oauth_client_credentials.endpoint_params", parameters)
        if source.address == launcher.SOURCE:
            vendor_at_synth(cdk.TerraformStack.of(self))

    @property
    def alias(self) -> str | None:
        """Name that tells several providers of the same kind in a stack apart."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value

    def _synthesize_attributes(self) -> Mapping[str, object]:
        return self._values


def _refuse_literal_secrets(given: Mapping[str, object]) -> None:
    oauth = cast("Mapping[str, object]", given.get("oauth_client_credentials") or {})
    for name, variable in _VARIABLE_OF_SECRET.items():
        value = given.get(name, oauth.get(name))
        if isinstance(value, str) and value and not has_token(value):
            raise ValueError(
                f"RestapiProvider: {name} would stand in the synthesized files; set {variable} in the "
                "environment instead, or give the string_value of a sensitive TerraformVariable"
            )
