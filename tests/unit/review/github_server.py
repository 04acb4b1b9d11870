"""A GitHub API on loopback that keeps comments and records every call."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"


class FakeGitHub:
    """What the server knows and what it was asked.

    Attributes:
        comments: The comments of the pull request, the oldest first.
        pulls: Pull requests of any commit.
        refuse: Status by method, to refuse with.
        calls: Method and path of every request.
        tokens: The authorization of every request.
    """

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = [{"number": 7, "merged_at": "2030-01-01T00:00:00Z"}]
        self.refuse: dict[str, int] = {}
        self.calls: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.url = ""

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        """Add a comment as somebody else would."""
        comment = {"id": 1000 + len(self.comments), "body": body, "user": {"login": login}}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer a request."""
        self.calls.append((method, path))
        if status := self.refuse.get(method):
            return status, {"message": "Resource not accessible by integration"}
        address = urlsplit(path)
        if address.path == "/repos/example/gateways/issues/7/comments":
            if method == "POST":
                return 201, self.add(body["body"])
            query = parse_qs(address.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, self.comments[(page - 1) * size : page * size]
        if method == "PATCH":
            number = int(address.path.rpartition("/")[2])
            comment = next(each for each in self.comments if each["id"] == number)
            comment["body"] = body["body"]
            return 200, comment
        if address.path.endswith("/pulls"):
            return 200, self.pulls
        return 404, {"message": "Not Found"}


@contextmanager
def fake_github() -> Iterator[FakeGitHub]:
    """Run one on a free port of loopback."""
    fake = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            fake.tokens.add(self.headers.get("Authorization") or "")
            status, answer = fake.answer(self.command, self.path, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
