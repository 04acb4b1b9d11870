"""Starting, finding and ending the processes of appliances; never anybody else's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatepair_emulator.lifetime import WATCH_INPUT
from gatepair_emulator.settings import write_private

if TYPE_CHECKING:
    from gatepair_emulator.namespaces import Namespace

MODULE: Final = "gatepair_emulator.appliance"
FARM_MODULE: Final = "gatepair_emulator.farm_process"
WEB_MODULE: Final = "gatepair_emulator.users.web_interface"
PID_FILE: Final = "pid"
_POLL_S: Final = 0.02


class ProcessError(Exception):
    """A process does not do what it should."""


def spawn(
    directory: Path, *, detached: bool, module: str = MODULE, namespace: Namespace | None = None
) -> subprocess.Popen[bytes]:
    """Start the appliance of a directory.

    Args:
        directory: The node's directory.
        detached: Survive the starter; otherwise the appliance ends with it.
        module: What to run.
        namespace: Network to run in; this machine's own if None.

    Returns:
        The process.
    """
    command = [sys.executable, "-m", module, str(directory)]
    if not detached:
        command.append(WATCH_INPUT)
    if namespace is not None:
        command = namespace.command(*command)
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=detached,
        )
    write_private(directory / PID_FILE, str(process.pid))
    return process


def recorded_pid(directory: Path, *, module: str = MODULE) -> int:
    """The process that was last started for a directory.

    Args:
        directory: The node's directory.
        module: What it has to run.

    Returns:
        Its number if it still runs, else 0.
    """
    try:
        pid = int((directory / PID_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return pid if is_ours(pid, directory, module=module) else 0


def is_ours(pid: int, directory: Path, *, module: str = MODULE) -> bool:
    """Whether a process is the appliance of a directory, and alive.

    Args:
        pid: Process number.
        directory: The node's directory.
        module: What it has to run.

    Returns:
        False if the number now belongs to another process.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z" and module.encode() in words and str(directory).encode() in words


def end(
    pid: int, directory: Path, *, hard: bool = False, timeout_s: float = 5.0, module: str = MODULE
) -> None:
    """End the appliance of a directory, if the process is still that.

    Args:
        pid: Process number.
        directory: The node's directory.
        hard: Kill it at once, as a power cut does.
        timeout_s: How long a soft end may take before it becomes a hard one.
        module: What it has to run.

    Raises:
        ProcessError: It does not end.
    """
    if not is_ours(pid, directory, module=module):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
        if not hard:
            os.kill(pid, signal.SIGCONT)  # a frozen process would not hear it
    deadline = time.monotonic() + timeout_s
    while is_ours(pid, directory, module=module):
        if time.monotonic() >= deadline:
            if hard:
                raise ProcessError(f"process {pid} does not end")
            end(pid, directory, hard=True, module=module)
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(_POLL_S)


def pause(pid: int, directory: Path, *, frozen: bool) -> None:
    """Freeze or thaw the appliance of a directory.

    Args:
        pid: Process number.
        directory: The node's directory.
        frozen: Freeze it, or let it go on.

    Raises:
        ProcessError: It does not run.
    """
    if not is_ours(pid, directory):
        raise ProcessError(f"the appliance in {directory} does not run")
    os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)
