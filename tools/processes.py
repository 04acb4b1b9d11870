"""Children that never outlive us: start commands, and end every process that came of them.

Neither a process group nor a session holds what ``cdktf deploy`` starts: it runs Terraform in a
pseudo-terminal, which makes a session of its own, and a killed app leaves jsii's Node process running. So
descendants are followed by parentage; on Linux orphans are handed to us (``PR_SET_CHILD_SUBREAPER``, see
prctl(2)) instead of to init.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 8.0


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that they can still be found."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_on_signals() -> None:
    """Turn a polite end (SIGTERM, a closed terminal) into the same path as Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupt)


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    each_line: Callable[[str], None],
) -> int:
    """Run a command in a session of its own and hand on its lines as they come.

    A session of its own keeps a Ctrl-C in the terminal from reaching the command directly: it is ended by
    ``end_descendants``, in order.

    Returns:
        The exit code of the command.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - asked for by PIPE above
    for line in process.stdout:
        each_line(line.rstrip("\n"))
    return process.wait()


def end_descendants() -> None:
    """End everything that this process started, directly or not, and wait until it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        alive = [child for child in psutil.Process().children(recursive=True) if _runs(child)]
        for child in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(number)
        psutil.wait_procs(alive, timeout=GRACE_S)
    _reap()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
