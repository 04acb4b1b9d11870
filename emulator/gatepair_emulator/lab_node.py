"""One appliance of an emulated pair, seen from outside: its process, power and faults."""

from __future__ import annotations

import json
import os
import shutil
import time
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Final

from attrs import define, field

from gatepair_emulator.processes import end, is_ours, pause, recorded_pid, spawn
from gatepair_emulator.values import JsonValue, object_of, text_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

    from gatepair_emulator.namespaces import Namespace
    from gatepair_emulator.settings import Ports

START_TIMEOUT_S: Final = 30.0
# A running process looks after its settings, and ends when they are gone.
_PATIENCE_S: Final = 20.0
"""For an answer of an appliance's process, and for its end; on a busy machine either takes its time."""
_KEPT: Final = ("log", "pid", "settings.json", "management-")


class LabError(Exception):
    """The emulated pair cannot be set up or does not answer."""


@define(kw_only=True)
class Remote:
    """An appliance as the emulator's own interface shows it.

    Attributes:
        name: ``a`` or ``b``.
        directory: Its state on disk.
        host: Management address without port.
        ports: Where it listens.
        token: For the emulator's own interface.
    """

    name: str
    directory: Path
    host: str
    ports: Ports
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """Management address with port, as it stands in ``pairs.toml``."""
        return f"{self.host}:{self.ports.management}"

    def status(self) -> dict[str, JsonValue]:
        """What the appliance is and does now.

        Returns:
            Role, addresses bound, history and so on; see ``gatepair emulator status --json``.

        Raises:
            LabError: It does not answer.
        """
        return self.admin("GET", "/status")

    def admin(
        self, method: str, path: str, content: Mapping[str, JsonValue] | None = None
    ) -> dict[str, JsonValue]:
        """Ask the emulator's own interface.

        Args:
            method: HTTP method.
            path: Such as ``/faults``.
            content: JSON to send.

        Returns:
            The answer.

        Raises:
            LabError: It does not answer, or refuses.
        """
        connection = HTTPConnection(self.host, self.ports.admin, timeout=_PATIENCE_S)
        try:
            body = json.dumps(content) if content is not None else None
            connection.request(method, path, body, {"X-Gatepair-Token": self.token})
            answer = connection.getresponse()
            result: JsonValue = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as problem:
            raise LabError(f"appliance {self.name} does not answer: {problem}") from None
        finally:
            connection.close()
        if answer.status >= 400:  # noqa: PLR2004 - an error status
            raise LabError(text_of(object_of(result).get("problem")))
        return object_of(result)

    def add_fault(self, **fault: JsonValue) -> None:
        """Spoil requests from now on.

        Args:
            fault: Members of ``gatepair_emulator.faults.Fault``, such as ``effect="reset-after"``.
        """
        self.admin("POST", "/faults", fault)

    def clear_faults(self) -> None:
        """Take every fault away."""
        self.admin("DELETE", "/faults")

    def cut_network(self, *, outgoing: bool = True, incoming: bool = True) -> None:
        """Lose everything between the two nodes; clients still reach both.

        Args:
            outgoing: What this node sends.
            incoming: What this node would receive.
        """
        self.admin("PUT", "/network", {"outgoing": outgoing, "incoming": incoming})

    def mend_network(self) -> None:
        """Let the nodes hear each other again."""
        self.admin("PUT", "/network", {"outgoing": False, "incoming": False, "loss": 0})


@define(kw_only=True)
class Node(Remote):
    """One appliance of the pair.

    Attributes:
        detached: Whether it survives the process that started it.
        pid: Its process; 0 when it is off.
        host_name: Host name when it was last seen to come up.
        namespace: Its own network; None on loopback.
    """

    detached: bool = False
    pid: int = 0
    host_name: str = ""
    namespace: Namespace | None = None
    _process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Whether the power is on."""
        if self._process is not None:
            return self._process.poll() is None
        return self.pid != 0 and is_ours(self.pid, self.directory)

    def start(self, *, wait: bool = True) -> None:
        """Switch on.

        Args:
            wait: Return when the appliance answers.

        Raises:
            LabError: It does not come up.
        """
        if self.is_running():
            return
        self._forget()
        (self.directory / "off").unlink(missing_ok=True)
        if self.namespace is not None:
            self.namespace.power(on=True)
        self._process = spawn(self.directory, detached=self.detached, namespace=self.namespace)
        self.pid = self._process.pid
        if wait:
            self.wait_until_up()

    def exchange(self) -> None:
        """Put a fresh appliance in the place of this one: same address, nothing configured; switch it on.

        Raises:
            LabError: It does not come up.
        """
        self.kill()
        for left in ("saved.json", "build"):
            (self.directory / left).unlink(missing_ok=True)
        shutil.rmtree(self.directory / "files", ignore_errors=True)
        (self.directory / "first-boot.json").write_text("[]", encoding="utf-8")
        self.start()

    def kill(self) -> None:
        """Cut the power: the process gets SIGKILL."""
        if self.namespace is not None:
            self.namespace.power(on=False)
        end(self.pid, self.directory, hard=True)
        self._forget()

    def rest(self) -> None:
        """Cut the power as ``kill`` does, but keep the process for ``renew``; whatever state it is in."""
        if not self.is_running():
            end(recorded_pid(self.directory), self.directory, hard=True)  # somebody else may have started it
            return
        self.thaw()
        try:
            self.admin("PUT", "/power", {"on": False})
        except LabError:
            self.kill()

    def clear(self) -> None:
        """Forget all that was set up or done, but for what the process and its certificate need."""
        for each in self.directory.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            elif not each.name.startswith(_KEPT):
                each.unlink()
        if (log := self.directory / "log").exists():
            os.truncate(log, 0)

    def renew(self) -> None:
        """After it was set up anew: begin as that appliance, in the same process if there is one."""
        if (self.directory / "off").exists():
            self.kill()
        elif self.is_running():
            self.admin("POST", "/anew")

    def stop(self) -> None:
        """Switch off in good order. What was not saved is lost all the same."""
        end(self.pid, self.directory)
        if self.namespace is not None and self.pid:
            self.namespace.power(on=False)
        self._forget()

    def freeze(self) -> None:
        """Stop the process without ending it: it keeps its addresses but does nothing."""
        pause(self.pid, self.directory, frozen=True)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        pause(self.pid, self.directory, frozen=False)

    def wait_until_up(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the appliance answers.

        Args:
            timeout_s: Seconds to wait at most.

        Raises:
            LabError: It has ended or does not answer in time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                status = self.status()
                if status.get("phase") == "up":
                    self._let_go()
                    self.host_name = text_of(status.get("host_name"))
                    return
            except LabError:
                pass
            if not self.is_running():
                raise LabError(f"appliance {self.name} has ended: {self.last_words()}")
            if time.monotonic() >= deadline:
                raise LabError(f"appliance {self.name} does not answer after {timeout_s:.0f} s")
            time.sleep(0.03)

    def wait_until_settled(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the appliance has found its role.

        Args:
            timeout_s: Seconds to wait at most.

        Raises:
            LabError: It has not found one in time.
        """
        deadline = time.monotonic() + timeout_s
        while self.status().get("master_state") not in {"Primary", "Secondary"}:
            if time.monotonic() >= deadline:
                raise LabError(f"appliance {self.name} has no role after {timeout_s:.0f} s")
            time.sleep(0.03)

    def last_words(self) -> str:
        """The last line of its log."""
        try:
            lines = (self.directory / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return "there is no log"
        return lines[-1] if lines else "the log is empty"

    def _let_go(self) -> None:
        """Leave a detached process alone: its end is nobody's business here."""
        if self.detached and self._process is not None:
            self._process.returncode = 0  # else Python would warn that it still runs
            self._process = None

    def _forget(self) -> None:
        self.pid = 0
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(timeout=_PATIENCE_S)
            self._process = None
