"""``gatepair init``: what it writes says the same as what it found."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from cli_run import run
from fake_pair import EXTERNAL, FakePair, configured
from hypothesis import given
from sdk_cli import fake_sessions
from sdk_strategies import pairs

from gatepair import Pair, load_config
from gatepair.cli.outcome import ExitCode
from gatepair.cli.pairs_text import pairs_text

ADDRESSES = "192.0.2.12,192.0.2.11"
WORDS = ("init", "office", "--from", ADDRESSES, "--password", "env:GATEPAIR_PASSWORD")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePair:
    monkeypatch.chdir(tmp_path)
    pair = FakePair()
    configured(pair.a)
    fake_sessions(monkeypatch, pair)
    return pair


@given(pair=pairs(networked=True))
def test_what_is_written_reads_back_as_the_same_pair(
    tmp_path_factory: pytest.TempPathFactory, pair: Pair
) -> None:
    first = pair.appliance(pair.preferred_primary)
    # What nobody can find on appliances is not written: how the pair shall be formed, options, old addresses.
    found = attrs.evolve(
        pair,
        appliances=(first, pair.appliance(pair.other(first.address))),
        shared_key_version=1,
        overwrite_joining_node=False,
        replaces_external=None,
    )
    file = tmp_path_factory.mktemp("pair") / "pairs.toml"
    file.write_text(pairs_text("office", found, {"username": 'o"dd\\'}), encoding="utf-8")
    config = load_config(file)
    read = config.pairs["office"]
    assert (read.id, read.preferred_primary, read.failover) == (
        found.id,
        found.preferred_primary,
        found.failover,
    )
    assert (read.external, read.internal, read.shared_key) == (
        found.external,
        found.internal,
        found.shared_key,
    )
    # An empty list says that there shall be nothing; what nobody can find is not declared.
    assert (read.further or ()) == (found.further or ())
    for appliance in found.appliances:
        network = read.appliance(appliance.address).network
        assert network.host_name == appliance.network.host_name
        for name, interface in (appliance.network.interfaces or {}).items():
            assert (network.interfaces or {}).get(name, type(interface)()) == interface
        for key in ("vlans", "routes", "dns_servers", "ntp_servers"):
            assert (getattr(network, key) or None) == (getattr(appliance.network, key) or None)
    assert config.connections.common.username == 'o"dd\\'


def test_the_next_plan_of_an_existing_pair_is_empty(fake: FakePair) -> None:
    applied = Path("before.toml")
    applied.write_text(
        """
        [defaults]
        password = "env:GATEPAIR_PASSWORD"
        [pairs.office]
        appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12", host_name = "gw-b" }]
        shared_key = "env:KEY"
        external = { address = "192.0.2.20" }
        internal = { address = "192.0.2.21", netmask = "255.255.255.0", management_access = "disabled" }
        heartbeat = { hello_interval_ms = 400, dead_interval_s = 7 }
        fail_safe = "on"
        max_flips = 4
        sync_vlan = 12
        """
    )
    assert run("apply", "-c", "before.toml", "--yes").exit_code == 0
    fake.b.interfaces["1/2"] |= {"haheartbeat": "OFF", "hamonitor": "OFF"}
    result = run(*WORDS)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == "Wrote pairs.toml. The next plan is empty: the pair is as declared.\n"
    assert run("plan", "office").stdout == "No changes: the pair is as declared.\n"
    text = Path("pairs.toml").read_text()
    for line in (
        (
            '    { address = "192.0.2.12", host_name = "gw-b", interfaces = { "1/2" = { heartbeat = "off", '
            'monitor = "off" } } },'
        ),
        'shared_key = "env:GATEPAIR_SHARED_KEY"',
        "heartbeat = { hello_interval_ms = 400, dead_interval_s = 7 }",
        'fail_safe = "on"',
        "max_flips = 4",
        "sync_vlan = 12",
    ):
        assert line in text.splitlines()


def test_two_appliances_that_are_no_pair_yet(fake: FakePair) -> None:
    result = run(*WORDS)
    assert result.exit_code == 0
    assert "The next plan has 2 steps: Form the failover pair" in result.stderr
    pair = load_config("pairs.toml").pairs["office"]
    assert str(pair.preferred_primary) == "192.0.2.11", "the one with a configuration comes first"
    assert pair.external is not None
    assert str(pair.external.address) == EXTERNAL
    assert fake.a.peer is None


@pytest.mark.usefixtures("fake")
def test_a_file_that_exists_is_not_touched() -> None:
    Path("pairs.toml").write_text("# mine\n")
    result = run(*WORDS)
    assert result.exit_code == ExitCode.USAGE
    assert "exists already" in result.stderr
    assert Path("pairs.toml").read_text() == "# mine\n"
    assert list(Path().iterdir()) == [Path("pairs.toml")]


@pytest.mark.usefixtures("fake")
def test_a_rehearsal_prints_the_file() -> None:
    result = run(*WORDS, "--dry-run")
    assert result.stdout.startswith("# The pair as `gatepair init` found it.")
    as_json = json.loads(run(*WORDS, "--dry-run", "--json").stdout)
    assert as_json["text"] == result.stdout
    assert (as_json["file"], as_json["problem"]) == ("", "")
    assert [step["id"] for step in as_json["plan"]["steps"]] == ["form", "save"]
    assert not Path("pairs.toml").exists()


@pytest.mark.usefixtures("fake")
def test_paths_are_written_as_seen_from_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sub").mkdir()
    Path("ca.pem").touch()
    monkeypatch.setenv("GATEPAIR_PASSWORD_FILE", "secrets/password")
    words = ("init", "--from", ADDRESSES, "--ca-file", "ca.pem", "--shared-key", "file:sub/key")
    here = run(*words, "--dry-run").stdout
    assert 'password = "file:secrets/password"' in here
    assert 'ca_file = "ca.pem"' in here
    assert 'shared_key = "file:sub/key"' in here
    assert "[pairs.pair]" in here
    there = run(*words, "--dry-run", "-c", "sub/pairs.toml").stdout
    assert f'ca_file = "{Path("ca.pem").absolute()}"' in there
    assert 'shared_key = "file:key"' in there


@pytest.mark.usefixtures("fake")
def test_a_secret_in_the_place_of_a_reference_is_not_repeated() -> None:
    result = run("init", "--from", ADDRESSES, "--password", "canary-8812")
    assert result.exit_code == ExitCode.USAGE
    assert "secret reference" in result.stderr
    assert "canary-8812" not in result.output


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("init", "1office", "--from", ADDRESSES), "beginning with a letter"),
        (("init", "--from", "192.0.2.11"), "two management addresses"),
        ((*WORDS, "-c", "no/such/folder/pairs.toml"), "no directory"),
    ],
)
def test_what_cannot_be_meant(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code in {ExitCode.USAGE, ExitCode.FAILED}
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_an_appliance_that_does_not_answer(fake: FakePair) -> None:
    fake.b.up = False
    result = run(*WORDS)
    assert result.exit_code == ExitCode.FAILED
    assert result.stderr.startswith("Error: 192.0.2.12: ")
    assert not Path("pairs.toml").exists()
