"""Time Terraform with N objects: our provider beside ``terraform_data`` and empty providers on ``tf``.

Run ``python bench/provider_objects.py [N ...] [--runs R]`` (default 1 100). Medians of wall time, and of the
processor time of Terraform, its plugins and nothing else, in seconds; the ratios are of processor time, which
other work on the machine disturbs least. ``--stock FILE``, or ``GATEPAIR_STOCK_RESTAPI``, adds a build of
Mastercard/restapi; ``--kinds`` leaves out what is not wanted. The programs take turns, so that a slow minute
hits all of them alike.

There is one block with ``count``, and the state is a local file, which Terraform writes anew after each
change. ``--named`` gives each object a block of its own, as CDKTF does; ``--remote`` keeps the state in an
HTTP backend, which Terraform writes to every 20 seconds and at the end, as to all of its remote backends.
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
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs
import psutil
from machine import as_installed

HERE = Path(__file__).parent
OPERATIONS = ("validate", "plan", "apply", "no-op plan", "update", "destroy")
SOURCES = {
    "empty": "bench.example/bench/empty",
    "restapi": "gatepair.dev/gatepair/restapi",
    "stock": "bench.example/bench/restapi",
}
PYTHON = f"exec '{sys.executable}'"
COMMANDS = {
    "empty": f"{PYTHON} '{HERE / 'provider_empty.py'}'",
    "restapi": f"{PYTHON} -P -m gatepair_bridge.provider",
}
TYPES = {
    "empty": ("empty", "empty_item"),
    "wide": ("empty", "empty_wide"),
    "restapi": ("restapi", "restapi_object"),
}


@attrs.frozen
class Shape:
    """How many objects there are, and how they are declared and kept."""

    count: int
    named: bool
    remote: bool

    def blocks(self, body: dict[str, object]) -> dict[str, object]:
        """Give the blocks of all objects."""
        if not self.named:
            return {"o": {"count": self.count, **body}}
        text = json.dumps(body)
        return {
            f"o{number}": json.loads(text.replace("${count.index}", str(number)))
            for number in range(self.count)
        }

    def __str__(self) -> str:
        """Describe it in a line."""
        declared = "blocks of their own" if self.named else "one block with count"
        return f"N = {self.count}, {declared}, {'remote' if self.remote else 'local'} state"


def configuration(kind: str, shape: Shape, port: int, value: int) -> dict[str, object]:
    """Give a configuration in JSON."""
    data = '${jsonencode({id = "o${count.index}", name = "n${count.index}", kind = "thing", '
    data += f'value = {value}, note = "{"x" * 40}", list = [1, 2]}})}}'
    if kind == "terraform_data":
        return {"resource": {"terraform_data": shape.blocks({"input": data})}}
    provider, thing = TYPES.get(kind, TYPES["restapi"])
    source = SOURCES["empty" if provider == "empty" else kind]
    settings = {} if provider == "empty" else {"uri": f"http://127.0.0.1:{port}"}
    return {
        "terraform": {"required_providers": {provider: {"source": source}}},
        "provider": {provider: settings},
        "resource": {thing: shape.blocks({"path": "/api/objects", "data": data})},
    }


def backend(kind: str, port: int) -> dict[str, object]:
    """Give a configuration in JSON that keeps the state in the server."""
    return {"terraform": {"backend": {"http": {"address": f"http://127.0.0.1:{port}/state/{kind}"}}}}


def write_launchers(folder: Path, commands: dict[str, str]) -> Path:
    """Write launchers, and a CLI configuration that names them."""
    lines: list[str] = []
    for kind, command in commands.items():
        place = folder / kind
        place.mkdir()
        launcher = place / f"terraform-provider-{SOURCES[kind].rpartition('/')[2]}"
        launcher.write_text(f"#!/bin/sh\n{command}\n")
        launcher.chmod(0o755)
        lines.append(f'"{SOURCES[kind]}" = "{place}"')
    rc = folder / "cli.tfrc"
    rc.write_text("provider_installation {\n dev_overrides {\n" + "\n".join(lines) + "\n }\n direct {}\n}\n")
    return rc


@contextmanager
def server() -> Iterator[int]:
    """Run the CRUD server."""
    with subprocess.Popen([sys.executable, HERE / "provider_server.py"], stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise SystemExit("the server has no output")
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@attrs.frozen
class Cost:
    """What one command cost: seconds, those of the plugins among them, bytes of the largest plugin."""

    wall_s: float
    cpu_s: float
    plugin_cpu_s: float
    plugin_bytes: int


class Watch:
    """Notes memory and processor time of the plugins below a Terraform process while they run."""

    def __init__(self, pid: int) -> None:
        self.largest = 0
        self._cpu_s: dict[int, float] = {}
        self._terraform = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Stop looking and give the processor time that was seen, which lacks each plugin's last moment."""
        self._ended.set()
        self._thread.join()
        return sum(self._cpu_s.values())

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            with suppress(psutil.Error):
                for plugin in self._terraform.children(recursive=True):
                    used = plugin.cpu_times()
                    self._cpu_s[plugin.pid] = used.user + used.system
                    self.largest = max(self.largest, plugin.memory_info().rss)


class Series:
    """One kind of object in one directory."""

    def __init__(self, kind: str, shape: Shape, port: int, folder: Path, rc: Path) -> None:
        self.kind, self.shape, self.port = kind, shape, port
        self.folder = folder / kind
        self.folder.mkdir()
        self.environment = as_installed() | {
            "TF_CLI_CONFIG_FILE": str(rc), "CHECKPOINT_DISABLE": "1", "HOME": str(folder)
        }  # fmt: skip
        self.costs: dict[str, list[Cost]] = {operation: [] for operation in OPERATIONS}
        if shape.remote:
            (self.folder / "backend.tf.json").write_text(json.dumps(backend(kind, port)))
            subprocess.run(
                ["terraform", "init"], cwd=self.folder, env=self.environment, check=True, capture_output=True
            )

    def run_all(self) -> None:
        """Run each operation once."""
        (self.folder / "terraform.tfstate").unlink(missing_ok=True)
        self._write(1)
        for operation in OPERATIONS:
            if operation == "update":
                self._write(2)
            self.costs[operation].append(self._cost(operation))

    def median(self, operation: str, name: str) -> float:
        """Give the median of one figure."""
        return statistics.median(getattr(cost, name) for cost in self.costs[operation])

    def _write(self, value: int) -> None:
        text = json.dumps(configuration(self.kind, self.shape, self.port, value))
        (self.folder / "main.tf.json").write_text(text)

    def _cost(self, operation: str) -> Cost:
        command = {
            "validate": ["validate"],
            "plan": ["plan", "-input=false"],
            "no-op plan": ["plan", "-input=false", "-detailed-exitcode"],
        }.get(operation, ["destroy" if operation == "destroy" else "apply", "-auto-approve"])
        before, begin = _children_cpu_s(), time.perf_counter()
        with subprocess.Popen(
            ["terraform", *command], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            watch = Watch(process.pid)
            text, _ = process.communicate()
        took = time.perf_counter() - begin
        plugins_s = watch.end()
        if process.returncode:
            raise SystemExit(f"{self.kind} {operation}: {text.decode()[-2000:]}")
        return Cost(took, _children_cpu_s() - before, plugins_s, watch.largest)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # Terraform waits for its plugins, so they count
    return used.ru_utime + used.ru_stime


def table(series: dict[str, Series], name: str, references: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Print one figure of all kinds, with our ratio to each reference, and give the same as data."""
    compared = "".join(f"{'/' + other:>16}" for other in references)
    print(f"{name:14}" + "".join(f"{kind:>16}" for kind in series) + compared)
    found: dict[str, dict[str, float]] = {}
    for operation in OPERATIONS:
        values = {kind: one.median(operation, name) for kind, one in series.items()}
        ratios = {f"/{other}": values["restapi"] / values[other] for other in references if values[other]}
        shown = "".join(f"{value:16.2f}" for value in values.values())
        parts = (f"{ratios[f'/{other}']:16.2f}" if values[other] else f"{'-':>16}" for other in references)
        print(f"{operation:14}{shown}" + "".join(parts))
        found[operation] = {key: round(value, 3) for key, value in (values | ratios).items()}
    return found


def measure(
    shape: Shape, runs: int, port: int, *, commands: dict[str, str], kinds: tuple[str, ...], place: Path
) -> None:
    """Measure one number of objects and print the tables."""
    launchers = place / "launchers"
    launchers.mkdir()
    rc = write_launchers(launchers, commands)
    series = {kind: Series(kind, shape, port, place, rc) for kind in kinds}
    for turn in range(runs):
        for kind in kinds if turn % 2 else reversed(kinds):
            series[kind].run_all()
            print(f"{shape}, run {turn + 1}: {kind}", file=sys.stderr)
    print(f"\n{shape}, {runs} runs")
    references = tuple(kind for kind in kinds if kind != "restapi")
    figures = {name: table(series, name, references) for name in ("wall_s", "cpu_s", "plugin_cpu_s")}
    largest = max(cost.plugin_bytes for costs in series["restapi"].costs.values() for cost in costs) / 2**20
    print(f"largest process of ours: {largest:.0f} MiB")
    print(json.dumps({str(shape): figures | {"largest_mib": round(largest)}}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="provider_objects.py")
    parser.add_argument("counts", nargs="*", type=int, default=[1, 100], metavar="N")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stock", default=os.environ.get("GATEPAIR_STOCK_RESTAPI"), metavar="FILE")
    parser.add_argument("--kinds", help="only these beside ours, with commas between", metavar="KINDS")
    parser.add_argument("--named", action="store_true", help="a block for each object, not one with count")
    parser.add_argument("--remote", action="store_true", help="state in an HTTP backend, not a local file")
    given = parser.parse_args()
    commands = COMMANDS | ({"stock": f"exec '{given.stock}'"} if given.stock else {})
    known = ("terraform_data", "wide", *commands)
    asked = set(given.kinds.split(",")) | {"restapi"} if given.kinds else set(known)
    if unknown := asked - set(known):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    kinds = tuple(kind for kind in known if kind in asked)
    for count in given.counts:
        shape = Shape(count, given.named, given.remote)
        with tempfile.TemporaryDirectory() as name, server() as port:
            measure(shape, given.runs, port, commands=commands, kinds=kinds, place=Path(name))


if __name__ == "__main__":
    main()
