"""The line between two nodes: all four passwords have to agree."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from gatepair_emulator.ha.link import Line, LinkError, LinkRefusedError, Proof, introduce, welcome

A, B = "192.0.2.11", "192.0.2.12"


async def greet(client: Proof, server: Proof) -> tuple[bool, bool]:
    """Greet over a real connection; whether each side accepted."""
    accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await welcome(Line(reader, writer), server)
            accepted.set_result(True)
        except LinkError:
            accepted.set_result(False)
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    try:
        await introduce(Line(reader, writer), client)
        mine = True
    except LinkRefusedError:
        mine = False
    finally:
        writer.close()
    theirs = await accepted
    listener.close()
    await listener.wait_closed()
    return mine, theirs


def proofs(own_a: str, peer_a: str, own_b: str, peer_b: str, admin_b: str = "x") -> tuple[Proof, Proof]:
    client = Proof(sender=A, receiver=B, own_password=own_a, peer_password=peer_a, administrator="x")
    server = Proof(sender=B, receiver=A, own_password=own_b, peer_password=peer_b, administrator=admin_b)
    return client, server


@pytest.mark.parametrize("choice", list(itertools.product("kq", repeat=4)))
def test_only_agreeing_passwords_are_accepted(choice: tuple[str, str, str, str]) -> None:
    own_a, peer_a, own_b, peer_b = choice
    mine, _ = asyncio.run(greet(*proofs(own_a, peer_a, own_b, peer_b)))
    assert mine is (peer_a == own_b and peer_b == own_a)


def test_different_administrators_are_refused() -> None:
    assert asyncio.run(greet(*proofs("k", "k", "k", "k", admin_b="y"))) == (False, False)


def test_a_stranger_with_the_right_password_is_refused() -> None:
    client, server = proofs("k", "k", "k", "k")
    stranger = Proof(sender="192.0.2.99", receiver=B, own_password="k", peer_password="k", administrator="x")
    assert asyncio.run(greet(stranger, server)) == (False, False)
    assert asyncio.run(greet(client, server)) == (True, True)


async def drain(line: Line) -> None:
    while True:
        await line.receive()


@pytest.mark.parametrize(
    "noise",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x02[]", b"\xff\xff\xff\xff"],
)
def test_noise_is_refused(noise: bytes) -> None:
    async def run() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(noise)
        reader.feed_eof()
        line = Line(reader, None)
        with pytest.raises(LinkError):
            await drain(line)

    asyncio.run(run())
