from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sdk_pairs_file import CANARY, OFFICE, TWO, load, problems
from sdk_strategies import pairs

from gatepair.config import load_config
from gatepair.documents import network_to_document, pair_to_document
from gatepair.errors import PairsFileError
from gatepair.models import (
    Heartbeat,
    Interface,
    InternalVirtualIp,
    Network,
    Pair,
    SecretReference,
    VirtualIp,
)

NO_REFERENCE = (
    "is not a secret reference; write env:NAME, file:PATH or keyring:SERVICE/USER, never the secret itself"
)
MANAGED = "is the management address of an appliance"
NODES = "127.0.10.12:8443 and 127.0.10.13:8443"
NO_MASK = "is not a netmask: its ones must all be on the left"


def test_a_file_declares_a_pair(tmp_path: Path) -> None:
    config = load(tmp_path, OFFICE)
    assert config.path == tmp_path / "pairs.toml"
    assert list(config.pairs) == ["office"]
    pair = config.pairs["office"]
    assert [str(address) for address in pair.addresses] == ["127.0.10.11:8443", "127.0.10.12:8443"]
    assert pair.appliances[1].network == Network(
        host_name="gw-b", interfaces={"1/2": Interface(heartbeat=False, monitor=True)}
    )
    assert pair.external == VirtualIp(address="127.0.10.20")
    assert pair.internal == InternalVirtualIp(address="127.0.10.21", netmask="255.255.255.0")
    assert pair.heartbeat == Heartbeat.preset("access-gateway-5")
    assert pair.shared_key == SecretReference("file:.emulator/shared-key")


def test_a_relative_path_is_loaded_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, OFFICE)
    monkeypatch.chdir(tmp_path)
    assert load_config().path == tmp_path / "pairs.toml"


def test_one_address_needs_its_netmask_only_once(tmp_path: Path) -> None:
    for masks in (('netmask = "255.255.255.0", ', ""), ("", 'netmask = "255.255.255.0", ')):
        text = "\n".join(
            f'{key} = {{ {mask}address = "192.0.2.20" }}'
            for key, mask in zip(("external", "internal"), masks, strict=True)
        )
        pair = load(tmp_path, f"[pairs.one]\n{TWO}\n{text}\n").pairs["one"]
        assert pair.same_address
        assert pair.external is not None
        assert str(pair.external.netmask) == "255.255.255.0"
    assert "netmasks 255.255.255.255 and 255.255.255.0" in str(
        problems(
            tmp_path,
            f"""[pairs.one]
{TWO}
external = {{ address = "192.0.2.20", netmask = "255.255.255.255" }}
internal = {{ address = "192.0.2.20", netmask = "255.255.255.0" }}
""",
        )
    )


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        f"""\
[defaults]
username = ""
password = "{CANARY}"
heartbeat = "access-gateway5"
external = {{ address = "192.0.2.1" }}
passwrd = "x"
timeouts = {{ connect_s = 0, read_s = "5", reed_s = 1 }}

[pairs.office]
appliances = [
  {{ address = "127.0.10.11:8443x", hostname = "gw-a", host_name = "gw a" }},
  {{ address = "127.0.10.12:8443", interfaces = {{"1/2" = {{heartbeat = "of", monitr = "on"}}, x = {{}}}} }},
]
fail_safe = true
max_flips = -1
sync_vlan = 70000
extrenal = {{ address = "127.0.10.20" }}
internal = {{ address = "127.0.10.0", netmask = "255.0.255.0" }}
external = {{ netmask = "255.255.255.0" }}
heartbeat = {{ hello_interval_ms = 300, dead_interval_s = 2 }}

[pairs.two]
appliances = [ {{ address = "127.0.10.12:8443" }}, {{ address = "127.0.10.13:8443" }} ]
external = {{ address = "127.0.10.13" }}
preferred_primary = "127.0.10.14"
shared_key_version = 0
ca_file = "x"
insecure = true
""",
    ) == [
        ":2: defaults.username: must not be empty",
        f":3: defaults.password: {NO_REFERENCE}",
        ':4: defaults.heartbeat: there is no preset "access-gateway5", only "default", "access-gateway-5"',
        ":5: defaults.external: belongs to a pair, it cannot be a default",
        ":6: defaults.passwrd: is not known; did you mean password?",
        ":7: defaults.timeouts.read_s: must be a number of seconds, not text",
        ":7: defaults.timeouts.reed_s: is not known; did you mean read_s?",
        ":7: defaults.timeouts.connect_s: 0.0 is not a number of seconds above 0",
        ":11: pair office, appliances[0].address: '127.0.10.11:8443x' has no port number after the colon",
        ":11: pair office, appliances[0].host_name: 'gw a' is not a host name",
        ":11: pair office, appliances[0].hostname: is not known; did you mean host_name?",
        ':12: pair office, appliances[1].interfaces.1/2.heartbeat: must be "on" or "off", not "of"',
        ":12: pair office, appliances[1].interfaces.1/2.monitr: is not known; did you mean monitor?",
        ":12: pair office, appliances[1].interfaces.x: 'x' is not the name of an interface such as 1/1",
        ':14: pair office, fail_safe: must be "on" or "off", not a truth value',
        ":15: pair office, max_flips: -1 is less than 0",
        ":16: pair office, sync_vlan: 70000 is not a VLAN from 1 to 4094, nor 0 for none",
        ":17: pair office, extrenal: is not known; did you mean external?",
        f":18: pair office, internal.netmask: '255.0.255.0' {NO_MASK}",
        ":19: pair office, external.address: is missing",
        ":20: pair office, heartbeat.hello_interval_ms: 300 ms is not one of 200, 400, 600, 800, 1000 ms",
        ":20: pair office, heartbeat.dead_interval_s: 2 s is not between 3 and 60 s",
        ":23: pair two, appliances[0].address: 127.0.10.12:8443 is in another pair already",
        f":24: pair two, external.address: the external virtual IP 127.0.10.13 {MANAGED}",
        f":25: pair two, preferred_primary: 127.0.10.14 is not one of the appliances {NODES}",
        ":26: pair two, shared_key_version: 0 is less than 1",
        ":27: pair two, ca_file: is of no use together with insecure",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": declares no pair: add [pairs.NAME] with its appliances"),
        ("pairs = 1", ":1: pairs: must be a table of pairs, [pairs.NAME], not a number"),
        ("defaults = []\n[pairs]", ":1: defaults: must be a table, not a list"),
        ("pairs.one = 1", ":1: pair one: must be a table, [pairs.one], not a number"),
        ("[pair.one]\n", ":1: pair: is not known; did you mean pairs?"),
        ("[pairs.one]", ":1: pair one, appliances: is missing: name the two appliances of the pair"),
        (
            "[pairs.one]\nappliances = 'a, b'",
            ":2: pair one, appliances: must be a list of two appliances, not text",
        ),
        ("[pairs.one]\nappliances = ['a', 'b']", "[0]: must be a table such as { address = "),
        (
            "[pairs.one]\nappliances = []",
            ":2: pair one, appliances: a pair has exactly two appliances, not 0",
        ),
        (
            f"[pairs.'1 x']\n{TWO}",
            ":1: pair 1 x: is no name for a pair: use letters, digits, - and _, beginning with a letter",
        ),
        (f"[pairs.one]\n{TWO}\nexternal = '192.0.2.20'", ":3: pair one, external: must be a table, not text"),
        (f"[pairs.one]\n{TWO}\nheartbeat = 3", "must be the name of a preset or a table, not a number"),
        ("[pairs.one]\nappliances = [\n  {address = ]", ":3: is not valid TOML: Invalid value"),
        ("[pairs.one]\nappliances = [", ":2: is not valid TOML: Invalid value, at the end of the file"),
    ],
)
def test_a_file_that_is_no_declaration_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in problem for problem in problems(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name, said in (("nowhere.toml", "does not exist"), (".", "cannot be read: Is a directory")):
        with pytest.raises(PairsFileError, match=said):
            load_config(tmp_path / name)
    (tmp_path / "pairs.toml").write_bytes(b"x = 1\ny = '\xff'\n")
    with pytest.raises(PairsFileError, match=r"pairs\.toml:2: is not UTF-8 text"):
        load_config(tmp_path / "pairs.toml")


def test_a_file_may_hold_only_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, '[defaults]\npassword = "env:X"')
    assert not config.pairs
    assert config.connection("192.0.2.1").credentials.password == SecretReference("env:X")


def inline(value: object) -> str:
    """Write a value of a document as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def as_toml(pair: Pair) -> str:
    """Write a pair as a person would, with the words of its canonical document."""
    document = pair_to_document(pair, write_only=True)
    text = ["[pairs.one]"]
    for key in (
        "fail_safe",
        "max_flips",
        "max_flip_time_s",
        "synchronization",
        "propagation",
        "sync_vlan",
        "independent_network",
        "preferred_primary",
        "shared_key",
        "shared_key_version",
        "replaces_external",
    ):
        text += [f"{key} = {json.dumps(document[key])}"] if document[key] != "" else []
    for key, name in (("further", "further_virtual_ips"), ("failover_interface", "failover_interface")):
        text += [f"{key} = {inline(document[name])}"] if name in document else []
    text.append(f"overwrite_joining_node = {str(pair.overwrite_joining_node).lower()}")
    for key, table in (
        ("heartbeat", document["heartbeat"]),
        ("external", document["external_virtual_ip"] if pair.external else None),
        ("internal", document["internal_virtual_ip"] if pair.internal else None),
    ):
        if isinstance(table, dict):
            text += [f"{key}.{name} = {json.dumps(value)}" for name, value in table.items()]
    for appliance in pair.appliances:
        text += ["[[pairs.one.appliances]]", f'address = "{appliance.address}"']
        network = network_to_document(appliance.address, appliance.network)
        text += [f"{key} = {inline(value)}" for key, value in network.items() if key != "id"]
    return "\n".join(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=pairs(networked=True))
def test_a_pair_comes_back_from_its_file(tmp_path: Path, pair: Pair) -> None:
    assert load(tmp_path, as_toml(pair)).pairs["one"] == pair


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(
        st.sampled_from(
            ["defaults", "pairs", "office", "heartbeat", "appliances", "external", "x", "timeouts"]
        ),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    value=st.sampled_from(
        ["1", "-1.5", "true", '""', '"x"', "[]", "[1, 2]", "{}", "1979-05-27", "nan", "[{}, {}]"]
    ),
)
def test_any_file_is_a_declaration_or_refused(tmp_path: Path, path: list[str], value: str) -> None:
    try:
        config = load(tmp_path, f"{'.'.join(path)} = {value}\n")
    except PairsFileError as refused:
        assert refused.problems  # noqa: PT017 - both ways are fine, but never another error
    else:
        assert not config.pairs
