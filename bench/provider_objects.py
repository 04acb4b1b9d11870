"""Time Terraform with N objects: our provider beside ``terraform_data`` and an empty provider on ``tf``.

Run ``python bench/provider_objects.py [N ...]`` (default 1 100). Seconds of wall time of each command,
median of the runs, with the ratios to the two floors, and the peak memory of our provider's processes.
Named blocks are not used: one block with ``count``, as in the figures of the original.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
MANY = 500
"""From this many objects on, one run has to do."""
OPERATIONS = ("validate", "plan", "apply", "no-op plan", "update", "destroy")
SOURCES = {"empty": "bench.example/bench/empty", "restapi": "gatepair.dev/gatepair/restapi"}
COMMANDS = {"empty": f"'{HERE / 'provider_empty.py'}'", "restapi": "-m gatepair_bridge.provider"}


def configuration(kind: str, count: int, port: int, value: int) -> dict[str, object]:
    """Give a configuration in JSON."""
    data = '${jsonencode({id = "o${count.index}", name = "n${count.index}", kind = "thing", '
    data += f'value = {value}, note = "{"x" * 40}", list = [1, 2]}})}}'
    if kind == "terraform_data":
        return {"resource": {"terraform_data": {"o": {"count": count, "input": data}}}}
    required = {kind: {"source": SOURCES[kind]}}
    resource = {"empty": "empty_item", "restapi": "restapi_object"}[kind]
    provider: dict[str, str] = {"uri": f"http://127.0.0.1:{port}"} if kind == "restapi" else {}
    return {
        "terraform": {"required_providers": required},
        "provider": {kind: provider},
        "resource": {resource: {"o": {"count": count, "path": "/api/objects", "data": data}}},
    }


def write_launchers(folder: Path) -> Path:
    """Write launchers that note the peak memory, and a CLI configuration that names them."""
    lines: list[str] = []
    for kind, source in SOURCES.items():
        place = folder / kind
        place.mkdir()
        launcher = place / f"terraform-provider-{kind}"
        launcher.write_text(f"#!/bin/sh\nexec '{sys.executable}' {COMMANDS[kind]}\n")
        launcher.chmod(0o755)
        lines.append(f'"{source}" = "{place}"')
    rc = folder / "cli.tfrc"
    rc.write_text("provider_installation {\n dev_overrides {\n" + "\n".join(lines) + "\n }\n direct {}\n}\n")
    return rc


@contextmanager
def server() -> Iterator[int]:
    """Run the CRUD server."""
    with subprocess.Popen([sys.executable, HERE / "provider_server.py"], stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise SystemExit("the server has no output")
        yield int(process.stdout.readline())
        process.kill()


class Series:
    """One kind of object in one directory."""

    def __init__(self, kind: str, count: int, port: int, folder: Path, rc: Path) -> None:
        self.kind, self.count, self.port = kind, count, port
        self.folder = folder / f"{kind}-{count}"
        self.folder.mkdir(exist_ok=True)
        self.environment = os.environ | {
            "TF_CLI_CONFIG_FILE": str(rc), "CHECKPOINT_DISABLE": "1", "HOME": str(folder)
        }  # fmt: skip
        self.times: dict[str, list[float]] = {operation: [] for operation in OPERATIONS}

    def run_all(self) -> None:
        """Run each operation once."""
        (self.folder / "terraform.tfstate").unlink(missing_ok=True)
        self._write(1)
        for operation in OPERATIONS:
            if operation == "update":
                self._write(2)
            self.times[operation].append(self._timed(operation))

    def _write(self, value: int) -> None:
        text = json.dumps(configuration(self.kind, self.count, self.port, value))
        (self.folder / "main.tf.json").write_text(text)

    def _timed(self, operation: str) -> float:
        command = {
            "validate": ["validate"],
            "plan": ["plan", "-input=false"],
            "no-op plan": ["plan", "-input=false", "-detailed-exitcode"],
        }.get(operation, ["destroy" if operation == "destroy" else "apply", "-auto-approve"])
        begin = time.perf_counter()
        done = subprocess.run(
            ["terraform", *command], cwd=self.folder, env=self.environment, capture_output=True, check=False
        )
        took = time.perf_counter() - begin
        if done.returncode:
            raise SystemExit(f"{self.kind} {operation}: {done.stdout.decode()[-2000:]}{done.stderr.decode()}")
        return took


def measure(count: int, runs: int, folder: Path, port: int, rc: Path) -> None:
    """Measure one number of objects and print the table."""
    kinds = ("terraform_data", *SOURCES)
    series = {kind: Series(kind, count, port, folder, rc) for kind in kinds}
    for _ in range(runs):
        for one in series.values():
            one.run_all()
    print(f"\nN = {count}, {runs} runs, seconds (median)")
    print(f"{'operation':12}" + "".join(f"{kind:>16}" for kind in kinds) + f"{'/data':>8}{'/empty':>8}")
    for operation in OPERATIONS:
        medians = {kind: statistics.median(one.times[operation]) for kind, one in series.items()}
        ours = medians["restapi"]
        ratios = f"{ours / medians['terraform_data']:8.2f}{ours / medians['empty']:8.2f}"
        print(f"{operation:12}" + "".join(f"{medians[kind]:16.2f}" for kind in kinds) + ratios)


def main() -> None:
    counts = [int(word) for word in sys.argv[1:]] or [1, 100]
    with tempfile.TemporaryDirectory() as name, server() as port:
        rc = write_launchers(Path(name))
        for count in counts:
            measure(count, 3 if count < MANY else 1, Path(name), port, rc)


if __name__ == "__main__":
    main()
