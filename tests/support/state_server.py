"""A server for Terraform's `http` backend, with locks, on loopback.

https://developer.hashicorp.com/terraform/language/backend/http says what is asked of it.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, cast
from urllib.parse import parse_qs, urlsplit

USER = "terraform"


class StateServer(ThreadingHTTPServer):
    """Keeps states and locks by path; answers only who knows the password."""

    daemon_threads = True

    def __init__(self, password: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.states: dict[str, bytes] = {}
        self.locks: dict[str, bytes] = {}
        self.guard = threading.Lock()
        self.authorization = "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running(password: str) -> Iterator[StateServer]:
    """Start a server and stop it again."""
    server = StateServer(password)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    METHODS: ClassVar = {"GET", "POST", "DELETE", "LOCK", "UNLOCK"}

    def __getattr__(self, name: str) -> object:
        if name.removeprefix("do_") in self.METHODS:
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a test that fails shows what Terraform said."""

    def _serve(self) -> None:
        server = cast("StateServer", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != server.authorization:
            status, answer = HTTPStatus.UNAUTHORIZED, b""
        else:
            with server.guard:
                status, answer = self._answer(server, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()
        self.wfile.write(answer)

    def _answer(self, server: StateServer, body: bytes) -> tuple[HTTPStatus, bytes]:
        url = urlsplit(self.path)
        lock = server.locks.get(url.path)
        if self.command == "LOCK":
            if lock is not None:
                return HTTPStatus.LOCKED, lock
            server.locks[url.path] = body
        elif self.command == "UNLOCK":
            server.locks.pop(url.path, None)
        elif self.command == "GET":
            state = server.states.get(url.path)
            return (HTTPStatus.OK, state) if state is not None else (HTTPStatus.NOT_FOUND, b"")
        elif lock is None or parse_qs(url.query).get("ID") != [json.loads(lock)["ID"]]:
            return HTTPStatus.CONFLICT, b"not the holder of the lock"
        elif self.command == "DELETE":
            server.states.pop(url.path, None)
        else:
            server.states[url.path] = body
        return HTTPStatus.OK, b""
