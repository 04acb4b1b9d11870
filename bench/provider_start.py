"""Time from process start to handshake: our provider, an empty one on ``tf``, and bare Python.

Run ``python bench/provider_start.py [runs]``. Rows are milliseconds, median (minimum); the last column is
the ratio of medians to the empty provider. The order of the programs changes from run to run, so that a
slow minute hits all of them alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import as_installed

HERE = Path(__file__).parent
COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
PROGRAMS = {
    "python -c pass": [sys.executable, "-c", "print(1)"],
    "import grpc": [sys.executable, "-c", "import grpc; print(1)"],
    "empty provider (tf)": [sys.executable, str(HERE / "provider_empty.py")],
    "restapi": [sys.executable, "-m", "gatepair_bridge.provider"],
}
REFERENCE = "empty provider (tf)"


def first_line_ms(command: list[str], home: str) -> float:
    """Start a program and wait for its first line."""
    environment = as_installed() | {COOKIE[0]: COOKIE[1], "PLUGIN_CLIENT_CERT": "pinned", "HOME": home}
    begin = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        if process.stdout is None or not process.stdout.readline():
            raise SystemExit(f"{command} said nothing")
        took = time.perf_counter() - begin
        process.kill()
    return took * 1000


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as home:
        for run in range(runs + 1):
            for name in sorted(PROGRAMS, key=lambda name: hash((run, name))):
                took = first_line_ms(PROGRAMS[name], home)
                if run:  # the first one warms the caches
                    times[name].append(took)
    reference = statistics.median(times[REFERENCE])
    print(f"{'program':24}{'ms':>8}{'min':>8}{'ratio':>8}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:24}{median:8.0f}{min(values):8.0f}{median / reference:8.2f}")


if __name__ == "__main__":
    main()
