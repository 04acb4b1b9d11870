"""A bridge as a process of its own near an emulated pair, with a client for each kind of token."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import httpx
import trustme
from bridge_lab import FASTER, write_pairs
from bridge_process import Service, bridge_service

from gatepair import load_config
from gatepair.documents import WRITE_ONLY_KEYS, pair_query, pair_to_document
from gatepair_bridge.api.tokens import new_token

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool

SCOPES = {"reader": ["read"], "changer": ["read", "change"], "operator": ["read", "operate"]}
NITRO = "/primary/nitro/v1/config"


@attrs.frozen
class Office:
    """An emulated pair, the service beside it, and a client for each kind of token."""

    lab: Lab
    service: Service
    tokens: dict[str, str]
    trust: ssl.SSLContext
    declared: dict[str, object]
    query: str

    @property
    def path(self) -> str:
        return f"/v1/pairs/{self.declared['id']}"

    def client(self, token: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.tokens[token]}"}
        return httpx.Client(
            base_url=self.service.url, headers=headers, verify=self.trust, trust_env=False, timeout=120
        )

    def form(self) -> None:
        with self.client("changer") as client:
            reply = client.post("/v1/pairs", json=self.declared, params=self.query)
            assert reply.status_code == 201, reply.text


@contextmanager
def bridge_office(tmp_path: Path, pool: LabPool, *more: str) -> Iterator[Office]:
    """Start an emulated pair and a bridge near it; ``more`` are further lines of its bridge.toml."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "bridge.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = {name: new_token() for name in SCOPES}
    (tmp_path / "tokens.toml").write_text(
        "".join(
            f'[{name}]\nsha256 = "{digest}"\nscopes = {json.dumps(SCOPES[name])}\n'
            for name, (_, digest) in made.items()
        )
    )
    with pool.lab(clock=FASTER) as lab:
        pair = load_config(write_pairs(lab, tmp_path)).pairs["office"]
        settings = tmp_path / "bridge.toml"
        settings.write_text(
            f"""
            bind = "127.0.0.1:0"
            pairs = "pairs.toml"
            tokens = "tokens.toml"
            certificate = "bridge.pem"
            key = "bridge.pem"
            secret_references = ["file:{lab.state_dir}/shared-key"]
            shutdown_grace_s = 0
            requests_per_second = 0
            """
            + "\n".join(more)
        )
        with bridge_service(settings) as service:
            yield Office(
                lab=lab,
                service=service,
                tokens={name: token for name, (token, _) in made.items()},
                trust=ssl.create_default_context(cafile=str(tmp_path / "ca.pem")),
                declared=pair_to_document(pair, write_only=True),
                query=pair_query(pair),
            )


def readable(document: dict[str, object]) -> dict[str, object]:
    """Leave out of a declaration what never comes back."""
    return {key: value for key, value in document.items() if key not in WRITE_ONLY_KEYS}
