"""The provider's configuration: attributes, their environment variables, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import urlsplit

from .errors import SettingsError
from .tables import PROVIDER
from .wire import UNKNOWN, Attributes, Value

if TYPE_CHECKING:
    from .schema import Attribute

_INVALID = "Invalid Configuration"
_TRUE = {"1", "t", "true"}
_FALSE = {"0", "f", "false"}


class OAuth(NamedTuple):
    """OAuth 2 client credentials."""

    client_id: str
    client_secret: str
    endpoint: str
    scopes: tuple[str, ...]
    params: Mapping[str, str]

    def __repr__(self) -> str:
        return f"OAuth(client_id={self.client_id!r}, endpoint={self.endpoint!r})"


class RetryPolicy(NamedTuple):
    """How often and how long to wait before repeating; waits in seconds."""

    repeats: int = 0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0


class Tls(NamedTuple):
    """Trust and client certificate, each as a file or as text."""

    insecure: bool = False
    cert_file: str = ""
    cert_string: str = ""
    key_file: str = ""
    key_string: str = ""
    root_ca_file: str = ""
    root_ca_string: str = ""

    def __repr__(self) -> str:
        return f"Tls(insecure={self.insecure})"


class Settings(NamedTuple):
    """A checked provider configuration.

    Attributes:
        uri: Base of all requests, without trailing ``/``; ``None`` for the embedded bridge.
        timeout_s: Seconds for one exchange; ``None`` for no limit.
        rate: Requests per second; ``None`` for no limit.
    """

    uri: str | None = None
    tls: Tls = Tls()
    username: str = ""
    password: str = ""
    bearer_token: str = ""
    headers: Mapping[str, str] = {}
    use_cookies: bool = False
    timeout_s: float | None = 60.0
    id_attribute: str = "id"
    create_method: str = "POST"
    read_method: str = "GET"
    update_method: str = "PUT"
    destroy_method: str = "DELETE"
    write_returns_object: bool = False
    create_returns_object: bool = False
    xssi_prefix: str = ""
    rate: float | None = None
    test_path: str = ""
    debug: bool = False
    oauth: OAuth | None = None
    retries: RetryPolicy = RetryPolicy()

    def __repr__(self) -> str:
        return f"Settings(uri={self.uri!r})"


def is_known(config: Attributes) -> bool:
    """Tell whether the whole provider configuration is known already."""

    def known(value: Value) -> bool:
        if isinstance(value, dict):
            return all(known(item) for item in value.values())
        if isinstance(value, list):
            return all(known(item) for item in value)
        return value is not UNKNOWN

    return all(known(value) for value in config.values())


class _Reader:
    """Reads attributes of one block, falling back to environment variables."""

    def __init__(self, attributes: tuple[Attribute, ...], config: Attributes, block: str = "") -> None:
        self._attributes = {attribute.name: attribute for attribute in attributes}
        self._config = config
        self._block = (block,) if block else ()

    def path(self, name: str) -> tuple[str, ...]:
        return (*self._block, name)

    def text(self, name: str, default: str = "") -> str:
        value = self._config.get(name)
        if isinstance(value, str):
            return value
        variable = self._attributes[name].variable
        return os.environ.get(variable, default) if variable else default

    def nonempty(self, name: str, default: str) -> str:
        return self.text(name, default) or default

    def flag(self, name: str) -> bool:
        value = self._config.get(name)
        if isinstance(value, bool):
            return value
        text = self._variable(name).lower()
        if text in _TRUE or text in _FALSE or not text:
            return text in _TRUE
        raise self._bad_variable(name, "true or false")

    def number(self, name: str, default: float | None, *, least: float = 0, exclusive: bool = False) -> float:
        value = self._config.get(name)
        if value is None and not self._variable(name):
            return cast("float", default)
        try:
            number = float(cast("float | str", self._variable(name) if value is None else value))
        except ValueError:
            raise self._bad_variable(name, "a number") from None
        if number < least or (exclusive and number == least) or number != number:  # noqa: PLR0124 - not a number
            bound = f"greater than {least:g}" if exclusive else f"{least:g} or more"
            message = f"The value of {name} must be {bound}; it is {number:g}."
            title = "Invalid Retry Configuration" if self._block else _INVALID
            raise SettingsError(title, message, *self.path(name))
        return number

    def strings(self, name: str) -> tuple[str, ...]:
        value = self._config.get(name)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def map(self, name: str) -> dict[str, str]:
        value = self._config.get(name)
        if not isinstance(value, dict):
            return {}
        return {key: text for key, text in value.items() if isinstance(text, str)}

    def _variable(self, name: str) -> str:
        return os.environ.get(self._attributes[name].variable, "")

    def _bad_variable(self, name: str, wanted: str) -> SettingsError:
        variable = self._attributes[name].variable
        message = f"The environment variable {variable}, used for {name}, must be {wanted}."
        return SettingsError(_INVALID, message, *self.path(name))


def read_settings(config: Attributes) -> Settings:
    """Read and check a provider configuration in which everything is known.

    Args:
        config: Attributes and blocks by name, as Terraform gives them.

    Raises:
        SettingsError: Something is missing, contradictory or out of range.
    """
    reader = _Reader(PROVIDER.attributes, config)
    timeout = reader.number("timeout", 60.0)
    rate = reader.number("rate_limit", None, exclusive=True)
    settings = Settings(
        uri=_uri(config, reader),
        tls=_tls(reader),
        username=reader.text("username"),
        password=reader.text("password"),
        bearer_token=reader.text("bearer_token"),
        headers=reader.map("headers"),
        use_cookies=reader.flag("use_cookies"),
        timeout_s=timeout or None,
        id_attribute=reader.nonempty("id_attribute", "id"),
        create_method=reader.nonempty("create_method", "POST"),
        read_method=reader.nonempty("read_method", "GET"),
        update_method=reader.nonempty("update_method", "PUT"),
        destroy_method=reader.nonempty("destroy_method", "DELETE"),
        write_returns_object=reader.flag("write_returns_object"),
        create_returns_object=reader.flag("create_returns_object"),
        xssi_prefix=reader.text("xssi_prefix"),
        rate=rate,
        test_path=reader.text("test_path"),
        debug=reader.flag("debug"),
        oauth=_oauth(config),
        retries=_retries(config),
    )
    if settings.username and settings.password and settings.bearer_token:
        message = (
            "Both basic authentication (username and password) and bearer_token are set. Keep one of them."
        )
        raise SettingsError("Conflicting Authentication Methods", message, "bearer_token")
    return settings


def _uri(config: Attributes, reader: _Reader) -> str | None:
    uri = reader.text("uri")
    if not uri:
        if config.get("uri") is None:
            return None
        raise SettingsError(
            "Missing Required Configuration",
            "The uri configuration value is empty. Give the base address of the API, or leave uri out (and "
            "REST_API_URI unset) to use the bridge inside the provider.",
            "uri",
        )
    try:
        parts = urlsplit(uri)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        message = f"The uri must look like http://HOST:PORT or https://HOST:PORT/PATH; it is '{uri}'."
        raise SettingsError("Invalid URI Configuration", message, "uri")
    return uri.removesuffix("/")


def _tls(reader: _Reader) -> Tls:
    values = {name: reader.text(name) for name in Tls._fields if name != "insecure"}
    for stem, word in (("cert", "Certificate"), ("key", "Key"), ("root_ca", "Root CA")):
        if values[f"{stem}_file"] and values[f"{stem}_string"]:
            raise SettingsError(
                f"Conflicting {word} Configuration",
                f"Both {stem}_file and {stem}_string are set. Keep one of them.",
                f"{stem}_string",
            )
    certificate = values["cert_file"] or values["cert_string"]
    key = values["key_file"] or values["key_string"]
    if certificate and not key:
        message = "A client certificate needs its key: set key_file or key_string."
        raise SettingsError("Incomplete Certificate Configuration", message, "cert_file")
    if key and not certificate:
        message = "A client key needs its certificate: set cert_file or cert_string."
        raise SettingsError("Incomplete Key Configuration", message, "key_file")
    return Tls(insecure=reader.flag("insecure"), **values)


def _block(config: Attributes, name: str) -> tuple[_Reader, Attributes] | None:
    value = config.get(name)
    if not isinstance(value, dict):
        return None
    attributes = next(block.attributes for block in PROVIDER.blocks if block.name == name)
    return _Reader(attributes, value, name), value


def _oauth(config: Attributes) -> OAuth | None:
    found = _block(config, "oauth_client_credentials")
    if found is None:
        return None
    reader, _ = found
    required = ("oauth_client_id", "oauth_client_secret", "oauth_token_endpoint")
    values = [reader.text(name) for name in required]
    missing = [
        SettingsError(
            "Missing Required Configuration",
            f"The block {reader.path(name)[0]} needs {name}.",
            *reader.path(name),
        )
        for name, value in zip(required, values, strict=True)
        if not value
    ]
    if missing:
        missing[0].others = tuple(missing[1:])
        raise missing[0]
    return OAuth(*values, scopes=reader.strings("oauth_scopes"), params=reader.map("endpoint_params"))


def _retries(config: Attributes) -> RetryPolicy:
    found = _block(config, "retries")
    if found is None:
        return RetryPolicy()
    reader, _ = found
    policy = RetryPolicy(
        repeats=int(reader.number("max_retries", 0)),
        first_wait_s=reader.number("min_wait", 1.0),
        longest_wait_s=reader.number("max_wait", 30.0),
    )
    if policy.first_wait_s > policy.longest_wait_s:
        message = f"min_wait ({policy.first_wait_s:g}) is greater than max_wait ({policy.longest_wait_s:g})."
        raise SettingsError("Invalid Retry Configuration", message, *reader.path("min_wait"))
    return policy
