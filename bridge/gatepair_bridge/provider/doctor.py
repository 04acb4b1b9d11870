"""Finds what keeps Terraform or cdktf from working with the provider on this machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from gatepair import launcher
from gatepair.terraform_config import explain, hidden_by

from .doctor_project import check_cache, check_locks, check_node, check_stacks
from .findings import Finding, Machine, run

_OLDEST: Final = {"Terraform": (1, 5), "OpenTofu": (1, 8)}
_WORKS_WITH_1: Final = frozenset({"CDKTF_DISABLE_PLUGIN_CACHE_ENV"})
_YES: Final = frozenset({"1", "yes", "on", "y", "t"})
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


def examine(machine: Machine) -> Iterator[Finding]:
    """Look at everything, one after the other."""
    for check in _CHECKS:
        yield from check(machine)


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
    _, text = run([found, "version"], machine)
    match = re.search(r"(Terraform|OpenTofu) v(\d+)\.(\d+)(\S*)", text)
    if match is None:
        yield Finding(name, "fail", f"{found} does not tell its version", "Reinstall it.")
        return
    shown = f"{found}, {match[1]} {match[2]}.{match[3]}{match[4]}"
    oldest = _OLDEST[match[1]]
    if (int(match[2]), int(match[3])) < oldest:
        yield Finding(name, "fail", shown, f"Use {match[1]} {oldest[0]}.{oldest[1]} or later.")
    else:
        yield Finding(name, "pass", shown)


def check_environment(machine: Machine) -> Iterator[Finding]:
    """Nothing in the environment has another effect than it seems to have."""
    environment = machine.environment
    named = environment.get("TF_CLI_CONFIG_FILE")
    if named and not Path(named).is_file():
        evidence = f"TF_CLI_CONFIG_FILE names {named}, which is not there; every command warns of it"
        yield Finding("environment", "warn", evidence, "Unset TF_CLI_CONFIG_FILE or make the file.")
    for name in sorted(environment):
        if name.startswith("CDKTF_") and name not in _WORKS_WITH_1 and environment[name].lower() in _YES:
            evidence = f"{name}={environment[name]} counts as false"
            yield Finding("environment", "warn", evidence, f"cdktf wants the word: {name}=true.")
    folder = environment.get("CDKTF_LOG_FILE_DIRECTORY")
    if folder and not Path(folder).is_dir():
        evidence = f"CDKTF_LOG_FILE_DIRECTORY names {folder}, which is not there: cdktf writes no log"
        yield Finding("environment", "warn", evidence, "Make that directory.")
    silenced = environment.get("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "")
    if silenced and not re.fullmatch(r"\d\d+(,\d\d+)*", silenced):
        evidence = f"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION={silenced} silences nothing"
        yield Finding("environment", "warn", evidence, "It wants major versions, such as 18,20.")
    if launcher.SOURCE in environment.get("TF_REATTACH_PROVIDERS", ""):
        evidence = "TF_REATTACH_PROVIDERS sends Terraform to a provider that runs for debugging"
        yield Finding("environment", "warn", evidence, "Unset it unless you debug the provider.")
    yield from _home(machine)


def _home(machine: Machine) -> Iterator[Finding]:
    if os.access(machine.home, os.W_OK):
        return
    wanted = {"JSII_RUNTIME_PACKAGE_CACHE": "disabled", "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1"}
    missing = [f"{name}={value}" for name, value in wanted.items() if machine.environment.get(name) != value]
    evidence = f"{machine.home} cannot be written"
    if missing:
        yield Finding("home directory", "warn", evidence, f"For cdktf set {' and '.join(missing)}.")
    else:
        yield Finding("home directory", "pass", f"{evidence}, and cdktf knows it")


def check_installation(machine: Machine) -> Iterator[Finding]:
    """Mirrors in the home directory and in stacks are as this distribution would make them."""
    name, mirror = "installation", machine.home / ".terraform.d" / "plugins"
    found = launcher.installed(mirror)
    if not found:
        evidence = f"nothing in {mirror}; stacks bring their own copy, so only hand-written HCL needs it"
        yield Finding(name, "warn", evidence, "For HCL run 'gatepair provider install'.")
    for one in found:
        yield _judged(name, one, "Run 'gatepair provider install' again.")
    for stack in machine.stacks():
        for one in launcher.installed(stack / "terraform.d" / "plugins"):
            yield _judged(f"provider of {stack.name}", one, "Synthesize the stacks again.")


def _judged(name: str, one: launcher.Installation, remedy: str) -> Finding:
    if one.version == launcher.VERSION and not one.current:
        return Finding(name, "fail", f"{one.path} differs from what belongs there", remedy)
    if one.python and shutil.which(one.python) is None:
        return Finding(name, "fail", f"its Python, {one.python}, is not there any more", remedy)
    shown = f"version {one.version} in {one.path}, Python {one.python or 'python3'}"
    return Finding(name, "pass", shown)


def check_found(machine: Machine) -> Iterator[Finding]:
    """Terraform finds and starts the provider, tried with a real configuration."""
    name, terraform = "provider", _terraform(machine)
    if terraform is None:
        return
    with tempfile.TemporaryDirectory(prefix="gatepair-doctor-") as folder:
        place = Path(folder)
        launcher.vendor(place, python=sys.executable)
        (place / "main.tf").write_text(_PROBE)
        code, text = run([terraform, "init", "-input=false", "-no-color"], machine, place)
        if code:
            yield Finding(name, "fail", _first_error(text), _remedy_for_init(machine))
            return
        code, text = run([terraform, "validate", "-no-color"], machine, place)
    if code:
        remedy = f"Run '{sys.executable} -m gatepair_bridge.provider' to see why it does not start."
        yield Finding(name, "fail", _first_error(text), remedy)
    else:
        yield Finding(name, "pass", "Terraform finds it in a stack's own directory and starts it")


def _first_error(text: str) -> str:
    lines = [line.strip(" │╷╵") for line in text.splitlines()]
    begin = next((n for n, line in enumerate(lines) if line.startswith("Error:")), 0)
    return " ".join(line for line in lines[begin : begin + 8] if line) or "no output"


def _remedy_for_init(machine: Machine) -> str:
    hiding = hidden_by(machine.environment, machine.home)
    if hiding is not None:
        return explain(hiding, machine.home)
    return "Look at the message above; Terraform's log (TF_LOG=DEBUG) says more."


_CHECKS: Final[tuple[Callable[[Machine], Iterator[Finding]], ...]] = (
    check_terraform,
    check_environment,
    check_installation,
    check_found,
    check_locks,
    check_stacks,
    check_cache,
    check_node,
)
