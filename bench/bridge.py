"""Requests a second and latency of the bridge, and their ratio to a bare ASGI application.

Run ``python bench/bridge.py [seconds]``. The bridge runs in a process of its own over appliances that exist
in memory only, so what is measured is the bridge: door, routing, document, ETag, logs. The floor is uvicorn
with our settings and an application that answers the same bytes. Rows are for one and for eight kept
connections; the servers take turns, so that a slow minute hits all of them alike. The last row is a bridge
near an emulated pair, where the appliances' own round trips count; GATEPAIR_BENCH_NO_EMULATOR leaves it out.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatepair.config import load_config
from gatepair.documents import pair_to_document
from gatepair_bridge.api.embedded import EmbeddedBridge
from gatepair_bridge.api.sessions import Sessions
from gatepair_emulator.lab import Lab

HERE = Path(__file__).parent
PAIR = "/v1/pairs/192.0.2.11,192.0.2.12"
TURNS = 4
CONNECTIONS = (1, 8)
LENGTH = re.compile(rb"content-length: (\d+)")
CREATED = 201
PAIRS = """
[defaults]
password = "file:{state}/password"
ca_file = "{state}/ca.pem"

[pairs.office]
appliances = [{{ address = "{a}" }}, {{ address = "{b}" }}]
shared_key = "file:{state}/shared-key"
external = {{ address = "{external}" }}
"""


@contextmanager
def served(what: str, *words: str) -> Iterator[int]:
    """Run a server of ``bench/bridge_floor.py`` until the block ends; give its port."""
    command = [sys.executable, str(HERE / "bridge_floor.py"), what, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else 0)
        finally:
            process.terminate()


async def one(port: int, path: str, until: float, took: list[float]) -> None:
    """Send one request after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    while time.perf_counter() < until:
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode() + (await reader.read(2000)).decode())
        length = int(
            next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))[15:]
        )
        await reader.readexactly(length)
        took.append(time.perf_counter() - begin)
    writer.close()


def measured(port: int, path: str, connections: int, seconds: float) -> list[float]:
    """Send requests over so many connections for a while; give the time of each."""

    async def run() -> list[float]:
        took: list[float] = []
        until = time.perf_counter() + seconds
        await asyncio.gather(*(one(port, path, until, took) for _ in range(connections)))
        return took

    return asyncio.run(run())


def row(name: str, took: list[float], seconds: float) -> dict[str, float]:
    """Show one row and give its figures."""
    ordered = sorted(took)
    figures = {
        "per_s": len(took) / seconds,
        "median_ms": statistics.median(took) * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
    }
    print(f"{name:34}{figures['per_s']:10.0f}{figures['median_ms']:12.2f}{figures['p99_ms']:10.2f}")
    return figures


def emulated(seconds: float) -> dict[str, object]:
    """Measure a pair of emulated appliances behind the bridge."""
    with tempfile.TemporaryDirectory() as folder, Lab.start(Path(folder) / "lab", clock=20.0) as lab:
        file = Path(folder) / "pairs.toml"
        file.write_text(
            PAIRS.format(state=lab.state_dir, a=lab.a.address, b=lab.b.address, external=lab.external)
        )
        config = load_config(file)
        pair = config.pairs["office"]
        body = json.dumps(pair_to_document(pair, write_only=True)).encode()
        with EmbeddedBridge(Sessions(config, declared=config.pairs)) as bridge:
            status, _, said = bridge.request("POST", "/v1/pairs", body=body)
        if status != CREATED:
            raise SystemExit(said.decode())
        with served("service", str(file)) as port:
            took = measured(port, f"/v1/pairs/{pair.id}", 1, seconds)
        return {"emulated x1": row("GET pair, emulated appliances x1", took, seconds)}


def main() -> int:
    """Measure, show, and print the figures as a JSON object."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    figures: dict[str, object] = {}
    print(f"{'':34}{'a second':>10}{'median ms':>12}{'p99 ms':>10}")
    with served("floor") as floor, served("bridge") as bridge:
        for connections in CONNECTIONS:
            took: dict[str, list[float]] = {"floor": [], "health": [], "pair": []}
            for turn in range(TURNS + 1):
                for name, port, path in (
                    ("floor", floor, PAIR),
                    ("health", bridge, "/healthz"),
                    ("pair", bridge, PAIR),
                ):
                    sample = measured(port, path, connections, seconds / TURNS)
                    if turn:  # the first one warms up
                        took[name] += sample
            base = row(f"bare ASGI application x{connections}", took["floor"], seconds)
            for name, words in (("health", "GET /healthz"), ("pair", "GET pair, in memory")):
                found = row(f"{words} x{connections}", took[name], seconds)
                ratio = found["median_ms"] / base["median_ms"]
                print(f"{'':24}{ratio:.1f} times the floor's median")
                figures[f"{name} x{connections}"] = found | {"ratio": round(ratio, 2)}
    if not os.environ.get("GATEPAIR_BENCH_NO_EMULATOR"):
        figures |= emulated(seconds)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
