"""One request from the emulator to another server: the Gateway to a Web Interface, and back."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_S: Final = 5.0
_CHUNK: Final = 65536
_MAXIMUM: Final = 1024 * 1024


class FetchError(Exception):
    """The server cannot be reached, is not trusted, or does not answer properly."""


@frozen(kw_only=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status.
        body: The body.
    """

    status: int
    body: bytes


async def fetch(
    url: str,
    headers: Mapping[str, str],
    *,
    trust: Path,
    address: str = "",
    source: str = "",
    limit_s: float = LIMIT_S,
) -> Reply:
    """Get a page over TLS.

    Args:
        url: Where; its host name is the one the certificate has to be for.
        headers: Extra headers.
        trust: Certificate of the authority to trust, PEM.
        address: Where to connect instead of the URL's host: what an entry in a hosts file says.
        source: Address to come from; any if empty.
        limit_s: Seconds to wait for everything together.

    Returns:
        Status and body.

    Raises:
        FetchError: There is no proper answer.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        async with asyncio.timeout(limit_s):
            reader, writer = await asyncio.open_connection(
                address or host,
                parts.port or 443,
                ssl=ssl.create_default_context(cafile=str(trust)),
                server_hostname=host,
                local_addr=(source, 0) if source else None,
            )
            try:
                return await _talk(reader, writer, parts.path or "/", {"Host": parts.netloc, **headers})
            finally:
                writer.close()
    except (OSError, TimeoutError, h11.ProtocolError, ValueError) as problem:
        raise FetchError(f"{url}: {str(problem) or 'no answer in time'}") from None


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: Mapping[str, str]
) -> Reply:
    client = h11.Connection(h11.CLIENT)
    head = h11.Request(method="GET", target=path, headers=[*headers.items(), ("Connection", "close")])
    writer.write((client.send(head) or b"") + (client.send(h11.EndOfMessage()) or b""))
    status, body = 0, bytearray()
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _MAXIMUM:
                raise ValueError("the answer is too long")
        elif isinstance(event, h11.EndOfMessage):
            return Reply(status=status, body=bytes(body))
