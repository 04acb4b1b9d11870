"""The provider's arguments, each declared once: name, type, meaning.

Names and meanings follow the published schema of Mastercard/restapi 3, which the bundled provider shares:
https://registry.terraform.io/providers/Mastercard/restapi/latest/docs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from cdktf_stacks._cdktf import cdk
    from cdktf_stacks._values import JsonValue


class OauthClientCredentials(TypedDict):
    """Block `oauth_client_credentials`: a token from an OAuth 2 server goes with each request."""

    oauth_client_id: str
    oauth_client_secret: str
    oauth_token_endpoint: str
    oauth_scopes: NotRequired[Sequence[str]]
    endpoint_params: NotRequired[Mapping[str, str]]


class Retries(TypedDict, total=False):
    """Block `retries`: without it nothing is sent twice."""

    max_retries: int
    min_wait: int
    """Seconds before the first repetition; 1 if not given."""
    max_wait: int
    """Seconds between two tries at most; 30 if not given."""


class ProviderArguments(TypedDict, total=False):
    """What a `RestapiProvider` can be given; all of it may stay out.

    Secrets (`password`, `bearer_token`, `key_string`, the OAuth client secret) must be tokens, such as the
    `string_value` of a sensitive `TerraformVariable`: a literal would stand in the synthesized files.
    """

    uri: str
    """Base of all requests. Without it the bundled provider runs the bridge within itself."""
    insecure: bool
    """Do not verify the server's certificate."""
    username: str
    password: str
    bearer_token: str
    headers: Mapping[str, str]
    """Sent with every request; names are kept as they are written."""
    use_cookies: bool
    timeout: int
    """Seconds for one request, 60 if not given."""
    id_attribute: str
    """Key of an object's id, `id` if not given; `/` goes down into objects and lists."""
    create_method: str
    read_method: str
    update_method: str
    destroy_method: str
    copy_keys: Sequence[str]
    write_returns_object: bool
    """Answers to create and update carry the object, so it is not read once more."""
    create_returns_object: bool
    """The same for create alone."""
    xssi_prefix: str
    rate_limit: float
    """Requests per second."""
    test_path: str
    """Read once when the provider starts, to fail early."""
    debug: bool
    cert_file: str
    key_file: str
    cert_string: str
    key_string: str
    root_ca_file: str
    """PEM file of the authorities to trust, instead of the system's."""
    root_ca_string: str
    oauth_client_credentials: OauthClientCredentials
    retries: Retries


class ReadSearch(TypedDict):
    """Find an object by a search in its collection instead of by its path."""

    search_key: str
    search_value: str
    results_key: NotRequired[str]
    query_string: NotRequired[str]
    search_data: NotRequired[str]
    search_patch: NotRequired[str]


class RequiredObjectArguments(TypedDict):
    """What a `RestapiObject` must be given."""

    path: str
    """Collection of the object, such as `/v1/pairs`; with `{id}` in it, the object itself."""
    data: Mapping[str, JsonValue] | str
    """The object: a mapping, or JSON text of one."""


class ObjectArguments(RequiredObjectArguments, total=False):
    """What a `RestapiObject` can be given."""

    create_path: str
    read_path: str
    update_path: str
    destroy_path: str
    create_method: str
    read_method: str
    update_method: str
    destroy_method: str
    read_data: Mapping[str, JsonValue] | str
    update_data: Mapping[str, JsonValue] | str
    destroy_data: Mapping[str, JsonValue] | str
    query_string: str
    """Added to the address of every request, without its `?`."""
    object_id: str
    """The id to use; wins over the one in `data`."""
    id_attribute: str
    read_search: ReadSearch
    force_new: Sequence[str]
    """Keys of `data`, nested with `.`, whose change replaces the object."""
    ignore_changes_to: Sequence[str]
    """Keys of `data`, nested with `.`, which the server may change or leave out."""
    ignore_server_additions: bool
    ignore_all_server_changes: bool
    debug: bool


class RequiredDataArguments(TypedDict):
    """What a `DataRestapiObject` must be given."""

    path: str
    search_key: str
    search_value: str


class DataArguments(RequiredDataArguments, total=False):
    """What a `DataRestapiObject` can be given."""

    search_path: str
    query_string: str
    read_query_string: str
    """Replaces `query_string` when the object found is read; empty means none."""
    search_data: str
    results_key: str
    results_contains_object: bool
    """The search answers with whole objects, so the one found is not read once more."""
    id_attribute: str
    debug: bool


class MetaArguments(TypedDict, total=False):
    """What every resource and data source of the CDK understands."""

    provider: cdk.TerraformProvider
    depends_on: Sequence[cdk.ITerraformDependable]
    count: int | float | cdk.TerraformCount
    for_each: cdk.ITerraformIterator
    lifecycle: cdk.TerraformResourceLifecycle


class ObjectKeywords(ObjectArguments, MetaArguments, total=False):
    """All keywords of a `RestapiObject`."""


class DataKeywords(DataArguments, MetaArguments, total=False):
    """All keywords of a `DataRestapiObject`."""


JSON_ARGUMENTS = frozenset({"data", "read_data", "update_data", "destroy_data"})
META_ARGUMENTS = frozenset(MetaArguments.__annotations__)


def check_names(owner: str, given: Iterable[str], known: type) -> None:
    """Refuse a keyword that the provider does not have.

    Args:
        owner: Construct path or class, for the error.
        given: The keywords that came in.
        known: The TypedDict that lists the keywords there are.

    Raises:
        TypeError: A keyword is unknown, or one that must be there is not.
    """
    names = set(given)
    allowed: set[str] = set(getattr(known, "__annotations__", {}))
    required: set[str] = set(getattr(known, "__required_keys__", ()))
    if strange := sorted(names - allowed):
        raise TypeError(f"{owner} has no argument {strange[0]!r}; it has: {', '.join(sorted(allowed))}")
    if missing := sorted(required - names):
        raise TypeError(f"{owner} needs the argument {missing[0]!r}")
