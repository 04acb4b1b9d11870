"""A scripted REST server on loopback: keeps objects, records requests, and lies when told to."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

Answer = tuple[int, Mapping[str, str], bytes]
MEETING_S = 30.0


@attrs.frozen
class Seen:
    """A request as it came."""

    method: str
    target: str
    body: str
    headers: Mapping[str, str]
    at: float
    connection: int

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


def reply(status: int = 200, body: object = None, **headers: str) -> Answer:
    """Make an answer; a body that is not text is written as JSON."""
    content = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, content.encode()


class RestServer:
    """The server; ``objects`` may be changed behind the provider's back."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.objects: dict[str, Any] = {}
        self.seen: list[Seen] = []
        self._rules: list[tuple[str, str, list[Answer | Callable[[Seen], Answer | None]], bool]] = []
        self._lock = threading.Lock()
        self._meeting = threading.Condition()
        self._busy = 0
        self._busiest = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.uri = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def on(
        self,
        method: str,
        pattern: str,
        *answers: Answer | Callable[[Seen], Answer | None],
        forever: bool = False,
    ) -> None:
        """Answer matching requests so, one after the other; the last one for ever if asked."""
        self._rules.append((method, pattern, list(answers), forever))

    def calm(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    def lines(self) -> list[str]:
        """Give the request lines since the last time, and forget them."""
        with self._lock:
            lines = [request.line for request in self.seen]
            self.seen.clear()
        return lines

    def take(self) -> list[Seen]:
        """Give the requests since the last time, and forget them."""
        with self._lock:
            seen, self.seen = self.seen, []
        return seen

    def together(
        self, count: int, answer: Callable[[Seen], Answer | None]
    ) -> Callable[[Seen], Answer | None]:
        """Answer when so many requests have been here at the same time; refuse if that does not come."""

        def meet(request: Seen) -> Answer | None:
            with self._meeting:
                met = self._meeting.wait_for(lambda: self._busiest >= count, MEETING_S)
            return answer(request) if met else reply(400, {"why": f"never {count} requests at once"})

        return meet

    def answer(self, request: Seen) -> Answer | None:
        """Answer one of the requests that are here at the same time."""
        with self._meeting:
            self._busy += 1
            self._busiest = max(self._busiest, self._busy)
            self._meeting.notify_all()
        try:
            return self._answered(request)
        finally:
            with self._meeting:
                self._busy -= 1

    def _answered(self, request: Seen) -> Answer | None:
        with self._lock:
            self.seen.append(request)
            scripted = self._scripted(request)
        if callable(scripted):
            scripted = scripted(request)
            if scripted is None:
                return None
        return scripted if scripted is not None else self._stored(request)

    def _scripted(self, request: Seen) -> Answer | Callable[[Seen], Answer | None] | None:
        for method, pattern, answers, forever in self._rules:
            if method in {request.method, "*"} and re.fullmatch(pattern, request.target) and answers:
                return answers[0] if forever and len(answers) == 1 else answers.pop(0)
        return None

    def _stored(self, request: Seen) -> Answer:
        path = request.target.partition("?")[0]
        with self._lock:
            if request.method == "POST":
                value = json.loads(request.body)
                self.objects[f"{path}/{value['id']}"] = value
                return reply(201, value)
            if request.method in {"PUT", "PATCH"}:
                self.objects[path] = json.loads(request.body)
                return reply(200, self.objects[path])
            if path in self.objects:
                value = self.objects[path]
                if request.method == "DELETE":
                    del self.objects[path]
                return reply(200, value)
            prefix = path.rstrip("/") + "/"
            inside = [value for key, value in self.objects.items() if key.startswith(prefix)]
            return reply(200, inside) if inside and request.method == "GET" else reply(404, {"e": 1})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: broken connections are part of the tests."""


DROP: Callable[[Seen], Answer | None] = lambda _request: None  # noqa: E731 - reads well in rules
"""Close the connection instead of answering."""


@contextmanager
def silence() -> Iterator[Callable[[Seen], Answer | None]]:
    """Give what says nothing for a block, and closes the connection then."""
    over = threading.Event()

    def wait(_request: Seen) -> None:
        over.wait()

    try:
        yield wait
    finally:
        over.set()


def _handler(server: RestServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            request = Seen(
                self.command,
                self.path,
                body,
                dict(self.headers.items()),
                time.monotonic(),
                self.client_address[1],
            )
            answer = server.answer(request)
            if answer is None:
                self.close_connection = True
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status not in {204, 304}:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the base class wants it so

    return Handler


@contextmanager
def rest_server(context: ssl.SSLContext | None = None) -> Iterator[RestServer]:
    """Run a server for a block."""
    server = RestServer(context)
    try:
        yield server
    finally:
        server.close()
