"""The floor of ``bench/emulator.py``: asyncio, TLS and h11, and an answer that is always the same.

``python bench/emulator_floor.py CERTIFICATE KEY < answer``: prints its port and serves until its standard
output is closed or it is killed.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import cast

import h11

HEADERS = [("Server", "floor"), ("Content-Type", "application/json; charset=utf-8")]


class Floor(asyncio.Protocol):
    """One connection."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.http = h11.Connection(h11.SERVER)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection in."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request at once."""
        self.http.receive_data(data)
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA or self.transport is None:
                return
            if isinstance(event, h11.EndOfMessage):
                length = ("Content-Length", str(len(self.body)))
                parts = (
                    self.http.send(h11.Response(status_code=200, headers=[*HEADERS, length])),
                    self.http.send(h11.Data(data=self.body)),
                    self.http.send(h11.EndOfMessage()),
                )
                self.transport.write(b"".join(part or b"" for part in parts))
                self.http.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                self.transport.close()
                return


async def serve() -> None:
    """Serve for ever."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:3])
    body = sys.stdin.buffer.read()
    server = await asyncio.get_running_loop().create_server(lambda: Floor(body), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
