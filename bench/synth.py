"""Measures synthesis: pairs in one stack, and stacks in one app, against plain CDKTF objects and the floor.

    python bench/synth.py                                # the whole table, a minute or two
    python bench/synth.py --runs 9 --programs FailoverPairs

Each figure is the median of whole processes, start to exit. `total` is wall time, `cpu` the processor time of
Python and of both Node processes, `peak` their memory together. The floor is an empty app: the start of Node
and the import of the CDK. Programs run in turns, so that a busy moment meets them all; what does
not depend on the machine are the ratios below the table, and those of processor time hold on a busy one too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import as_installed

PROGRAMS = ("floor", "plain objects", "FailoverPair each", "FailoverPairs", "stacks")
SIZES = {
    "floor": (0,),
    "plain objects": (1, 100, 1000),
    "FailoverPair each": (1, 100, 1000),
    "FailoverPairs": (1, 100, 1000),
    "stacks": (1, 100),
}
COLUMNS = ("total", "cpu", "read", "import", "build", "synth")
Figures = dict[str, float]


def pairs_file(directory: Path, count: int) -> Path:
    """Write a pairs.toml with that many pairs."""
    lines = ['[defaults]\nusername = "nsroot"\npassword = "env:PASSWORD"\n']
    for number in range(count):
        high, low = divmod(number, 120)
        first, second = (f"10.{high}.{low}.{last}" for last in (1, 2))
        lines.append(
            f"[pairs.pair-{number:04}]\n"
            "appliances = [\n"
            f'    {{ address = "{first}", host_name = "gw-{number}-a" }},\n'
            f'    {{ address = "{second}", host_name = "gw-{number}-b" }},\n'
            "]\n"
            'shared_key = "env:SHARED_KEY"\n'
            f'external = {{ address = "10.{high}.{low}.10" }}\n'
            f'internal = {{ address = "10.{high}.{low}.11", netmask = "255.255.255.0" }}\n'
        )
    lines.append('[stacks.backend]\ntype = "pg"\n')
    path = directory / "pairs.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def peak_mb() -> float:
    """Return the peak memory of this process and of the Node processes under it."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return own + sum(_peak_of(pid) for pid in _descendants(os.getpid()))


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(word) for word in children.read_text().split()] if children.exists() else []
    return found + [grand for child in found for grand in _descendants(child)]


def _peak_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def child(program: str, count: int) -> None:
    """Run one program in this process and print its figures."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        path = pairs_file(directory, max(count, 1))
        started = time.perf_counter()
        from cdktf_stacks import Declaration  # noqa: PLC0415 - the import is part of what is measured

        declared = Declaration.read(path)
        read = time.perf_counter()
        from cdktf_stacks._cdktf import cdk  # noqa: PLC0415 - the import is part of what is measured

        imported = time.perf_counter()
        app = cdk.App(outdir=str(directory / "out"))
        _build(program, app, declared)
        built = time.perf_counter()
        app.synth()
        figures = {
            "read": read - started,
            "import": imported - read,
            "build": built - imported,
            "synth": time.perf_counter() - built,
            "peak_mb": peak_mb(),
        }
    print(json.dumps(figures))


def _build(program: str, app: object, declared: object) -> None:
    from cdktf_stacks import (  # noqa: PLC0415 - start Node
        FailoverPair,
        FailoverPairs,
        declare_provider,
        stacks_from,
    )
    from cdktf_stacks._cdktf import cdk  # noqa: PLC0415 - starts Node

    if program == "stacks":
        stacks_from(declared, app=app)
        return
    if program == "floor":
        return
    stack = cdk.TerraformStack(app, "fleet")
    declare_provider(stack)
    if program == "FailoverPairs":
        FailoverPairs(stack, "pairs", declared.config.pairs)
        return
    for name, pair in declared.config.pairs.items():
        if program == "FailoverPair each":
            FailoverPair(stack, name, pair)
        else:
            _plain(stack, name, pair)


def _plain(stack: object, name: str, pair: object) -> None:
    """Declare a pair as three plain resources of the CDK, as its escape hatches show it."""
    from cdktf_stacks._cdktf import cdk  # noqa: PLC0415 - starts Node
    from gatepair.documents import WRITE_ONLY_KEYS, network_to_document, pair_to_document  # noqa: PLC0415

    networks = []
    for address in pair.addresses:
        network = cdk.TerraformResource(stack, f"{name}-{address}", terraform_resource_type="restapi_object")
        document = network_to_document(address, pair.appliance(address).network)
        network.add_override("path", "/v1/appliances/{id}/network")
        network.add_override("create_method", "PUT")
        network.add_override("query_string", "keys=host_name")
        network.add_override("data", json.dumps(document))
        networks.append(network)
    whole = cdk.TerraformResource(stack, name, terraform_resource_type="restapi_object", depends_on=networks)
    whole.add_override("path", "/v1/pairs")
    whole.add_override("data", json.dumps(pair_to_document(pair, write_only=True)))
    whole.add_override("ignore_changes_to", list(WRITE_ONLY_KEYS))


def run_once(program: str, count: int) -> Figures:
    """Run a program in a process of its own and return its figures, with the time of all its processes."""
    command = [sys.executable, __file__, "--child", program, "--count", str(count)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, env=as_installed(), capture_output=True, text=True, check=True)
    total = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"total": total, "cpu": cpu, **json.loads(done.stdout)}


def measure(rows: list[tuple[str, int]], runs: int) -> dict[tuple[str, int], Figures]:
    """Run all programs in turns, so that a busy moment of the machine meets them all; return medians."""
    results: dict[tuple[str, int], list[Figures]] = {row: [] for row in rows}
    for _ in range(runs):
        for row in rows:
            results[row].append(run_once(*row))
    return {
        row: {key: statistics.median(figures[key] for figures in found) for key in found[0]}
        for row, found in results.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure synthesis.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--programs", nargs="*", default=PROGRAMS, choices=PROGRAMS)
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    parser.add_argument("--child", choices=PROGRAMS, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.count)
        return
    measured = measure([(name, size) for name in asked.programs for size in SIZES[name]], asked.runs)
    if asked.json:
        rows = [{"program": name, "pairs": size, **row} for (name, size), row in measured.items()]
        print(json.dumps(rows, indent=2))
        return
    print("| program | pairs | " + " | ".join(f"{column}, s" for column in COLUMNS) + " | peak, MB |")
    print("|---|---:|" + "---:|" * (len(COLUMNS) + 1))
    for (name, size), row in measured.items():
        times = " | ".join(f"{row[column]:.2f}" for column in COLUMNS)
        print(f"| {name} | {size} | {times} | {row['peak_mb']:.0f} |")
    print()
    for line in ratios(measured):
        print(line)


def ratios(measured: dict[tuple[str, int], Figures]) -> list[str]:
    """Return what holds on any machine: each program against itself, plain objects and the floor."""

    def total(name: str, size: int, column: str = "total") -> float:
        return measured.get((name, size), {}).get(column, 0.0)

    lines: list[str] = []
    for name in ("FailoverPair each", "FailoverPairs", "plain objects"):
        if total(name, 1) and total(name, 1000):
            wall, cpu = (total(name, 1000, each) / total(name, 1, each) for each in ("total", "cpu"))
            lines.append(
                f"{name}: 1,000 pairs take {wall:.2f} x the time of 1, {cpu:.2f} x its processor time"
            )
        if name != "plain objects" and total(name, 1000) and total("plain objects", 1000):
            part = total(name, 1000) / total("plain objects", 1000)
            lines.append(f"{name}: 1,000 pairs take {part:.2f} x the time of plain objects")
        if total(name, 1) and total("floor", 0):
            lines.append(
                f"{name}: 1 pair takes {total(name, 1) / total('floor', 0):.2f} x the time of an empty app"
            )
    if total("stacks", 100):
        lines.append(f"100 stacks in one app take {total('stacks', 100):.1f} s")
    return lines


if __name__ == "__main__":
    main()
