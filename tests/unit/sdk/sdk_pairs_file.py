"""Texts of pairs.toml, and what loading them comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepair.config import Config, load_config
from gatepair.errors import PairsFileError

CANARY = "canary-51c0"

OFFICE = """\
[defaults]
username = "nsroot"
password = "file:.emulator/password"
ca_file  = ".emulator/ca.pem"
heartbeat = "access-gateway-5"

[pairs.office]
appliances = [
  { address = "127.0.10.11:8443", host_name = "gw-a" },
  { address = "127.0.10.12:8443", host_name = "gw-b", interfaces."1/2" = { heartbeat = "off" } },
]
preferred_primary = "127.0.10.11:8443"
shared_key = "file:.emulator/shared-key"
external = { address = "127.0.10.20", netmask = "255.255.255.255" }
internal = { address = "127.0.10.21", netmask = "255.255.255.0", management_access = "enabled" }
fail_safe = "off"
"""
TWO = 'appliances = [{ address = "192.0.2.11" }, { address = "192.0.2.12" }]'


def load(folder: Path, text: str) -> Config:
    (folder / "pairs.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "pairs.toml")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(PairsFileError) as refused:
        load(folder, text)
    assert CANARY not in str(refused.value)
    return [str(problem).removeprefix(f"{folder}/pairs.toml") for problem in refused.value.problems]
