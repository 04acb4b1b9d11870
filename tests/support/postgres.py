"""A PostgreSQL server of a test's own, on loopback, with a password."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

START_LIMIT_S = 60
USER = "gatepair"


@attrs.frozen
class Postgres:
    """A running server.

    Attributes:
        connection: Connection string with the password in it.
        psql: Program to ask it.
    """

    connection: str
    psql: str

    def ask(self, query: str, **variables: str) -> list[str]:
        """Return the lines that a query prints.

        Args:
            query: SQL with `:name` for variables, which psql fills in.
            **variables: Their values.
        """
        given = [f"--set={name}={value}" for name, value in variables.items()]
        command = [self.psql, "--no-psqlrc", "-At", *given, self.connection]
        done = subprocess.run(command, input=query, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()


def programs() -> Path | None:
    """Return the directory of the server's programs, None if there is no PostgreSQL."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in candidates if (place / "postgres").exists()), None)


@contextmanager
def running(password: str) -> Iterator[Postgres]:
    """Start a server with an empty database and stop it again.

    Args:
        password: Password of its one user.
    """
    bin_ = programs()
    assert bin_ is not None
    # Not in pytest's own directory, which nobody but its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="gatepair-postgres-"))
    try:
        password_file = folder / "password"
        password_file.write_text(password)
        account = _account(folder, password_file)
        data = folder / "data"
        words = ("-D", str(data), "-U", USER, "-A", "scram-sha-256", f"--pwfile={password_file}", "--no-sync")
        subprocess.run([bin_ / "initdb", *words], check=True, capture_output=True, cwd=folder, **account)
        with _served(bin_, data, folder, account) as port:
            connection = f"postgres://{USER}:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
            yield Postgres(connection, str(bin_ / "psql"))
    finally:
        shutil.rmtree(folder)


def _account(folder: Path, password_file: Path) -> dict[str, Any]:
    """Return how to run as somebody else when root runs the tests: the server refuses root."""
    if os.geteuid() != 0:
        return {}
    somebody = pwd.getpwnam("nobody")
    for path in (folder, password_file):
        os.chown(path, somebody.pw_uid, somebody.pw_gid)
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}


@contextmanager
def _served(bin_: Path, data: Path, folder: Path, account: dict[str, Any]) -> Iterator[int]:
    # A socket that does not listen keeps the port for the server, which may share it: no other program is
    # given it while the server comes up.
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        with _serving(bin_, data, folder, account, int(place.getsockname()[1])) as port:
            yield port


@contextmanager
def _serving(bin_: Path, data: Path, folder: Path, account: dict[str, Any], port: int) -> Iterator[int]:
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [bin_ / "postgres", "-D", data, *options], cwd=folder, stdout=log, stderr=log, **account
        )
    try:
        _wait(bin_, port, server, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait(bin_: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    ready = [bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
