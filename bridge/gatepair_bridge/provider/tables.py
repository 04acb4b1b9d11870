"""The provider's schema: one table each for the provider, the resource and the data source.

Names, kinds and environment variables are those of the public provider Mastercard/restapi
(major version 3), so that a configuration runs on either. The reference page is made from
these tables.
"""

from __future__ import annotations

import functools
import os

from .schema import Attribute, Block, Schema

TYPE_NAME = "restapi_object"
SENSITIVE_VARIABLE = "API_DATA_IS_SENSITIVE"
"""Environment variable that marks everything that holds object data as sensitive."""


def _setting(name: str, text: str, *, default: str = "", sensitive: bool = False, env: str = "") -> Attribute:
    variable = env or f"REST_API_{name.upper()}"
    return Attribute(name, "string", text, sensitive=sensitive, variable=variable, default=default)


def _flag(name: str, variable: str, text: str) -> Attribute:
    return Attribute(name, "bool", text, variable=variable, default="false")


def _method(operation: str, default: str) -> Attribute:
    return _setting(f"{operation}_method", f"HTTP method that {operation}s an object.", default=default)


_OAUTH = Block(
    "oauth_client_credentials",
    (
        _setting("oauth_client_id", "Client id.", env="REST_API_OAUTH_CLIENT_ID"),
        _setting("oauth_client_secret", "Client secret.", sensitive=True, env="REST_API_OAUTH_CLIENT_SECRET"),
        _setting("oauth_token_endpoint", "URL that issues tokens.", env="REST_API_OAUTH_TOKEN_URL"),
        Attribute("oauth_scopes", "strings", "Scopes to ask for."),
        Attribute("endpoint_params", "map", "Further form fields of the token request."),
    ),
    "OAuth 2 client credentials. A token is fetched once and renewed shortly before it ends. The first "
    "three are required, here or by their environment variables.",
)

_RETRIES = Block(
    "retries",
    (
        Attribute(
            "max_retries", "number", "How often a request is repeated.", variable="REST_API_RETRY_MAX",
            default="0",
        ),
        Attribute(
            "min_wait", "number", "First wait, in seconds; it doubles from there.",
            variable="REST_API_RETRY_WAIT_MIN", default="1",
        ),
        Attribute(
            "max_wait", "number", "Longest wait, in seconds. A server's `Retry-After` counts beyond it.",
            variable="REST_API_RETRY_WAIT_MAX", default="30",
        ),
    ),
    "Repeat requests after connection errors, timeouts, 429 and 5xx (not 501). Without this block nothing "
    "is repeated. A request that may have created something is repeated only if it is certain that it did "
    "not.",
)  # fmt: skip

PROVIDER = Schema(
    description="Manages objects behind any REST API; without `uri` it talks to the gatepair bridge inside "
    "the provider's own process.",
    attributes=(
        _setting(
            "uri", "Base of all requests. One trailing `/` is cut, a path is kept.",
            default="the embedded bridge",
        ),
        _flag("insecure", "REST_API_INSECURE", "Do not verify the server's certificate."),
        _setting("username", "User name for basic authentication; used only together with `password`."),
        _setting("password", "Password for basic authentication.", sensitive=True),
        _setting("bearer_token", "Token for `Authorization: Bearer`.", sensitive=True, env="REST_API_BEARER"),
        Attribute(
            "headers", "map", "Headers of every request; they replace those that the provider sets itself, "
            "except `Authorization` when basic authentication is used.", sensitive=True,
        ),
        _flag("use_cookies", "REST_API_USE_COOKIES", "Keep cookies for the life of the process."),
        Attribute(
            "timeout", "number", "Seconds for one request, answer included, and for following one long "
            "operation to its end; 0 is no limit.", variable="REST_API_TIMEOUT", default="60",
        ),
        _setting(
            "id_attribute", "Where the id is in an object: keys joined by `/`, a number for a list position.",
            default="id",
        ),
        _method("create", "POST"),
        Attribute(
            "read_method", "string", "HTTP method that reads an object; also for searches and `test_path`.",
            variable="REST_API_READ_METHOD", default="GET",
        ),
        _method("update", "PUT"),
        _method("destroy", "DELETE"),
        Attribute(
            "copy_keys", "strings", "Accepted for compatibility; it changes no request, as in the original.",
        ),
        _flag(
            "write_returns_object", "REST_API_WRO",
            "The response to a create or update is the object: do not read it again.",
        ),
        _flag("create_returns_object", "REST_API_CRO", "The same for create only."),
        _setting("xssi_prefix", "Text that is cut from the start of each response body."),
        Attribute(
            "rate_limit", "number", "Requests per second of the whole process; bursts of one second's worth.",
            variable="REST_API_RATE_LIMIT", default="no limit",
        ),
        _setting("test_path", "Path that is read once when the provider is configured."),
        _flag("debug", "REST_API_DEBUG", "Log requests at INFO instead of DEBUG; never their contents."),
        _setting("cert_file", "File with the client certificate (PEM)."),
        _setting("key_file", "File with the client certificate's key (PEM)."),
        _setting("cert_string", "The client certificate itself (PEM)."),
        _setting("key_string", "The client certificate's key itself (PEM).", sensitive=True),
        _setting("root_ca_file", "File with the certificates to trust instead of the system's (PEM)."),
        _setting("root_ca_string", "The certificates to trust instead of the system's (PEM)."),
    ),
    blocks=(_OAUTH, _RETRIES),
)  # fmt: skip

_SEARCH = (
    Attribute("search_key", "string", "Key whose value identifies it; nested with `/`.", required=True),
    Attribute(
        "search_value", "string", "Value to find, compared as text; `{id}` stands for the object's id.",
        required=True,
    ),
    Attribute("results_key", "string", "Where the list is in the response; nested with `/`."),
    Attribute("query_string", "string", "Query of the search, put before the resource's own."),
    Attribute("search_data", "string", "Body of the search request."),
    Attribute("search_patch", "string", "JSON patch (RFC 6902) for what was found."),
)  # fmt: skip


def _path(operation: str, default: str) -> Attribute:
    return Attribute(
        f"{operation}_path", "string", f"Path that {operation}s the object; `{{id}}` is replaced.",
        default=default,
    )  # fmt: skip


def _body(operation: str, text: str, *, sensitive: bool) -> Attribute:
    return Attribute(f"{operation}_data", "json", text, sensitive=sensitive)


def data_is_sensitive() -> bool:
    """Tell whether the environment asks to treat all object data as sensitive."""
    return os.environ.get(SENSITIVE_VARIABLE, "").lower() in {"1", "t", "true"}


_OPTIONS = (
    Attribute("query_string", "string", "Query of all requests."),
    Attribute("object_id", "string", "The id, instead of the one in `data`."),
    Attribute("id_attribute", "string", "Where the id is in the object.", default="the provider's"),
    Attribute("read_search", "object", "Read by searching the collection.", members=_SEARCH),
    Attribute(
        "force_new", "strings", "Keys of `data` (nested with `.`) whose change replaces the object."
    ),
)  # fmt: skip

_IGNORED = (
    Attribute(
        "ignore_server_additions", "bool", "Ignore members that only the server has.", default="false"
    ),
    Attribute(
        "ignore_all_server_changes", "bool", "Ignore whatever changes on the server.", default="false"
    ),
    Attribute("debug", "bool", "As the provider's `debug`, for this object.", default="false"),
)  # fmt: skip


def _shown(*, sensitive: bool) -> tuple[Attribute, ...]:
    """Give the computed attributes of the resource."""
    return (
        Attribute("id", "string", "The id.", computed=True),
        Attribute(
            "api_data", "map", "Top-level members of the last response, each as text.", computed=True,
            sensitive=sensitive,
        ),
        Attribute(
            "api_response", "string", "The last response's body.", computed=True, sensitive=sensitive
        ),
        Attribute(
            "create_response", "string", "What `api_response` was right after the create.", computed=True,
            sensitive=sensitive,
        ),
    )  # fmt: skip


@functools.cache
def resource(*, sensitive: bool = False) -> Schema:
    """Give the schema of the resource.

    Args:
        sensitive: Whether object data counts as sensitive (see :func:`data_is_sensitive`).
    """
    methods = tuple(
        Attribute(f"{operation}_method", "string", f"Instead of the provider's {operation}_method.")
        for operation in ("create", "read", "update", "destroy")
    )
    attributes = (
        Attribute(
            "path", "string", "Path of the collection, appended to `uri`. With `{id}` in it, it is the "
            "object's own path for all four operations.", required=True,
        ),
        Attribute("data", "json", "The object, as JSON.", required=True, sensitive=sensitive),
        _path("create", "`path`"),
        _path("read", "`path`/{id}"),
        _path("update", "`path`/{id}"),
        _path("destroy", "`path`/{id}"),
        *methods,
        _body("read", "Body of read requests.", sensitive=sensitive),
        _body("update", "Body of update requests, instead of `data`.", sensitive=sensitive),
        _body("destroy", "Body of delete requests.", sensitive=sensitive),
        *_OPTIONS,
        Attribute(
            "ignore_changes_to", "strings", "Keys of `data` (nested with `.`) whose changes on the server "
            "are ignored; also for what the server never gives back.", sensitive=sensitive,
        ),
        *_IGNORED,
        *_shown(sensitive=sensitive),
    )  # fmt: skip
    return Schema(description="An object behind a REST API.", attributes=attributes)


@functools.cache
def data_source(*, sensitive: bool = False) -> Schema:
    """Give the schema of the data source.

    Args:
        sensitive: Whether object data counts as sensitive (see :func:`data_is_sensitive`).
    """
    attributes = (
        Attribute("path", "string", "Path of the collection; the object is read below it.", required=True),
        Attribute("search_path", "string", "Path of the search.", default="`path`"),
        *_SEARCH[:2],
        Attribute("query_string", "string", "Query of the search and of the read."),
        Attribute(
            "read_query_string", "string", "Query of the read instead; empty for none.",
            default="`query_string`",
        ),
        Attribute("search_data", "string", "Body of the search request."),
        Attribute("results_key", "string", "Where the list is in the response; nested with `/`."),
        Attribute(
            "results_contains_object", "bool", "The list holds the whole objects: do not read again.",
            default="false",
        ),
        Attribute("id_attribute", "string", "Where the id is in the object.", default="the provider's"),
        Attribute("debug", "bool", "As the provider's `debug`.", default="false"),
        Attribute("id", "string", "The id.", computed=True),
        Attribute(
            "api_data", "map", "Top-level members of the object, each as text.", computed=True,
            sensitive=sensitive,
        ),
        Attribute(
            "api_response", "string", "The object as the server gave it.", computed=True,
            sensitive=sensitive,
        ),
    )  # fmt: skip
    return Schema(description="Finds an object in a collection of a REST API.", attributes=attributes)
