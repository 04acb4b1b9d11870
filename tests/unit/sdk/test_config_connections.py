from __future__ import annotations

from pathlib import Path

import pytest
from sdk_pairs_file import CANARY, OFFICE, TWO, load

from gatepair.config import Connections, Settings, Timeouts, Tls
from gatepair.errors import InvalidInput, SecretUnavailable
from gatepair.models import ManagementAddress, Secret, SecretReference


def test_references_and_files_start_from_the_files_directory(tmp_path: Path) -> None:
    config = load(tmp_path, OFFICE)
    (tmp_path / ".emulator").mkdir()
    (tmp_path / ".emulator" / "password").write_text(f"{CANARY}\n")
    connection = config.connection("127.0.10.11:8443")
    assert connection.address == config.pairs["office"].addresses[0]
    assert connection.credentials.secret().reveal() == CANARY
    assert connection.tls == Tls(ca_file=tmp_path / ".emulator" / "ca.pem")
    assert connection.timeouts == Timeouts()
    assert CANARY not in repr(config) + repr(connection)
    (tmp_path / ".emulator" / "shared-key").write_text("key")
    assert config.resolve(SecretReference("file:.emulator/shared-key")) == Secret("key")


def test_appliances_and_pairs_come_before_defaults(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [defaults]
        password = "env:COMMON"
        ca_file = "common.pem"
        max_flips = 3
        fail_safe = "on"
        timeouts = { connect_s = 1 }
        [pairs.one]
        appliances = [
          { address = "192.0.2.1", username = "own", password = "env:OWN", insecure = true },
          { address = "192.0.2.2" },
        ]
        password = "env:ONE"
        timeouts = { read_s = 90.5 }
        max_flips = 0
        [pairs.two]
        appliances = [{ address = "192.0.2.3" }, { address = "192.0.2.4" }]
        """,
    )
    own, one, two, other = (config.connection(f"192.0.2.{last}") for last in (1, 2, 3, 99))
    assert (own.credentials.username, own.credentials.password) == ("own", SecretReference("env:OWN"))
    assert own.tls == Tls(insecure=True)
    assert (one.credentials.username, one.credentials.password) == ("nsroot", SecretReference("env:ONE"))
    assert one.tls == Tls(ca_file=tmp_path / "common.pem")
    assert one.timeouts == Timeouts(read_s=90.5)
    assert two.credentials.password == other.credentials.password == SecretReference("env:COMMON")
    assert two.timeouts == Timeouts(connect_s=1)
    assert (config.pairs["one"].failover.max_flips, config.pairs["two"].failover.max_flips) == (0, 3)
    assert config.pairs["one"].failover.fail_safe


def test_the_environment_comes_between_defaults_and_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEPAIR_USERNAME", "operator")
    monkeypatch.setenv("GATEPAIR_PASSWORD", CANARY)
    monkeypatch.setenv("GATEPAIR_INSECURE", "1")
    monkeypatch.chdir(tmp_path)
    config = load(
        tmp_path,
        f"""
        [defaults]
        password = "env:COMMON"
        ca_file = "common.pem"
        [pairs.one]
        {TWO}
        username = "own"
        """,
    )
    pair, other = config.connection("192.0.2.11"), config.connection("192.0.2.99")
    assert (pair.credentials.username, other.credentials.username) == ("own", "operator")
    assert pair.credentials.password == SecretReference("env:GATEPAIR_PASSWORD")
    assert pair.credentials.secret().reveal() == CANARY
    assert pair.tls == Tls(insecure=True)
    assert CANARY not in repr(config)
    monkeypatch.setenv("GATEPAIR_CONFIG", str(tmp_path / "pairs.toml"))
    assert Connections.from_environment().connection("192.0.2.11") == pair


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text(CANARY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEPAIR_PASSWORD_FILE", "password")
    monkeypatch.setenv("GATEPAIR_CA_FILE", "ca.pem")
    monkeypatch.setenv("GATEPAIR_INSECURE", "0")
    connections = Connections.from_environment()
    monkeypatch.chdir("/")
    connection = connections.connection(ManagementAddress.parse("192.0.2.1"))
    assert connection.credentials.secret().reveal() == CANARY
    assert connection.tls == Tls(ca_file=tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PASSWORD": CANARY, "PASSWORD_FILE": "x"}, "GATEPAIR_PASSWORD and GATEPAIR_PASSWORD_FILE"),
        ({"INSECURE": "perhaps"}, "GATEPAIR_INSECURE is neither"),
        ({"INSECURE": "true", "CA_FILE": "x"}, "GATEPAIR_CA_FILE is of no use"),
    ],
)
def test_variables_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"GATEPAIR_{name}", value)
    with pytest.raises(InvalidInput, match=said) as refused:
        Connections.from_environment()
    assert CANARY not in str(refused.value)


def test_a_missing_password_is_named_when_it_is_needed() -> None:
    with pytest.raises(SecretUnavailable, match="GATEPAIR_PASSWORD") as refused:
        Connections(common=Settings(username="x")).connection("192.0.2.1")
    assert (refused.value.node, refused.value.key) == ("192.0.2.1", "password")


@pytest.mark.parametrize("variable", ["PASSWORD_FILE", "CA_FILE"])
def test_a_path_in_the_home_of_nobody_is_told(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GATEPAIR_{variable}", "~nobody-of-this-name/x")
    with pytest.raises(InvalidInput, match=f"GATEPAIR_{variable}: ~nobody-of-this-name is nobody's home"):
        Settings.from_environment()
