"""How each appliance is reached: user, password reference, trust and timeouts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import attrs

from gatepair._paths import expanded
from gatepair.errors import InvalidInput, SecretUnavailable
from gatepair.models import Credentials, ManagementAddress, Secret, SecretReference

DEFAULT_USERNAME: Final = "nsroot"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


@attrs.frozen(kw_only=True)
class Tls:
    """Whose certificates are trusted.

    Attributes:
        ca_file: PEM file with the CAs to trust; absent, the system's trust store.
        insecure: Trust whatever answers. For trying things out only.
    """

    ca_file: Path | None = None
    insecure: bool = False

    def __attrs_post_init__(self) -> None:
        if self.ca_file is not None and self.insecure:
            raise InvalidInput("is of no use together with insecure", key="ca_file")


@attrs.frozen(kw_only=True)
class Timeouts:
    """Limits of one call, in seconds, each more than 0.

    Attributes:
        connect_s: Until the connection stands, TLS included.
        read_s: Without a byte of the answer.
        write_s: Without being able to send.
        pool_s: Until a connection is free.
    """

    connect_s: float = 5.0
    read_s: float = 30.0
    write_s: float = 30.0
    pool_s: float = 5.0

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Timeouts):
            value = getattr(self, field.name)
            if not 0 < value < float("inf"):
                raise InvalidInput(f"{value} is not a number of seconds above 0", key=field.name)


@attrs.frozen(kw_only=True)
class Connection:
    """Everything needed to talk to one appliance. The password is a reference until it is sent.

    Attributes:
        address: Management address.
        credentials: User and password reference.
        tls: Whose certificates are trusted.
        timeouts: Limits of one call, in seconds.
    """

    address: ManagementAddress
    credentials: Credentials
    tls: Tls = attrs.field(factory=Tls)
    timeouts: Timeouts = attrs.field(factory=Timeouts)


class ConnectionSource(Protocol):
    """Who knows how to reach appliances: `Connections`, or a `gatepair.config.Config`."""

    def connection(self, address: ManagementAddress | str) -> Connection:
        """Return how to reach an appliance."""
        ...

    def resolve(self, reference: SecretReference) -> Secret:
        """Return the secret behind a reference such as the shared key's."""
        ...


@attrs.frozen(kw_only=True)
class Settings:
    """Part of what a connection needs; ``None`` means: not said here."""

    username: str | None = None
    password: SecretReference | Secret | None = None
    tls: Tls | None = None
    timeouts: Timeouts | None = None

    def over(self, weaker: Settings) -> Settings:
        """Return these settings, completed by weaker ones."""
        return Settings(
            username=self.username or weaker.username,
            password=self.password or weaker.password,
            tls=self.tls or weaker.tls,
            timeouts=self.timeouts or weaker.timeouts,
        )

    @classmethod
    def from_environment(cls) -> Settings:
        """Read ``GATEPAIR_USERNAME``, ``_PASSWORD``, ``_PASSWORD_FILE``, ``_CA_FILE`` and ``_INSECURE``.

        An empty variable counts as absent. The password stays a reference.

        Raises:
            InvalidInput: The variables contradict each other or are not understood.
        """
        values = {name: os.environ.get(f"GATEPAIR_{name}", "") for name in _VARIABLES}
        if values["PASSWORD"] and values["PASSWORD_FILE"]:
            raise InvalidInput("GATEPAIR_PASSWORD and GATEPAIR_PASSWORD_FILE are both set: unset one of them")
        password = "env:GATEPAIR_PASSWORD" if values["PASSWORD"] else ""
        if values["PASSWORD_FILE"]:
            password = f"file:{_own_path('PASSWORD_FILE', values['PASSWORD_FILE'])}"
        return cls(
            username=values["USERNAME"] or None,
            password=SecretReference(password) if password else None,
            tls=_tls_from(values["CA_FILE"], values["INSECURE"].lower()),
        )


_VARIABLES: Final = ("USERNAME", "PASSWORD", "PASSWORD_FILE", "CA_FILE", "INSECURE")


def _tls_from(ca_file: str, insecure: str) -> Tls | None:
    if insecure and insecure not in _TRUE | _FALSE:
        raise InvalidInput("GATEPAIR_INSECURE is neither 1 nor 0")
    if ca_file and insecure in _TRUE:
        raise InvalidInput("GATEPAIR_CA_FILE is of no use together with GATEPAIR_INSECURE: unset one of them")
    if not ca_file and insecure not in _TRUE:
        return None
    return Tls(ca_file=_own_path("CA_FILE", ca_file) if ca_file else None, insecure=not ca_file)


def _own_path(variable: str, text: str) -> Path:
    try:
        return expanded(text).absolute()
    except InvalidInput as error:
        raise InvalidInput(f"GATEPAIR_{variable}: {error.message}") from None


def _frozen(
    value: Mapping[ManagementAddress, Settings],
) -> Mapping[ManagementAddress, Settings]:
    return MappingProxyType(dict(value))


@attrs.frozen(kw_only=True)
class Connections:
    """Knows for every appliance how it is reached.

    Attributes:
        common: Settings for all appliances.
        appliances: Settings of single appliances, which come before the common ones.
        base: Directory that relative ``file:`` references start from.

    Example:
        >>> reference = SecretReference("env:GATEPAIR_PASSWORD")
        >>> connections = Connections(common=Settings(password=reference))
        >>> connections.connection("192.0.2.11").credentials.username
        'nsroot'
    """

    common: Settings = attrs.field(factory=Settings)
    appliances: Mapping[ManagementAddress, Settings] = attrs.field(
        factory=dict[ManagementAddress, Settings], converter=_frozen, hash=False
    )
    base: Path = attrs.field(factory=Path.cwd)

    @classmethod
    def from_environment(cls) -> Connections:
        """Return the connections that ``GATEPAIR_CONFIG`` (a pairs.toml) and ``GATEPAIR_*`` describe.

        A variable comes before ``[defaults]`` of the file, and after what a pair or an appliance
        says for itself there.

        Raises:
            InvalidInput: The variables contradict each other.
            PairsFileError: ``GATEPAIR_CONFIG`` names a file that cannot be used.
        """
        path = os.environ.get("GATEPAIR_CONFIG")
        if path:
            from gatepair.config.loader import load_config  # noqa: PLC0415 - the loader imports this module

            return load_config(path).connections
        return cls(common=Settings.from_environment())

    def connection(self, address: ManagementAddress | str) -> Connection:
        """Return how to reach an appliance.

        Raises:
            InvalidInput: ``address`` is no management address.
            SecretUnavailable: Nothing says where its password is.
        """
        known = ManagementAddress.parse(address) if isinstance(address, str) else address
        settings = self.appliances.get(known, Settings()).over(self.common)
        password = settings.password
        if password is None:
            raise SecretUnavailable(
                "there is no password for this appliance",
                node=known,
                key="password",
                remedy="Set password in pairs.toml, or GATEPAIR_PASSWORD or GATEPAIR_PASSWORD_FILE.",
            )
        if isinstance(password, SecretReference):
            password = password.anchored(self.base)
        return Connection(
            address=known,
            credentials=Credentials(username=settings.username or DEFAULT_USERNAME, password=password),
            tls=settings.tls or Tls(),
            timeouts=settings.timeouts or Timeouts(),
        )

    def resolve(self, reference: SecretReference) -> Secret:
        """Return the secret behind a reference, a relative path taken from ``base``.

        Raises:
            SecretUnavailable: It leads nowhere.
        """
        return reference.resolve(self.base)
