"""The bridge over an emulated pair: what a declaration of it looks like, and a way to send requests."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from bridge_process import Answer

from gatepair import load_config
from gatepair.documents import pair_query, pair_to_document
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.sessions import Sessions

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

FASTER = 20.0


@attrs.frozen
class BridgeLab:
    """An emulated pair, the pairs.toml that declares it, and an embedded bridge."""

    lab: Lab
    file: Path
    bridge: EmbeddedBridge

    @property
    def declared(self) -> dict[str, object]:
        """The document that a stack sends."""
        return pair_to_document(load_config(self.file).pairs["office"], write_only=True)

    @property
    def query(self) -> str:
        """The query that a stack sends."""
        return pair_query(load_config(self.file).pairs["office"])

    @property
    def path(self) -> str:
        """Where the pair is found."""
        return f"/v1/pairs/{load_config(self.file).pairs['office'].id}"

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        on_progress: Callable[[Any], None] | None = None,
    ) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        return Answer(*self.bridge.request(method, path, query, headers, content, on_progress=on_progress))

    def form(self) -> Answer:
        """Create the pair as declared."""
        return self("POST", "/v1/pairs", self.declared, query=self.query)

    def read(self) -> dict[str, object]:
        """Read the pair as a stack does at each refresh."""
        return self("GET", self.path, query=self.query).json


def write_pairs(lab: Lab, directory: Path, *, password_file: str | None = None) -> Path:
    """Write a pairs.toml for an emulated pair; secrets stay references to the emulator's files."""
    file = directory / "pairs.toml"
    file.write_text(
        f"""
        [defaults]
        password = "file:{lab.state_dir}/{password_file or "password"}"
        ca_file = "{lab.ca_file}"
        heartbeat = {{ hello_interval_ms = 200, dead_interval_s = 3 }}

        [pairs.office]
        appliances = [{{ address = "{lab.a.address}" }}, {{ address = "{lab.b.address}" }}]
        shared_key = "file:{lab.state_dir}/shared-key"
        external = {{ address = "{lab.external}" }}
        internal = {{ address = "{lab.internal}", netmask = "255.255.255.0" }}
        """
    )
    return file


@contextmanager
def bridge_lab(directory: Path, pool: LabPool) -> Iterator[BridgeLab]:
    """Start an emulated pair and an embedded bridge over it."""
    with pool.lab(clock=FASTER) as lab:
        file = write_pairs(lab, directory)
        config = load_config(file)
        with EmbeddedBridge(Sessions(config, declared=config.pairs)) as bridge:
            yield BridgeLab(lab, file, bridge)


def secrets_of(lab: Lab) -> tuple[str, ...]:
    """Everything of an emulated pair that must be seen nowhere."""
    return (
        Path(f"{lab.state_dir}/password").read_text(encoding="utf-8").strip(),
        Path(f"{lab.state_dir}/shared-key").read_text(encoding="utf-8").strip(),
    )


def shown(records: list[logging.LogRecord]) -> str:
    """Everything that log records hold, extras included."""
    return str([vars(record) for record in records])
