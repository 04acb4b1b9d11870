"""How many NITRO reads an emulated appliance answers on one core, what it adds, and what a farm costs.

Run ``python bench/emulator.py [PAIRS]``. Reads per second are requests divided by the processor time of the
server's own process, so that a busy machine does not change them. The floor is a server of asyncio, TLS and
h11 that sends as many octets without looking at anything, measured in turns with the emulator. Latency is the
median over one connection. Ends with exit code 1 when a limit is missed.
"""

from __future__ import annotations

import json
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import httpx
import psutil

from gatepair_emulator.certificates import Authority
from gatepair_emulator.farm import Farm
from gatepair_emulator.lab import Lab

HERE = Path(__file__).parent
PATHS = ("config/hanode", "stat/hanode", "config/nsip", "config/nsconfig")
TURNS = 3
REQUESTS = 3000
CONNECTIONS = 8
LEAST_READS = 1500
MOST_ADDED_MS = 2.0
MOST_FARM_MIB = 1024


@attrs.frozen
class Server:
    """Something to load."""

    address: str
    process: psutil.Process
    ca_file: str

    def cpu_s(self) -> float:
        """Processor time it has used so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def load(self, request: bytes, connections: int, requests: int) -> tuple[float, float]:
        """Reads per second of processor time, and median latency in milliseconds."""
        command = [sys.executable, str(HERE / "emulator_load.py"), self.address, self.ca_file]
        begin = self.cpu_s()
        done = subprocess.run(
            [*command, str(connections), str(requests)], input=request, stdout=subprocess.PIPE, check=True
        )
        used = self.cpu_s() - begin
        return requests / used, statistics.median(json.loads(done.stdout)["ms"])


@contextmanager
def floor(lab: Lab, body: bytes) -> Iterator[Server]:
    """The bare server, with a certificate of the same kind."""
    chain, key = Authority(lab.state_dir).issue("127.0.0.1")
    files = [lab.state_dir / "floor.pem", lab.state_dir / "floor-key.pem"]
    for file, content in zip(files, (chain, key), strict=True):
        file.write_bytes(content)
    command = [sys.executable, str(HERE / "emulator_floor.py"), *map(str, files)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        process.stdin.write(body)
        process.stdin.close()
        port = process.stdout.readline().decode().strip()
        try:
            yield Server(f"127.0.0.1:{port}", psutil.Process(process.pid), lab.ca_file)
        finally:
            process.kill()


def measure(lab: Lab, path: str) -> dict[str, float]:
    """Load emulator and floor in turns with the same request."""
    trust = ssl.create_default_context(cafile=lab.ca_file)
    url = f"https://{lab.a.address}/nitro/v1"
    login = {"login": {"username": "nsroot", "password": lab.password}}
    token = httpx.post(f"{url}/config/login", json=login, verify=trust).json()["sessionid"]
    cookie = {"Cookie": f"NITRO_AUTH_TOKEN={token}"}
    body = httpx.get(f"{url}/{path}", headers=cookie, verify=trust).content
    lines = (f"GET /nitro/v1/{path} HTTP/1.1", f"Host: {lab.a.host}", f"Cookie: {cookie['Cookie']}", "", "")
    request = "\r\n".join(lines).encode()
    emulated = Server(lab.a.address, psutil.Process(lab.a.pid), lab.ca_file)
    reads: dict[str, list[float]] = {"emulator": [], "floor": []}
    waits: dict[str, list[float]] = {"emulator": [], "floor": []}
    with floor(lab, body) as bare:
        for _ in range(TURNS):
            for name, server in (("emulator", emulated), ("floor", bare)):
                reads[name].append(server.load(request, CONNECTIONS, REQUESTS)[0])
                waits[name].append(server.load(request, 1, REQUESTS // 10)[1])
    per_s, floor_per_s = (statistics.median(reads[name]) for name in ("emulator", "floor"))
    added = statistics.median(waits["emulator"]) - statistics.median(waits["floor"])
    return {"reads_per_s": per_s, "floor_per_s": floor_per_s, "ratio": per_s / floor_per_s, "added_ms": added}


def farm_mib(directory: Path, pairs: int) -> tuple[float, float]:
    """Memory of a farm whose pairs are all formed, in MiB, and seconds until they were."""
    begin = time.monotonic()
    with Farm.start(directory, pairs, timeout_s=600) as farm:
        process = psutil.Process(farm.pid)
        while any(pair.b.status().get("sync") != "SUCCESS" for pair in farm.pairs):
            if time.monotonic() - begin > 900:  # noqa: PLR2004 - a limit that is never reached
                raise TimeoutError("the farm's pairs do not form")
        return process.memory_info().rss / 2**20, time.monotonic() - begin


def main() -> int:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    good = True
    with tempfile.TemporaryDirectory() as place:
        print(f"{'read':18}{'reads/s':>9}{'floor':>9}{'ratio':>8}{'added ms':>10}")
        with Lab.start(Path(place) / "pair", scenario="formed", clock=5) as lab:
            for path in PATHS:
                found = measure(lab, path)
                print(f"{path:18}{found['reads_per_s']:9.0f}{found['floor_per_s']:9.0f}", end="")
                print(f"{found['ratio']:8.2f}{found['added_ms']:10.2f}")
                print(json.dumps({path: {name: round(value, 3) for name, value in found.items()}}))
                good &= found["reads_per_s"] >= LEAST_READS and found["added_ms"] < MOST_ADDED_MS
        mib, took = farm_mib(Path(place) / "farm", pairs)
        print(f"farm of {pairs} formed pairs: {mib:.0f} MiB in one process, up in {took:.0f} s")
        print(json.dumps({"farm": {"pairs": pairs, "mib": round(mib), "up_s": round(took)}}))
        good &= mib < MOST_FARM_MIB
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
