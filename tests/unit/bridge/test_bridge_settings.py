from __future__ import annotations

from pathlib import Path

import pytest

from gatepair_bridge.api.tokens import TokenFile, TokenFileError, add_token, new_token
from gatepair_bridge.settings import BridgeSettings, Listener, SettingsError, read_settings

NETWORKS = {"appliance_networks": ["192.0.2.0/24"]}


def test_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(
        """
        bind = "[::1]:9000"
        pairs = "pairs.toml"
        appliance_networks = ["192.0.2.0/24", "2001:db8::/32"]
        appliance_ports = [443, 8443]
        secret_references = ["env:GATEPAIR_*"]
        tokens = "/etc/gatepair/tokens.toml"
        requests_per_second = 5
        threads = 4
        """
    )
    settings = read_settings(file, {"bind": "127.0.0.1:0"})
    assert settings.bind == Listener(host="127.0.0.1", port=0)
    assert settings.pairs == tmp_path / "pairs.toml"
    assert settings.tokens == Path("/etc/gatepair/tokens.toml")
    assert (settings.requests_per_second, settings.threads) == (5.0, 4)
    assert [str(network) for network in settings.appliance_networks] == ["192.0.2.0/24", "2001:db8::/32"]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text('bind = "x"\ncolour = "red"\nthreads = "four"\nappliance_networks = ["10.0.0.1/8"]\n')
    with pytest.raises(SettingsError) as refusal:
        read_settings(file)
    for key in ("bind", "colour", "threads", "appliance_networks", str(file)):
        assert key in str(refusal.value)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "appliances may be reached"),
        ({**NETWORKS, "bind": "0.0.0.0:8642"}, "token"),
        ({**NETWORKS, "bind": "192.0.2.1:8642", "tokens": "t"}, "behind_proxy"),
        ({**NETWORKS, "certificate": "c"}, "belong together"),
        ({**NETWORKS, "threads": 0}, "threads"),
        ({**NETWORKS, "threads": True}, "whole number"),
        ({**NETWORKS, "max_body_bytes": 1}, "max_body_bytes"),
        ({**NETWORKS, "requests_per_second": -1}, "requests_per_second"),
        ({**NETWORKS, "bind": "127.0.0.1:99999"}, "bind"),
        ({**NETWORKS, "bind": "example.net:80"}, "bind"),
    ],
)
def test_settings_that_do_not_go_together(values: dict[str, object], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        read_settings(None, values)


def test_the_default_listens_on_loopback_only() -> None:
    assert read_settings(None, NETWORKS).bind.is_loopback
    assert BridgeSettings(appliance_networks=(), pairs=Path("pairs.toml")).bind.is_loopback


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_settings(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_settings(None, {**NETWORKS, "tokens": str(tmp_path / "none.toml")}).token_file()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x = 1",
        '[x]\nsha256 = "short"\nscopes = ["read"]',
        '[x]\nsha256 = "' + "0" * 64 + '"',
        '[x]\nsha256 = "' + "0" * 64 + '"\nscopes = ["everything"]',
        '[x]\nsha256 = "' + "0" * 64 + '"\nscopes = ["read"]\nexpires = "soon"',
        '[x]\nsha256 = "' + "0" * 64 + '"\nscopes = ["read"]\ntoken = "plain"',
        '["a b"]\nsha256 = "' + "0" * 64 + '"\nscopes = ["read"]',
    ],
)
def test_a_token_file_with_mistakes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text)
    with pytest.raises(TokenFileError, match=r"tokens\.toml"):
        TokenFile(file)


def test_a_token_file_that_others_may_write(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    _, digest = new_token()
    file.write_text(f'[x]\nsha256 = "{digest}"\nscopes = ["read"]\n')
    file.chmod(0o666)
    with pytest.raises(TokenFileError, match="chmod"):
        TokenFile(file)


def test_a_half_written_token_file_leaves_the_last_good_one_in_force(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    token, digest = new_token()
    file.write_text(f'[x]\nsha256 = "{digest}"\nscopes = ["read"]\n')
    tokens = TokenFile(file)
    file.write_text('[x]\nsha256 = "')
    assert tokens.authenticate(f"Bearer {token}", "").name == "x"
    assert tokens.trouble
    assert token not in tokens.trouble


def test_a_token_is_added_to_a_file_and_to_no_name_twice(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    made: dict[str, str] = {}
    for name in ("one", "two"):
        made[name], digest = new_token()
        add_token(file, name, f'["{name}"]\nsha256 = "{digest}"\nscopes = ["read"]\n')
    assert file.stat().st_mode & 0o777 == 0o600
    tokens = TokenFile(file)
    for name, secret in made.items():
        assert tokens.authenticate(f"Bearer {secret}", "").name == name
        assert secret not in file.read_text()
    with pytest.raises(TokenFileError, match="already"):
        add_token(file, "two", '["two"]\n')
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.toml"]


def test_a_token_file_that_breaks_is_told_once_and_opens_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tokens.toml"
    secret, digest = new_token()
    add_token(file, "one", f'["one"]\nsha256 = "{digest}"\nscopes = ["read"]\n')
    tokens = TokenFile(file)
    file.write_text("half a li")
    for _ in range(3):
        assert tokens.authenticate(f"Bearer {secret}", "").name == "one"
    assert [record.message for record in caplog.records] == ["the token file was not read again"]


@pytest.mark.parametrize("key", ["client_ca", "gateway_ca", "certificate"])
def test_the_check_opens_what_the_service_would(tmp_path: Path, key: str) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    given = {key: str(tmp_path / "bad.pem")}
    if key != "gateway_ca":
        given |= {"certificate": str(tmp_path / "bad.pem"), "key": str(tmp_path / "bad.pem")}
    with pytest.raises(SettingsError, match="cannot be used"):
        read_settings(None, {**NETWORKS, **given}).check()


def test_backups_need_a_directory(tmp_path: Path) -> None:
    read_settings(None, {**NETWORKS, "backups": str(tmp_path)}).check()
    with pytest.raises(SettingsError, match="no directory"):
        read_settings(None, {**NETWORKS, "backups": str(tmp_path / "none")}).check()


def test_a_host_name_belongs_to_a_declared_pair(tmp_path: Path) -> None:
    (tmp_path / "pairs.toml").write_text(
        """
        [defaults]
        password = "env:GATEPAIR_TEST_PASSWORD"

        [pairs.office]
        appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]
        shared_key = "env:GATEPAIR_KEY"
        """
    )
    given = {"pairs": str(tmp_path / "pairs.toml")}
    hosts = {"Office.example.net": "office"}
    premises = read_settings(None, {**given, "primary_hosts": hosts}).premises()
    assert premises.aliases.pair_of("office.example.NET:8642") == "192.0.2.11,192.0.2.12"
    with pytest.raises(SettingsError, match="other"):
        read_settings(None, {**given, "primary_hosts": {"x": "other"}}).premises()
    with pytest.raises(SettingsError, match="primary_hosts"):
        read_settings(None, {**given, "primary_hosts": "office"})
