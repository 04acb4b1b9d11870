"""The emulator's own interface to an appliance: status, faults, clock. Not part of any real one.

JSON over HTTP on a loopback port of its own, with a token; ``gatepair emulator`` and the lab use it.
"""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatepair_emulator.faults import Fault
from gatepair_emulator.ha.view import current_state, shown_role
from gatepair_emulator.records import record_of
from gatepair_emulator.values import object_of, text_of, texts_of
from gatepair_emulator.wire.envelope import Answer
from gatepair_emulator.wire.server import Endpoint, Listener

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from gatepair_emulator.appliance import Appliance
    from gatepair_emulator.values import JsonValue
    from gatepair_emulator.wire.request import HttpRequest

AUTHORISATION: Final = "x-gatepair-token"


class AdminInterface:
    """Status and faults of one appliance."""

    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        settings = appliance.settings
        endpoint = Endpoint(address=settings.address, port=settings.ports.admin)
        self._listener = Listener(endpoint, self._handle)
        file = settings.admin_token_file
        self._token = Path(file).read_text(encoding="utf-8").strip() if file else ""
        self._orders: dict[tuple[str, str], Callable[[Mapping[str, JsonValue]], None]] = {
            ("GET", "/status"): lambda _: None,
            ("PUT", "/network"): self._network,
            ("PUT", "/hardware"): self._hardware,
            ("PUT", "/clock"): self._clock,
            ("PUT", "/stuck"): self._stuck,
            ("PUT", "/power"): lambda content: self._appliance.power(on=content.get("on") is True),
            ("POST", "/anew"): lambda _: self._appliance.begin_anew(),
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): lambda _: self._clear(),
        }

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        await self._listener.open()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _handle(self, request: HttpRequest) -> Answer:
        given = request.headers.get(AUTHORISATION, "")
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            return _reply({"problem": "the token is missing or wrong"}, 401)
        path = request.target.partition("?")[0]
        order = self._orders.get((request.method, path))
        if order is None:
            return _reply({"problem": f"there is no {request.method} {path}"}, 404)
        try:
            content: JsonValue = json.loads(request.body or b"{}")
            order(object_of(content))
        except (ValueError, TypeError, OSError) as problem:
            return _reply({"problem": f"the request cannot be used: {problem}"}, 400)
        return _reply(self.status())

    # -- status ---------------------------------------------------------------------------------

    def status(self) -> dict[str, JsonValue]:
        """What the appliance is and does now.

        Returns:
            A JSON object.
        """
        appliance = self._appliance
        common: dict[str, JsonValue] = {
            "name": appliance.settings.name,
            "address": appliance.settings.address,
            "phase": appliance.phase.value,
            "restarts": appliance.restarts,
            "faults": [fault.effect.value for fault in appliance.faults.requests],
            "history": [
                {"at": record.at, "role": record.role.value, "reason": record.reason}
                for record in appliance.history
            ],
        }
        node = appliance.node
        if node is None:
            return common
        return {
            **common,
            "host_name": node.host_name,
            "build": node.build,
            "role": shown_role(node.ha.machine.role),
            "master_state": node.ha.machine.role.value,
            "state": current_state(node),
            "paired": node.ha.paired,
            "sync": node.ha.sync.shown,
            "sync_reason": node.ha.sync.reason,
            "incarnation": node.configuration.incarnation,
            "bound": node.addresses.bound(),
            "addresses": node.addresses.held(),
            "conflicts": node.addresses.conflicts(),
            "absent": node.addresses.absent(),
            "users": node.users.count,
            "nitro_sessions": len(node.sessions.all()),
        }

    # -- changes --------------------------------------------------------------------------------

    def _add_fault(self, content: Mapping[str, JsonValue]) -> None:
        self._appliance.faults.requests.append(record_of(Fault, content))

    def _clear(self) -> None:
        """Take every fault away."""
        appliance = self._appliance
        appliance.faults.clear()
        self._network({"incoming": False, "outgoing": False, "loss": 0})
        self._stuck({"restart": False, "sync": False})
        healthy: dict[str, JsonValue] = {
            "failed_links": [],
            "ssl_card_failed": False,
            "routes_failed": False,
            "disk_full": False,
        }
        self._hardware(healthy)

    def _network(self, content: Mapping[str, JsonValue]) -> None:
        losses = self._appliance.hardware.losses
        losses.outgoing = content.get("outgoing", losses.outgoing) is True
        losses.incoming = content.get("incoming", losses.incoming) is True
        losses.loss = min(max(float(text_of(content.get("loss", losses.loss))), 0.0), 1.0)

    def _hardware(self, content: Mapping[str, JsonValue]) -> None:
        hardware = self._appliance.hardware
        if "failed_links" in content:
            hardware.failed_links = set(texts_of(content["failed_links"]))
        hardware.ssl_card_failed = content.get("ssl_card_failed", hardware.ssl_card_failed) is True
        hardware.routes_failed = content.get("routes_failed", hardware.routes_failed) is True
        self._appliance.disk.full = content.get("disk_full", self._appliance.disk.full) is True
        if self._appliance.node is not None:
            self._appliance.node.ha.rules_changed()

    def _clock(self, content: Mapping[str, JsonValue]) -> None:
        clock = self._appliance.clock
        clock.offset_s = float(text_of(content.get("offset", clock.offset_s)))
        clock.ahead_s += float(text_of(content.get("advance", 0)))

    def _stuck(self, content: Mapping[str, JsonValue]) -> None:
        hardware = self._appliance.hardware
        for name, gate in (("restart", hardware.restart_gate), ("sync", hardware.sync_gate)):
            if name in content:
                _set_gate(gate, is_open=content[name] is not True)


def _set_gate(gate: asyncio.Event, *, is_open: bool) -> None:
    if is_open:
        gate.set()
    else:
        gate.clear()


def _reply(content: JsonValue, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(content).encode())
