"""Time of ``gatepair --help``, ``--version`` and a completion, and its ratio to ``python -c pass``.

Run ``python bench/cli_start.py [runs]``. Rows are milliseconds, median (minimum) of whole processes; the
order of the programs changes from run to run, so that a slow minute hits all of them alike. Ends with exit
code 1 when a median is above the limit.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from machine import as_installed

LIMIT_MS = 400
REFERENCE = "python -c pass"
GATEPAIR = str(Path(sys.executable).with_name("gatepair"))
COMPLETION = {"_GATEPAIR_COMPLETE": "bash_complete", "COMP_WORDS": "gatepair sta", "COMP_CWORD": "1"}
PROGRAMS: dict[str, tuple[list[str], dict[str, str]]] = {
    REFERENCE: ([sys.executable, "-c", "pass"], {}),
    "python -c 'import click'": ([sys.executable, "-c", "import click"], {}),
    "gatepair --version": ([GATEPAIR, "--version"], {}),
    "gatepair --help": ([GATEPAIR, "--help"], {}),
    "gatepair status --help": ([GATEPAIR, "status", "--help"], {}),
    "completion of a command": ([GATEPAIR], COMPLETION),
}


def took_ms(command: list[str], more: dict[str, str]) -> float:
    """Run a program to its end."""
    begin = time.perf_counter()
    subprocess.run(command, env=as_installed() | more, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for run in range(runs + 1):
        for name in random.sample(list(PROGRAMS), len(PROGRAMS)):
            took = took_ms(*PROGRAMS[name])
            if run:  # the first one warms the caches
                times[name].append(took)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{'program':28}{'ms':>8}{'min':>8}{'ratio':>8}")
    for name, values in times.items():
        print(f"{name:28}{medians[name]:8.0f}{min(values):8.0f}{medians[name] / medians[REFERENCE]:8.1f}")
    return int(max(medians.values()) > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
