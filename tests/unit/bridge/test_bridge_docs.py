"""What the documents say is what the code does."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import trustme
from blocks import Reader, blocks
from project import ROOT

from gatepair.documents import network_from_document, pair_from_document
from gatepair_bridge.api.documents import DOCUMENTS
from gatepair_bridge.api.faults import ApiError
from gatepair_bridge.api.openapi import example_of
from gatepair_bridge.api.routes import ROUTES
from gatepair_bridge.reference import reference
from gatepair_bridge.serve import STOP_S
from gatepair_bridge.settings import READERS, read_settings

PAGE = ROOT / "docs" / "reference" / "bridge-api.md"
AGAIN = "python -m gatepair_bridge.reference > docs/reference/bridge-api.md"
HOW_TO = ROOT / "docs" / "how-to" / "run-the-bridge.md"
TEXT = HOW_TO.read_text(encoding="utf-8")
PAIRS = """
[defaults]
password = "env:GATEPAIR_TEST_PASSWORD"

[pairs.office]
appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]
shared_key = "env:GATEPAIR_KEY_OFFICE"
"""


def test_the_reference_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), f"run: {AGAIN}"


def test_every_path_its_scope_and_every_status_stand_in_the_reference() -> None:
    page = reference()
    for route in ROUTES:
        method = "any" if route.method == "*" else route.method
        path = route.template.replace("*}", "}")
        assert f"| `{method} {path}` | {route.scope or 'none'} |" in page
    for fault in ApiError.__subclasses__():
        assert f"| {fault.status} | `urn:gatepair:error:{fault.slug}` |" in page


def test_the_examples_of_the_reference_are_valid() -> None:
    examples = {name: example_of(kind) for name, kind in DOCUMENTS.items()}
    assert pair_from_document(examples["Pair"]).id == examples["Pair"]["id"]
    assert network_from_document(examples["Network"]).host_name == "gw-a"
    assert [json.loads(block.text) for block in blocks(PAGE, "json")] == [
        examples[name] for name in sorted(examples)
    ]


@pytest.mark.parametrize("key", sorted(READERS))
def test_every_key_of_the_configuration_is_in_the_how_to(key: str) -> None:
    assert re.search(rf"(`{key}\b|^{key} =)", TEXT, flags=re.MULTILINE)


def test_the_limits_of_the_how_to_are_the_defaults() -> None:
    defaults = read_settings(None, {"appliance_networks": ["192.0.2.0/24"]})
    limits = ("max_body_bytes", "max_upload_bytes", "requests_per_second", "threads", "shutdown_grace_s")
    for key in limits:
        row = re.search(rf"\| `{key}` \| (\d+) \|", TEXT)
        assert row
        assert float(row[1]) == getattr(defaults, key)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    reader = Reader(tmp_path)
    reader.environment["GATEPAIR_TEST_PASSWORD"] = "canary"
    (tmp_path / "pairs.toml").write_text(PAIRS)
    return reader


@pytest.mark.slow
def test_trying_it_on_this_machine(reader: Reader) -> None:
    (block,) = (block for block in blocks(HOW_TO, "sh") if "healthz" in block.text)
    # Bound here as well, but not listening: nobody else gets it before the bridge does.
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours.bind(("127.0.0.1", 0))
        port = str(ours.getsockname()[1])
        typed = block.text.replace("8642", port).replace("--pairs", f"--bind 127.0.0.1:{port} --pairs")
        said = reader.type(typed)
    assert '"status":"ok"' in said
    assert '[{"id":"192.0.2.11,192.0.2.12","name":"office"}]' in said


@pytest.mark.slow
def test_setting_it_up_for_others(reader: Reader) -> None:
    certificate = trustme.CA().issue_cert("192.0.2.5")
    certificate.cert_chain_pems[0].write_to_path(str(reader.folder / "bridge.pem"))
    certificate.private_key_pem.write_to_path(str(reader.folder / "bridge.key"))
    (settings, *_) = blocks(HOW_TO, "toml")
    reader.write(settings.text)
    assert not read_settings(reader.folder / "bridge.toml").bind.is_loopback
    said = "".join(
        reader.type(block.text)
        for block in blocks(HOW_TO, "sh")
        if not block.why_not and "healthz" not in block.text
    )
    assert "The configuration is valid." in said
    tokens = re.findall(r"^gatepair_\S+$", said, flags=re.MULTILINE)
    assert len(tokens) == 2
    assert not [token for token in tokens if token in (reader.folder / "tokens.toml").read_text()]


def unit() -> str:
    (block,) = blocks(HOW_TO, "ini")
    return block.text


def test_the_service_has_time_to_stop() -> None:
    stop = re.search(r"^TimeoutStopSec=(\d+)$", unit(), flags=re.MULTILINE)
    assert stop
    grace = read_settings(None, {"appliance_networks": ["192.0.2.0/24"]}).shutdown_grace_s
    assert int(stop[1]) > grace + STOP_S


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("gatepair")
    file = tmp_path / "gatepair-bridge.service"
    file.write_text(unit().replace("/opt/gatepair/bin/gatepair", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if file.name in line]
    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.slow
def test_the_image_starts_the_service(reader: Reader) -> None:
    """Its steps, as far as they can be done without an engine: what a wheel holds, and the command."""
    (block,) = blocks(HOW_TO, "dockerfile")
    words = dict(line.split(maxsplit=1) for line in block.text.splitlines())
    assert "'gatepair[bridge]'" in words["RUN"]
    entry = json.loads(words["ENTRYPOINT"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "uvicorn" in str(project["project"]["optional-dependencies"]["bridge"])
    site = reader.folder / "site"
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        shutil.copytree(ROOT / package, site / Path(package).name)
    (reader.folder / "bridge.toml").write_text('bind = "127.0.0.1:0"\npairs = "pairs.toml"\n')
    reader.environment["PYTHONPATH"] = str(site)
    command = [*entry[:-1], str(reader.folder / "bridge.toml"), "--check"]
    assert "The configuration is valid." in reader.type(shlex.join(command))
    where = reader.type("python -c 'import gatepair_bridge; print(gatepair_bridge.__file__)'")
    assert str(site) in where
