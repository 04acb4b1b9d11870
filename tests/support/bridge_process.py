"""A bridge that runs as a process of its own, and an answer of any bridge as a test looks at it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from waiting import until


@attrs.frozen
class Answer:
    """A response as a test wants to look at it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@attrs.frozen
class Service:
    """A bridge that runs as a process of its own, as an operator starts it."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def lines(self, log: str) -> list[dict[str, Any]]:
        """Give the lines of one of its logs so far."""
        # The last one may be half written yet.
        whole = self.log.read_text().rpartition("\n")[0].splitlines()
        lines = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in lines if line["log"] == log]


@contextmanager
def bridge_service(settings: Path) -> Iterator[Service]:
    """Run ``gatepair bridge serve`` with a bridge.toml until the block ends."""
    log = settings.with_suffix(".log")
    gatepair = str(Path(sys.executable).with_name("gatepair"))
    command = [gatepair, "bridge", "serve", "--config", str(settings)]
    with log.open("w") as sink:
        process = subprocess.Popen(command, stderr=sink, text=True)
    service = Service(process, "", log)
    try:
        until(lambda: bool(_listening(service)), "the bridge listens")
        heard = _listening(service)[0]
        scheme = "https" if heard["tls"] else "http"
        yield attrs.evolve(service, url=f"{scheme}://{heard['address']}:{heard['port']}")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def _listening(service: Service) -> list[dict[str, Any]]:
    assert service.process.poll() is None, service.log.read_text()
    return [line for line in service.lines("gatepair_bridge") if line["message"] == "listening"]
