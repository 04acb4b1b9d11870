"""A small CRUD server for benchmarks: in memory, HTTP/1.1 with kept connections, JSON objects by path."""

from __future__ import annotations

import asyncio
import json
import sys

STATUS = {200: "OK", 201: "Created", 404: "Not Found"}
objects: dict[str, bytes] = {}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Do what one request asks; below ``/state/`` is Terraform's state (backend ``http``)."""
    if method == "POST" and path.startswith("/state/"):
        objects[path] = body
        return 200, b""
    if method == "POST":
        objects[f"{path}/{json.loads(body)['id']}"] = body
        return 201, body
    if method == "PUT":
        objects[path] = body
        return 200, body
    found = objects.pop(path, None) if method == "DELETE" else objects.get(path)
    return (404, b"{}") if found is None else (200, found)


class Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin-1").split("\r\n")
            length = next((int(h.split(":")[1]) for h in head if h.lower().startswith("content-length:")), 0)
            whole = end + 4 + length
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            method, path, _ = head[0].split(" ")
            status, content = answer(method, path, body)
            line = f"HTTP/1.1 {status} {STATUS[status]}\r\nContent-Type: application/json\r\n"
            if self.transport is not None:
                self.transport.write(f"{line}Content-Length: {len(content)}\r\n\r\n".encode() + content)


async def serve() -> None:
    """Serve on a free loopback port and print it."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
