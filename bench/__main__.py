"""Run the benchmarks: ``python -m bench [NAME ...] [--json FILE]``.

A benchmark is a module in this folder with a function ``main``; it runs in a process of its own. What it
prints is shown as it comes; a line that is a JSON object holds figures. All figures go into FILE, with a word
about the machine.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import attrs

HERE = Path(__file__).parent


def names() -> list[str]:
    """Name the benchmarks: modules with a function ``main``."""
    return [file.stem for file in sorted(HERE.glob("[a-z]*.py")) if _has_main(file)]


def _has_main(file: Path) -> bool:
    tree = ast.parse(file.read_text())
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


@attrs.frozen
class Outcome:
    """What a benchmark left."""

    code: int
    took_s: float
    figures: dict[str, object]
    text: list[str]


def run(name: str) -> Outcome:
    """Run one benchmark, showing what it prints."""
    figures: dict[str, object] = {}
    text: list[str] = []
    begin = time.perf_counter()
    command = [sys.executable, "-u", str(HERE / f"{name}.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("{"):
                figures |= json.loads(line)
            else:
                text.append(line.rstrip())
                print(line, end="", flush=True)
    return Outcome(process.returncode, time.perf_counter() - begin, figures, text)


def machine() -> dict[str, object]:
    """Say what the figures were taken on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures into FILE")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    before, done = machine(), dict[str, Outcome]()
    for name in given.names or names():
        print(f"== {name}", flush=True)
        done[name] = run(name)
    print("\n== summary")
    for name, outcome in done.items():
        print(f"{name:24}{outcome.took_s:8.1f} s  {'ok' if outcome.code == 0 else f'code {outcome.code}'}")
    if given.json is not None:
        results = {name: attrs.asdict(outcome) for name, outcome in done.items()}
        given.json.write_text(json.dumps({"machine": before, "results": results}, indent=1) + "\n")
    return int(any(outcome.code for outcome in done.values()))


if __name__ == "__main__":
    sys.exit(main())
