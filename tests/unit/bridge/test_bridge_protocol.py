"""A connection that sends nothing does not stay."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import uvicorn

from gatepair_bridge import protocol


async def silent(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def sent(*parts: bytes) -> bytes:
    """Send parts of a request and read until the server closes the connection."""
    config = uvicorn.Config(silent, port=0, http=protocol.PromptH11, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    line = socket.create_connection(("127.0.0.1", port))
    for part in parts:
        line.sendall(part)  # the server, in this very thread, has not begun to count yet
    reader, writer = await asyncio.open_connection(sock=line)
    async with asyncio.timeout(30):
        answer = await reader.read()
    writer.close()
    server.should_exit = True
    await serving
    return answer


@pytest.mark.parametrize("parts", [(), (b"GET / HT",), (b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",)])
def test_a_head_that_does_not_come_ends_the_connection(
    parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.1)
    assert asyncio.run(sent(*parts)) == b""


def test_a_request_that_comes_in_time_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 10.0)
    answer = asyncio.run(sent(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 204")
