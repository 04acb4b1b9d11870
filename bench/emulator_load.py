"""The client of ``bench/emulator.py``: as many reads as it can, over a few TLS connections kept open.

Run as a process of its own, so that its work is not counted as the server's:
``python bench/emulator_load.py ADDRESS CA_FILE CONNECTIONS REQUESTS < request``. Prints JSON: seconds, and
latencies of single requests in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time

_END = b"\r\n\r\n"


async def read_reply(reader: asyncio.StreamReader) -> bytes:
    """Read one reply with a Content-Length."""
    head = await reader.readuntil(_END)
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def ask(place: tuple[str, int], trust: ssl.SSLContext, request: bytes, times: int) -> list[float]:
    """Send a request again and again over one connection."""
    reader, writer = await asyncio.open_connection(*place, ssl=trust)
    took: list[float] = []
    for _ in range(times):
        begin = time.perf_counter()
        writer.write(request)
        reply = await read_reply(reader)
        took.append((time.perf_counter() - begin) * 1000)
        if not reply.startswith(b"HTTP/1.1 200"):
            sys.exit(f"not a good answer: {reply[:200]!r}")
    writer.close()
    return took


async def main() -> None:
    address, ca_file, connections, requests = sys.argv[1:]
    host, _, port = address.rpartition(":")
    request = sys.stdin.buffer.read()
    trust = ssl.create_default_context(cafile=ca_file)
    place, share = (host, int(port)), int(requests) // int(connections)
    begin = time.perf_counter()
    took = await asyncio.gather(*(ask(place, trust, request, share) for _ in range(int(connections))))
    print(json.dumps({"seconds": time.perf_counter() - begin, "ms": [ms for each in took for ms in each]}))


if __name__ == "__main__":
    asyncio.run(main())
