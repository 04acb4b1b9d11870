"""Conversations of other people's clients, as their sources send them, replayed octet by octet.

A file in ``conversations`` names client and source, the scenario it starts from, and exchanges: what is sent
to which node, the status line that must come back, members the client relies on (``has``, ``matches``) or
must not find (``lacks``), and what it keeps for later. ``wait`` marks a read that the client repeats.
"""

from __future__ import annotations

import base64
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from emulator_talk import raw
from waiting import until

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab
    from gatepair_emulator.pool import LabPool


pytestmark = pytest.mark.slow
FILES = sorted((Path(__file__).parent / "conversations").glob("*.toml"))
Json = dict[str, Any]


class Talker:
    """A client that says what a file says."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.known = {
            "a": lab.a.host,
            "b": lab.b.host,
            "password": lab.password,
            "shared_key": lab.shared_key,
            "basic": base64.b64encode(f"nsroot:{lab.password}".encode()).decode(),
        }

    def fill(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: self.known.get(match[1], match[0]), text)

    def send(self, exchange: Json, headers: dict[str, str]) -> tuple[str, str]:
        node = getattr(self.lab, exchange["node"])
        body = self.fill(exchange.get("body", ""))
        wanted = {**headers, **exchange.get("headers", {})}
        lines = [f"{name}: {self.fill(value)}" for name, value in wanted.items() if value]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        text = "\n".join([f"{self.fill(exchange['send'])} HTTP/1.1", f"Host: {node.host}", *lines, "", body])
        status, _, content = raw(self.lab, node, text)
        return status, content.decode()

    def complaints(self, exchange: Json, status: str, text: str) -> list[str]:
        """What is not as the client needs it."""
        reply = json.loads(text) if text else {}
        found: list[str] = []
        if status not in {f"HTTP/1.1 {each}" for each in exchange["status"].split("|")}:
            found.append(f"status line {status}")
        for path, value in exchange.get("has", {}).items():
            expected = self.fill(value) if isinstance(value, str) else value
            if member(reply, path) != expected or type(member(reply, path)) is not type(expected):
                found.append(f"{path} is {member(reply, path)!r}, not {expected!r}")
        for path, pattern in exchange.get("matches", {}).items():
            if not re.match(pattern, str(member(reply, path))):
                found.append(f"{path} is {member(reply, path)!r}")
        found += [f"{each} is there" for each in exchange.get("lacks", []) if self.fill(each) in text]
        return found

    def keep(self, exchange: Json, text: str) -> None:
        for name, path in exchange.get("keep", {}).items():
            self.known[name] = member(json.loads(text), path)


def member(reply: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(reply, list):
            reply = reply[int(part)] if int(part) < len(reply) else None
        else:
            reply = reply.get(part) if isinstance(reply, dict) else None
    return reply


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_client_gets_what_it_relies_on(file: Path, gatepair_pool: LabPool) -> None:
    conversation = tomllib.loads(file.read_text(encoding="utf-8"))
    with gatepair_pool.lab(conversation["scenario"], clock=5) as lab:
        hold(Talker(lab), file, conversation)


def hold(talker: Talker, file: Path, conversation: Json) -> None:
    for number, exchange in enumerate(conversation["exchange"], start=1):
        where = f"{file.name}, exchange {number}: {exchange['send']}"

        def answered(exchange: Json = exchange) -> tuple[str, list[str]]:
            status, text = talker.send(exchange, conversation.get("headers", {}))
            return text, talker.complaints(exchange, status, text)

        text, complaints = answered()
        if complaints and exchange.get("wait"):
            until(lambda answered=answered: not answered()[1], where)
        else:
            assert not complaints, f"{where}: {complaints}\n{text}"
        talker.keep(exchange, text)


def test_every_conversation_names_its_source() -> None:
    assert FILES
    for file in FILES:
        conversation = tomllib.loads(file.read_text(encoding="utf-8"))
        assert conversation["client"], file
        assert "https://" in conversation["source"], file
