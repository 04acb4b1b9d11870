"""The Web Interface beside an emulated pair, seen from outside: its process and its hosts file."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final

from attrs import define

from gatepair_emulator.lab_node import LabError
from gatepair_emulator.processes import WEB_MODULE, end, recorded_pid, spawn
from gatepair_emulator.settings import write_private, write_record
from gatepair_emulator.users.web_interface import HOSTS, SETTINGS, WebSettings

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

GATEWAY_NAME: Final = "gateway.example.net"
START_TIMEOUT_S: Final = 20.0


@define(kw_only=True)
class LabWeb:
    """The Web Interface of a lab; off until it is started.

    Attributes:
        directory: Its state on disk.
        settings: What it is.
        detached: Whether it survives the process that started it.
    """

    directory: Path
    settings: WebSettings
    detached: bool = False
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, with port."""
        return f"{self.settings.address}:{self.settings.port}"

    @property
    def hosts_file(self) -> Path:
        """Its own hosts file; read anew for each user."""
        return self.directory / HOSTS

    def point_at(self, address: str) -> None:
        """Let the Gateway's name resolve to an address.

        Args:
            address: What the hosts file is to say; empty for no entry.
        """
        line = f"{address}  {self.settings.gateway}\n" if address else ""
        write_private(self.hosts_file, f"# Where this Web Interface finds the Gateway\n{line}")

    def start(self) -> None:
        """Switch on.

        Raises:
            LabError: It does not come up.
        """
        if recorded_pid(self.directory, module=WEB_MODULE):
            return
        write_record(self.directory / SETTINGS, self.settings)
        self._process = spawn(self.directory, detached=self.detached, module=WEB_MODULE)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() >= deadline:
                self.stop()
                raise LabError(f"the Web Interface does not come up: see {self.directory / 'log'}")
            time.sleep(0.03)
        if self.detached:
            self._process.returncode = 0  # its end is nobody's business here; Python would warn
            self._process = None

    def stop(self) -> None:
        """Switch off."""
        end(recorded_pid(self.directory, module=WEB_MODULE), self.directory, module=WEB_MODULE)
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(timeout=5)
            self._process = None

    def is_running(self) -> bool:
        """Whether it is on."""
        return recorded_pid(self.directory, module=WEB_MODULE) != 0

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.settings.address, self.settings.port)) == 0
