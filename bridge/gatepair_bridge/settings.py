"""Settings of the bridge as a service: bridge.toml, with everything wrong in it told at once."""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs

from gatepair.errors import InvalidInput
from gatepair.models.addresses import HTTPS_PORT
from gatepair_bridge.api.policy import AllowListed, IpNetwork

if TYPE_CHECKING:
    from gatepair.config import Config
    from gatepair.models import Pair
    from gatepair_bridge.api.premises import Premises
    from gatepair_bridge.api.sessions import Sessions
    from gatepair_bridge.api.tokens import TokenFile

DEFAULT_BIND = "127.0.0.1:8642"


class SettingsError(InvalidInput):
    """bridge.toml, or a file it names, cannot be used; the message lists everything wrong."""

    slug = "bridge-settings"
    title = "The bridge's configuration is not valid"
    default_remedy = "Correct it; nothing was started."


@attrs.frozen(kw_only=True)
class Listener:
    """Address and port that the service listens on."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Listener:
        """Read ``host:port``; the host is an IP address or ``localhost``, port 0 picks a free one.

        Raises:
            ValueError: It is not of that form.
        """
        host, colon, port = text.rpartition(":")
        host = host.strip("[]")
        if not colon or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the highest port
            raise ValueError(f'must be ADDRESS:PORT such as "{DEFAULT_BIND}"')
        if host != "localhost":
            ip_address(host)
        return cls(host=host, port=int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host == "localhost" or ip_address(self.host).is_loopback


@attrs.frozen(kw_only=True)
class BridgeSettings:
    """What the operator of a bridge decides.

    Args:
        bind: Where to listen.
        pairs: A pairs.toml: credentials and trust for the appliances, and pairs that may be managed.
        appliance_networks: Networks in which callers may name further appliances by address.
        appliance_ports: Ports of those appliances.
        secret_references: Patterns of secret references that callers may name, ``*`` for all but a slash.
        user_networks: Networks of virtual IPs at which verify acts as a user, beside those of declared pairs.
        firmware_urls: Patterns of URLs that callers may have firmware taken from.
        gateway_ca: PEM file with the CA of the gateways' own certificates; that of the appliances if absent.
        backups: Directory that backups of both appliances go to before an upgrade.
        tokens: File of bearer tokens; without one, only callers on this machine are let in.
        certificate: PEM file of the service's certificate, with its chain.
        key: PEM file of its private key.
        client_ca: PEM file of the CAs whose client certificates are demanded; none are, if absent.
        behind_proxy: A proxy on the way takes care of TLS.
        caller_credentials: Callers may bring credentials for the appliances with a request.
        primary_hosts: Names of declared pairs by the host names under which their primary is found.
        max_body_bytes: Largest request body.
        max_upload_bytes: Largest request body that is handed on to an appliance.
        requests_per_second: Requests a second for each caller; 0 for no limit.
        threads: Reads answered at the same time, and as many changes again.
        shutdown_grace_s: Seconds that changes may go on after the service was told to stop.
        audit_log: File that the audit log is appended to, beside standard error.
    """

    bind: Listener = attrs.field(factory=lambda: Listener.parse(DEFAULT_BIND))
    pairs: Path | None = None
    appliance_networks: tuple[IpNetwork, ...] = ()
    appliance_ports: tuple[int, ...] = (HTTPS_PORT,)
    secret_references: tuple[str, ...] = ()
    user_networks: tuple[IpNetwork, ...] = ()
    firmware_urls: tuple[str, ...] = ()
    gateway_ca: Path | None = None
    backups: Path | None = None
    tokens: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    behind_proxy: bool = False
    caller_credentials: bool = False
    primary_hosts: Mapping[str, str] = attrs.field(factory=dict[str, str])
    max_body_bytes: int = 65536
    max_upload_bytes: int = 256 * 1024 * 1024
    requests_per_second: float = 50.0
    threads: int = 32
    shutdown_grace_s: float = 30.0
    audit_log: Path | None = None

    def __attrs_post_init__(self) -> None:
        problems = [text for wrong, text in self._rules() if wrong]
        if problems:
            raise SettingsError("; ".join(problems))

    def _rules(self) -> list[tuple[bool, str]]:
        exposed = not self.bind.is_loopback
        others = f"bind: {self.bind.host} is reached from other machines, so"
        return [
            ((self.certificate is None) != (self.key is None), "certificate and key belong together"),
            (self.client_ca is not None and self.certificate is None, "client_ca needs certificate and key"),
            (
                exposed and self.tokens is None,
                f"{others} tokens must name a token file",
            ),
            (
                exposed and self.certificate is None and not self.behind_proxy,
                f"{others} certificate and key are needed (or behind_proxy = true if a proxy has them)",
            ),
            (
                self.pairs is None and not self.appliance_networks,
                "nothing says which appliances may be reached: name pairs or appliance_networks",
            ),
            (self.max_body_bytes < 1024, "max_body_bytes must be at least 1024"),  # noqa: PLR2004 - a document's size
            (self.max_upload_bytes < 1024, "max_upload_bytes must be at least 1024"),  # noqa: PLR2004 - as above
            (self.requests_per_second < 0, "requests_per_second must not be negative"),
            (not 1 <= self.threads <= 1000, "threads must be 1 to 1000"),  # noqa: PLR2004 - a machine's limit
            (self.shutdown_grace_s < 0, "shutdown_grace_s must not be negative"),
        ]

    @property
    def config(self) -> Config | None:
        """The pairs file, loaded.

        Raises:
            gatepair.errors.PairsFileError: It cannot be used.
        """
        from gatepair.config import load_config  # noqa: PLC0415 - heavy, and needed once

        return load_config(self.pairs) if self.pairs else None

    def sessions(self) -> Sessions:
        """Make what opens conversations with appliances.

        Raises:
            gatepair.errors.InvalidInput: Nothing usable says how appliances are reached.
        """
        from gatepair.config import Connections, Settings  # noqa: PLC0415 - heavy, and needed once
        from gatepair_bridge.api.sessions import Sessions  # noqa: PLC0415 - as above

        config = self.config
        if config is None:
            return Sessions(Connections(common=Settings.from_environment()))
        return Sessions(config, declared=config.pairs)

    def policy(self) -> AllowListed:
        """Make the rule for what callers may name.

        Raises:
            gatepair.errors.PairsFileError: The pairs file cannot be used.
        """
        config = self.config
        declared = tuple(config.pairs.values()) if config else ()
        return AllowListed(
            appliances=[address for pair in declared for address in pair.addresses],
            networks=self.appliance_networks,
            ports=self.appliance_ports,
            references=self.secret_references,
            users=[pair.external.address for pair in declared if pair.external],
            user_networks=self.user_networks,
            firmware=self.firmware_urls,
        )

    def premises(self) -> Premises:
        """Make what handlers may use beside the appliances.

        Raises:
            SettingsError: One of them is that of a pair that the pairs file does not declare.
        """
        from gatepair_bridge.api.aliases import Aliases  # noqa: PLC0415 - only where wanted
        from gatepair_bridge.api.premises import Premises  # noqa: PLC0415 - as above

        config = self.config if self.primary_hosts else None
        declared: Mapping[str, Pair] = config.pairs if config else {}
        if unknown := sorted(set(self.primary_hosts.values()) - declared.keys()):
            raise SettingsError(
                f"primary_hosts: not declared in the pairs file: {', '.join(unknown)}", key="primary_hosts"
            )
        hosts = {host.lower(): declared[name].id for host, name in self.primary_hosts.items()}
        return Premises(aliases=Aliases(hosts), gateway_ca=self.gateway_ca, backups=self.backups)

    def check(self) -> None:
        """Open every file that the service would open, and start nothing.

        Raises:
            SettingsError: One of them cannot be used.
            gatepair.errors.PairsFileError: The pairs file cannot be used.
        """
        self.policy()
        self.token_file()
        self.premises()
        if self.backups is not None and not self.backups.is_dir():
            raise SettingsError(f"backups: {self.backups} is no directory", key="backups")
        for key, path in (("client_ca", self.client_ca), ("gateway_ca", self.gateway_ca)):
            _check_pem(key, lambda path=path: path and ssl.create_default_context(cafile=str(path)))
        if self.certificate is not None:
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            _check_pem("certificate", lambda: server.load_cert_chain(str(self.certificate), self.key))

    def token_file(self) -> TokenFile | None:
        """Open the token file.

        Raises:
            SettingsError: It cannot be used.
        """
        from gatepair_bridge.api.tokens import TokenFile, TokenFileError  # noqa: PLC0415 - only where wanted

        try:
            return TokenFile(self.tokens) if self.tokens else None
        except TokenFileError as error:
            raise SettingsError(str(error), key="tokens") from error


def _check_pem(key: str, use: Callable[[], object]) -> None:
    try:
        use()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{key}: cannot be used ({error})", key=key) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one kind of error for all values
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")  # noqa: TRY004 - as above
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 - as above
    return float(value)


def _many(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    def read_many(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list")  # noqa: TRY004 - as above
        return tuple(read(item) for item in cast("list[object]", value))

    return read_many


def _table(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError('must be a table such as { "office.example.net" = "office" }')  # noqa: TRY004 - as above
    return {_text(name): _text(pair) for name, pair in cast("dict[object, object]", value).items()}


PATHS = frozenset(
    {"pairs", "tokens", "certificate", "key", "client_ca", "audit_log", "gateway_ca", "backups"}
)
READERS: Mapping[str, Callable[[object], Any]] = {
    "bind": lambda value: Listener.parse(_text(value)),
    "appliance_networks": _many(lambda value: ip_network(_text(value))),
    "appliance_ports": _many(_whole),
    "secret_references": _many(_text),
    "user_networks": _many(lambda value: ip_network(_text(value))),
    "firmware_urls": _many(_text),
    "behind_proxy": _flag,
    "caller_credentials": _flag,
    "primary_hosts": _table,
    "max_body_bytes": _whole,
    "max_upload_bytes": _whole,
    "requests_per_second": _number,
    "threads": _whole,
    "shutdown_grace_s": _number,
    **dict.fromkeys(PATHS, _text),
}


def read_settings(path: Path | None = None, overrides: Mapping[str, object] | None = None) -> BridgeSettings:
    """Read bridge.toml.

    Args:
        path: The file; relative paths in it start from its directory. Absent, everything has its default.
        overrides: Values that come before the file's, such as those of the command line.

    Raises:
        SettingsError: Something is wrong; the message lists all of it.
    """
    given = dict(_load(path)) if path else {}
    base = path.absolute().parent if path else Path.cwd()
    values: dict[str, Any] = {}
    problems: list[str] = []
    for source, start in ((given, base), (overrides or {}, Path.cwd())):
        for name, raw in source.items():
            try:
                value = READERS[name](raw)
                values[name] = start / Path(value).expanduser() if name in PATHS else value
            except KeyError:
                problems.append(f"{name} is not known; known are {', '.join(sorted(READERS))}")
            except (ValueError, RuntimeError) as error:
                # RuntimeError: the path starts from the home of a user who has none.
                problems.append(f"{name}: {error}")
    where = f"{path}: " if path else ""
    if problems:
        raise SettingsError(where + "; ".join(problems))
    try:
        return BridgeSettings(**values)
    except SettingsError as error:
        raise SettingsError(where + error.message) from None


def _load(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error})") from error
