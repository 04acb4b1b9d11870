"""Makes Terraform find the provider that comes with gatepair, with nothing downloaded and nothing set.

Terraform looks for providers in ``terraform.d/plugins`` of the directory it runs in and in that of the
home directory (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories).
What it finds there must not change under one version, since it keeps a checksum. So the executable is
a constant shell script; which Python it starts, and which pairs.toml that reads, stands in two small
files beside ``plugins``.

Only the standard library is used here: stacks import this module at synth.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from base64 import b64encode
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from gatepair.errors import LocalFileError, Unsupported

PROVIDER_TYPE: Final = "restapi"
SOURCE: Final = f"gatepair.dev/gatepair/{PROVIDER_TYPE}"
VERSION: Final = "0.1.0"
"""Version of what the provider offers to Terraform; it moves apart from the distribution's."""

EXECUTABLE: Final = f"terraform-provider-{PROVIDER_TYPE}_v{VERSION}"
PYTHON_FILE: Final = "gatepair.python"
CONFIG_FILE: Final = "gatepair.config"
LOCK_FILE: Final = ".terraform.lock.hcl"
PLATFORMS: Final = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")
"""Where the launcher runs. It is written for all of them: Terraform's own platform may differ from the
machine's, as on a Mac that translates, and a directory of stacks may be carried to another machine."""

LAUNCHER: Final = """\
#!/bin/sh
# Starts the Terraform provider of gatepair. This file is the same on every machine: Terraform keeps
# its checksum. What differs stands in two files beside "plugins": gatepair.python names the
# interpreter, gatepair.config the pairs.toml. The directory that Terraform runs in comes first,
# because links in a shared plugin cache may lead here from another project.
root=$(CDPATH='' cd -P "${0%/*}/../../../../../.." 2>/dev/null && pwd -P)
beside() {
  for directory in terraform.d "$root"; do
    if [ -r "$directory/$1" ]; then
      cat "$directory/$1"
      return
    fi
  done
}
python=${GATEPAIR_PYTHON:-$(beside gatepair.python)}
python=${python:-python3}
if ! command -v "$python" >/dev/null 2>&1; then
  echo "gatepair: there is no Python at $python. Synthesize the stacks again, run" \\
    "'gatepair provider install' again, or set GATEPAIR_PYTHON."
  exit 1
fi
if [ -z "${GATEPAIR_CONFIG:-}" ]; then
  GATEPAIR_CONFIG=$(beside gatepair.config)
  if [ -n "$GATEPAIR_CONFIG" ]; then export GATEPAIR_CONFIG; else unset GATEPAIR_CONFIG; fi
fi
# -P: Terraform's directory is not searched for modules, whatever lies there.
exec "$python" -P -m gatepair_bridge.provider "$@"
"""

_MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_LOCK_BLOCK: Final = re.compile(
    rf'^provider "{re.escape(SOURCE)}" \{{\n.*?^\}}\n?', flags=re.MULTILINE | re.DOTALL
)
_SCRIPT_MODE: Final = 0o755
_FILE_MODE: Final = 0o644


class Installation(NamedTuple):
    """A provider of ours in a mirror.

    Attributes:
        version: Version of the provider.
        path: Directory of that version.
        platforms: Platforms it is there for, such as ``linux_amd64``.
        python: The interpreter it starts, empty for whatever ``python3`` is.
        current: Whether it is exactly what this distribution would install.
    """

    version: str
    path: Path
    platforms: tuple[str, ...]
    python: str
    current: bool


def os_arch() -> str:
    """Return this machine's platform as Terraform names it, such as ``linux_amd64``.

    Raises:
        Unsupported: The launcher, a shell script, does not run here.
    """
    machine = platform.machine()
    found = f"{sys.platform}_{_MACHINES.get(machine.lower(), machine)}"
    if found not in PLATFORMS:
        raise Unsupported(
            f"the provider cannot be started on {found}",
            remedy=f"Use one of {', '.join(PLATFORMS)}, for example Linux in a container or WSL.",
        )
    return found


def h1(files: Mapping[str, bytes]) -> str:
    r"""Return the checksum that Terraform keeps of an unpacked provider.

    It is the "Hash1" of Go's golang.org/x/mod/sumdb/dirhash.

    Args:
        files: Content of each file by its path with slashes.

    Example:
        >>> h1({"a": b"hello\n"})
        'h1:5Fn9UlLDraC1wY/JAI5JBHb+Ice9ZdUmjUVTW+ldYmc='
    """
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "h1:" + b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def lock_entry() -> str:
    """Return the provider's block in a dependency lock file."""
    return (
        f'provider "{SOURCE}" {{\n'
        f'  version     = "{VERSION}"\n'
        f'  constraints = "{VERSION}"\n'
        "  hashes = [\n"
        f'    "{h1({EXECUTABLE: LAUNCHER.encode()})}",\n'
        "  ]\n"
        "}\n"
    )


def with_lock_entry(text: str) -> str:
    """Return a dependency lock file with the provider's block in it, the rest as it was.

    Args:
        text: The file, empty if there is none yet.
    """
    entry = lock_entry()
    if entry in text:
        return text
    if _LOCK_BLOCK.search(text):
        return _LOCK_BLOCK.sub(entry.replace("\\", r"\\"), text, count=1)
    return f"{text.rstrip()}\n\n{entry}" if text.strip() else entry


def vendor(
    stack_dir: Path | str, config_path: Path | str | None = None, *, python: str | None = None
) -> None:
    """Put the provider into the directory of a stack, so that its first ``terraform init`` finds it.

    Files that are as they should be are left alone.

    Args:
        stack_dir: Directory that Terraform runs in.
        config_path: The pairs.toml whose credentials and trust the provider uses; ``GATEPAIR_CONFIG``
            comes before it.
        python: Interpreter that gatepair is installed for; absent, the present one.

    Raises:
        LocalFileError: The directory cannot be written.
        Unsupported: The launcher does not run on this machine.
    """
    os_arch()
    stack = Path(stack_dir)
    with _blamed_on(stack):
        _place(stack / "terraform.d" / "plugins", config_path, python)
        lock = stack / LOCK_FILE
        _put(lock, with_lock_entry(lock.read_text(encoding="utf-8") if lock.exists() else ""), _FILE_MODE)


def home_mirror() -> Path:
    """Return the mirror in the home directory that Terraform looks into by itself."""
    return Path.home() / ".terraform.d" / "plugins"


def install(
    plugins: Path | None = None, *, config_path: Path | str | None = None, python: str | None = None
) -> Installation:
    """Put the provider into a mirror, for Terraform configurations that are written by hand.

    Args:
        plugins: The mirror; absent, the one in the home directory.
        config_path: The pairs.toml to use when ``GATEPAIR_CONFIG`` is not set.
        python: Interpreter that gatepair is installed for; absent, the present one.

    Raises:
        LocalFileError: The mirror cannot be written.
        Unsupported: The launcher does not run on this machine.
    """
    os_arch()
    mirror = home_mirror() if plugins is None else plugins
    with _blamed_on(mirror):
        _place(mirror, config_path, python)
    return next(found for found in installed(mirror) if found.version == VERSION)


def installed(plugins: Path | None = None) -> tuple[Installation, ...]:
    """Return what is in a mirror of ours, by version.

    Args:
        plugins: The mirror; absent, the one in the home directory.

    Raises:
        LocalFileError: The mirror cannot be read.
    """
    mirror = home_mirror() if plugins is None else plugins
    with _blamed_on(mirror):
        python_file = mirror.parent / PYTHON_FILE
        python = python_file.read_text(encoding="utf-8").strip() if python_file.exists() else ""
        versions = sorted((mirror / SOURCE).glob("*")) if (mirror / SOURCE).is_dir() else []
        return tuple(_installation(path, python) for path in versions if path.is_dir())


def uninstall(plugins: Path | None = None) -> tuple[Path, ...]:
    """Take everything of ours out of a mirror, and directories that become empty.

    Args:
        plugins: The mirror; absent, the one in the home directory.

    Returns:
        What was removed; empty if there was nothing.

    Raises:
        LocalFileError: Something cannot be removed.
    """
    mirror = home_mirror() if plugins is None else plugins
    provider = mirror / SOURCE
    removed: list[Path] = []
    with _blamed_on(mirror):
        if provider.is_dir():
            shutil.rmtree(provider)
            removed.append(provider)
            for parent in (provider.parent, provider.parent.parent):
                if not any(parent.iterdir()):
                    parent.rmdir()
        for name in (PYTHON_FILE, CONFIG_FILE):
            sidecar = mirror.parent / name
            if sidecar.exists():
                sidecar.unlink()
                removed.append(sidecar)
    return tuple(removed)


def _installation(path: Path, python: str) -> Installation:
    platforms = tuple(sorted(entry.name for entry in path.iterdir() if entry.is_dir()))
    executables = [path / name / EXECUTABLE for name in platforms]
    current = path.name == VERSION and bool(executables)
    return Installation(
        version=path.name,
        path=path,
        platforms=platforms,
        python=python,
        current=current and all(_holds(file, LAUNCHER.encode(), _SCRIPT_MODE) for file in executables),
    )


def _place(plugins: Path, config_path: Path | str | None, python: str | None) -> None:
    for name in PLATFORMS:
        _put(plugins / SOURCE / VERSION / name / EXECUTABLE, LAUNCHER, _SCRIPT_MODE)
    # Not resolved: a virtual environment is recognised by the path of its link to the interpreter.
    _put(plugins.parent / PYTHON_FILE, os.path.abspath(python or sys.executable) + "\n", _FILE_MODE)  # noqa: PTH100 - Path.absolute keeps ".."
    config = plugins.parent / CONFIG_FILE
    if config_path is None:
        config.unlink(missing_ok=True)
    else:
        _put(config, os.path.abspath(config_path) + "\n", _FILE_MODE)  # noqa: PTH100 - as above


def _put(path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all, and only if it differs."""
    data = text.encode()
    if _holds(path, data, mode):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _holds(path: Path, data: bytes, mode: int) -> bool:
    try:
        return path.read_bytes() == data and path.stat().st_mode & 0o777 == mode
    except FileNotFoundError:
        return False


@contextmanager
def _blamed_on(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        raise LocalFileError(f"{error.filename or path}: {error.strerror or error}") from error
