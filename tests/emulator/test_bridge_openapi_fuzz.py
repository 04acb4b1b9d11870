"""The whole OpenAPI document is tried out against an emulated pair: no 5xx, nothing it does not say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from bridge_lab import FASTER, write_pairs
from bridge_process import bridge_service

from gatepair_bridge.api.tokens import new_token

if TYPE_CHECKING:
    from gatepair_emulator.pool import LabPool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    # After a POST that was answered with 201, what it made must be there.
    "ensure_resource_availability",
]
# These take a while on appliances, so they are only planned here; test_bridge_upkeep_live.py does them.
SLOW = ("verify", "restart", "rotate-key", "upgrade")
DRY = """
[[operations]]
include-name = "POST /v1/pairs/{{pair}}/{}"
parameters = {{ "query.dry_run" = "true" }}
"""
EXAMPLES = 6
LIMIT_S = 800


def test_every_answer_is_one_that_the_document_tells(tmp_path: Path, gatepair_pool: LabPool) -> None:
    token, digest = new_token()
    (tmp_path / "tokens.toml").write_text(
        f'[fuzzer]\nsha256 = "{digest}"\nscopes = ["read", "change", "operate"]\n'
    )
    with gatepair_pool.lab(clock=FASTER) as lab:
        write_pairs(lab, tmp_path)
        (tmp_path / "bridge.toml").write_text(
            f"""
            bind = "127.0.0.1:0"
            pairs = "pairs.toml"
            tokens = "tokens.toml"
            requests_per_second = 0
            secret_references = ["file:{lab.state_dir}/shared-key"]
            firmware_urls = ["file:///var/nsinstall/*"]
            primary_hosts = {{ "127.0.0.1" = "office" }}
            caller_credentials = true
            """
        )
        with bridge_service(tmp_path / "bridge.toml") as service:
            # The examples of the document, made those of the emulated pair.
            document = httpx.get(f"{service.url}/openapi.json", trust_env=False, timeout=60).text
            for example, real in {
                "192.0.2.11": lab.a.address,
                "192.0.2.12": lab.b.address,
                "192.0.2.10": lab.external,
                "192.0.2.20": lab.internal,
                "env:GATEPAIR_SHARED_KEY": f"file:{lab.state_dir}/shared-key",
            }.items():
                document = document.replace(example, real)
            (tmp_path / "openapi.json").write_text(document)
            pair = f"{lab.a.address},{lab.b.address}"
            (tmp_path / "schemathesis.toml").write_text(
                f'[parameters]\n"path.pair" = "{pair}"\n"path.appliance" = "{lab.a.address}"\n'
                + "".join(DRY.format(name) for name in SLOW)
            )
            command = [
                *(str(Path(sys.executable).with_name("schemathesis")),),
                *("--config-file", str(tmp_path / "schemathesis.toml")),
                *("run", str(tmp_path / "openapi.json"), "--url", service.url),
                *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing,stateful"),
                *("--max-examples", str(EXAMPLES), "--continue-on-failure", "--seed", "1"),
                *("--header", f"Authorization: Bearer {token}"),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
            log = service.log.read_text()
    assert done.returncode == 0, done.stdout
    assert "unexpected" not in log
    assert "Traceback" not in log
