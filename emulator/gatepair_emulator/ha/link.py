"""The line between the two nodes for sync and propagation: framed JSON over TCP 3010.

Both ends prove that they know the other's RPC password without sending it: the client answers with
its own node's secret for the server, the server with its secret for the client, so all four entries
(two addresses on two nodes) have to agree. The administrator's password is compared the same way,
since a pair whose nsroot passwords differ cannot synchronise.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from attrs import frozen

from gatepair_emulator.values import JsonObject, JsonValue, object_of, text_of

if TYPE_CHECKING:
    import asyncio

MAXIMUM_FRAME: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")


class LinkError(Exception):
    """The peer cannot be reached, or what came is no frame."""


class LinkRefusedError(LinkError):
    """The peer does not accept this node: passwords differ."""


@frozen(kw_only=True)
class Proof:
    """What one node needs to prove itself to the other.

    Attributes:
        sender: This node's management address.
        receiver: The other node's management address.
        own_password: RPC password of this node's own address.
        peer_password: RPC password this node holds for the other.
        administrator: Digest of the nsroot password.
    """

    sender: str
    receiver: str
    own_password: str
    peer_password: str
    administrator: str

    def outgoing(self, nonce: str) -> str:
        """The proof this node sends.

        Args:
            nonce: The challenge of the other node.

        Returns:
            A hexadecimal digest.
        """
        return _digest(self.peer_password, self.administrator, self.sender, nonce)

    def incoming(self, nonce: str) -> str:
        """The proof this node expects.

        Args:
            nonce: The challenge this node sent.

        Returns:
            A hexadecimal digest.
        """
        return _digest(self.own_password, self.administrator, self.receiver, nonce)


def _digest(password: str, *parts: str) -> str:
    return hmac.new(password.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


class Abortable(Protocol):
    """What lies under a connection."""

    def abort(self) -> None:
        """End it at once."""
        ...


class Writer(Protocol):
    """The sending end of a connection, such as ``asyncio.StreamWriter``."""

    @property
    def transport(self) -> Abortable:
        """What lies under it."""
        ...

    def write(self, data: bytes, /) -> None:
        """Send these octets."""
        ...

    async def drain(self) -> None:
        """Wait until more can be sent."""
        ...

    def close(self) -> None:
        """End the connection when everything is sent."""
        ...


class Line:
    """One connection, on which each side sends one JSON object at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, message: JsonObject) -> None:
        """Send one message.

        Args:
            message: A JSON object.

        Raises:
            LinkError: The connection is gone.
        """
        content = json.dumps(message, separators=(",", ":")).encode()
        try:
            self._writer.write(_LENGTH.pack(len(content)) + content)
            await self._writer.drain()
        except OSError as problem:
            raise LinkError(str(problem)) from None

    async def receive(self) -> dict[str, JsonValue]:
        """Wait for one message.

        Returns:
            The JSON object.

        Raises:
            LinkError: The connection ended, or something else came.
        """
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            if length > MAXIMUM_FRAME:
                raise LinkError("the message is too long")
            content: JsonValue = json.loads(await self._reader.readexactly(length))
        except (OSError, EOFError, ValueError) as problem:
            raise LinkError(str(problem) or "the connection ended") from None
        if not isinstance(content, Mapping):
            raise LinkError("the message is no object")
        return dict(content)

    def close(self) -> None:
        """End the connection."""
        self._writer.close()

    def cut(self) -> None:
        """End the connection at once, whatever is under way."""
        self._writer.transport.abort()


async def introduce(line: Line, proof: Proof) -> None:
    """The client's half of the greeting.

    Args:
        line: A fresh connection.
        proof: This node's secrets.

    Raises:
        LinkRefusedError: Passwords differ.
        LinkError: The connection failed.
    """
    challenge = text_of((await line.receive()).get("nonce"))
    nonce = secrets.token_hex(16)
    await line.send({"sender": proof.sender, "proof": proof.outgoing(challenge), "nonce": nonce})
    reply = await line.receive()
    if not hmac.compare_digest(text_of(reply.get("proof")), proof.incoming(nonce)):
        raise LinkRefusedError("the RPC or nsroot passwords of the two nodes differ")


async def welcome(line: Line, proof: Proof) -> None:
    """The server's half of the greeting.

    Args:
        line: A fresh connection.
        proof: This node's secrets.

    Raises:
        LinkRefusedError: Passwords differ.
        LinkError: The connection failed.
    """
    nonce = secrets.token_hex(16)
    await line.send({"nonce": nonce})
    greeting = object_of(await line.receive())
    valid = hmac.compare_digest(text_of(greeting.get("proof")), proof.incoming(nonce))
    if not valid or text_of(greeting.get("sender")) != proof.receiver:
        await line.send({"proof": ""})
        raise LinkRefusedError("the RPC or nsroot passwords of the two nodes differ")
    await line.send({"proof": proof.outgoing(text_of(greeting.get("nonce")))})
