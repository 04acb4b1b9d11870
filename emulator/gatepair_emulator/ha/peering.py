"""Both ends of the line to the peer: asking it, and answering it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.ha.link import Line, LinkError, LinkRefusedError, Proof, introduce, welcome
from gatepair_emulator.ha.transfer import files, snapshot, store_files
from gatepair_emulator.nitro.commands import command_from_json, execute
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.values import JsonObject, JsonValue, number_of, object_of, text_of
from gatepair_emulator.wire.server import Endpoint

if TYPE_CHECKING:
    from gatepair_emulator.node import Node
    from gatepair_emulator.wires import Closable

_LOG = logging.getLogger(__name__)
_GREETING_S: Final = 5.0
Operation = Callable[[dict[str, JsonValue]], Awaitable[dict[str, JsonValue]]]


async def pull_files(node: Node) -> None:
    """Fetch the peer's files.

    Args:
        node: The node that wants them.

    Raises:
        LinkError: The peer cannot be reached.
    """
    answer = await node.ha.link.call({"operation": "files"}, timeout_s=10)
    store_files(node, object_of(answer.get("files")))
    node.configuration_changed()


class PeerLink:
    """The line of one node to its peer."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._server: Closable | None = None
        self._open: set[Line] = set()
        self._operations: dict[str, Operation] = {
            "pull": self._pull,
            "files": self._files,
            "pull files": self._pull_files,
            "sessions": self._sessions,
            "save": self._save,
            "sync": self._sync,
            "run": self._run,
        }

    async def start(self) -> None:
        """Listen for the peer.

        Raises:
            OSError: The address cannot be bound.
        """
        settings = self._node.settings
        endpoint = Endpoint(address=settings.address, port=settings.ports.link)
        self._server = await self._node.wires.answer(endpoint, self._serve)

    def close(self) -> None:
        """Listen no more and cut what is open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._open):
            line.cut()

    async def call(self, message: JsonObject, *, timeout_s: float) -> dict[str, JsonValue]:
        """Ask the peer.

        Args:
            message: The request.
            timeout_s: How long to wait for everything together.

        Returns:
            The peer's answer.

        Raises:
            LinkRefusedError: Passwords differ.
            LinkError: The peer cannot be reached or does not answer.
        """
        node = self._node
        proof = self._proof()
        if node.losses.outgoing or node.losses.incoming:
            raise LinkError("the peer cannot be reached")
        try:
            async with asyncio.timeout(timeout_s):
                place = Endpoint(address=proof.receiver, port=node.settings.ports.link)
                line = await node.wires.call(node.settings.address, place)
                self._open.add(line)
                try:
                    await introduce(line, proof)
                    await line.send(message)
                    return await line.receive()
                finally:
                    self._open.discard(line)
                    line.close()
        except (OSError, TimeoutError) as problem:
            raise LinkError(f"the peer {proof.receiver} cannot be reached: {problem}") from None

    def _proof(self) -> Proof:
        node = self._node
        peer = node.ha.machine.peer
        if peer is None:
            raise LinkError("this node has no peer")
        return Proof(
            sender=node.settings.address,
            receiver=peer,
            own_password=node.rpc_password(node.settings.address),
            peer_password=node.rpc_password(peer),
            administrator=node.administrator_digest(),
        )

    async def _serve(self, line: Line) -> None:
        """Answer one call of the peer."""
        node = self._node
        self._open.add(line)
        try:
            if node.losses.outgoing or node.losses.incoming:
                return
            async with asyncio.timeout(_GREETING_S):
                await welcome(line, self._proof())
                message = await line.receive()
            await line.send(await self._answer(message))
        except LinkRefusedError as problem:
            node.ha.refused_calls += 1
            _LOG.warning("%s: a call of the peer was refused: %s", node.settings.name, problem)
        except (LinkError, OSError, TimeoutError) as problem:
            _LOG.info("%s: a call of the peer failed: %s", node.settings.name, problem)
        finally:
            self._open.discard(line)
            with contextlib.suppress(OSError):
                line.close()

    async def _answer(self, message: dict[str, JsonValue]) -> dict[str, JsonValue]:
        operation = text_of(message.get("operation"))
        answer = self._operations.get(operation)
        if answer is None:
            return {"problem": f"unknown operation {operation}"}
        return await answer(message)

    async def _pull(self, _: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The whole shared configuration, between two commands."""
        node = self._node
        if not node.ha.is_primary:
            return {"problem": "the peer is not primary"}
        async with node.writing:
            return {"snapshot": snapshot(node)}

    async def _files(self, _: dict[str, JsonValue]) -> dict[str, JsonValue]:
        return {"files": files(self._node)}

    async def _pull_files(self, _: dict[str, JsonValue]) -> dict[str, JsonValue]:
        await pull_files(self._node)
        return {}

    async def _sessions(self, message: dict[str, JsonValue]) -> dict[str, JsonValue]:
        self._node.users.restore(message.get("sessions"))
        return {}

    async def _save(self, _: dict[str, JsonValue]) -> dict[str, JsonValue]:
        self._node.save()
        return {}

    async def _sync(self, message: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The primary orders a synchronisation."""
        sync = self._node.ha.sync
        if sync.running:
            return {"code": int(Code.SYNC_IN_PROGRESS)}
        if not sync.enabled:
            return {"code": int(Code.SYNC_DISABLED)}
        sync.request(save=message.get("save") is True)
        return {}

    async def _run(self, message: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Run a propagated command on this node, the secondary."""
        node = self._node
        if node.ha.is_primary or node.ha.sync.running:
            return {"code": int(Code.TEMPORARILY_UNAVAILABLE)}
        try:
            store_files(node, object_of(message.get("files")))
            result = execute(node, command_from_json(object_of(message.get("command"))))
            if asyncio.iscoroutine(result):
                await result
        except NitroError as problem:
            return {"code": problem.code, "detail": problem.detail}
        except LinkError as problem:
            return {"code": int(Code.PROPAGATION_FAILED), "detail": str(problem)}
        node.take_warnings()
        if node.configuration.incarnation == number_of(message.get("base"), -1):
            # A node that missed an earlier command keeps its number, so that a synchronisation follows.
            node.configuration.incarnation = number_of(message.get("incarnation"), 0)
        node.configuration_changed()
        return {"code": 0}
