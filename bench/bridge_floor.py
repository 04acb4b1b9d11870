"""The servers that ``bench/bridge.py`` measures: ``floor``, ``bridge`` (in memory), ``service FILE``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import attrs
import uvicorn

from gatepair.documents import pair_document
from gatepair.models import Failover
from gatepair_bridge.api.app import BridgeApp, create_app
from gatepair_bridge.api.audit import set_up_logs
from gatepair_bridge.api.messages import encode_json
from gatepair_bridge.api.sessions import Sessions
from gatepair_bridge.serve import uvicorn_config
from gatepair_bridge.settings import read_settings

PAIR = "192.0.2.11,192.0.2.12"
DOCUMENT = pair_document(
    pair_id=PAIR, failover_pair="formed", external=None, internal=None, failover=Failover()
)


@attrs.frozen
class Observed:
    """What reading a pair would give."""

    def to_document(self) -> dict[str, object]:
        """Give the document."""
        return dict(DOCUMENT)


class Session:
    """A conversation with appliances that exist in memory only."""

    def __init__(self, pair: object, ways: object, *, progress: Callable[..., None], clock: object) -> None:
        del pair, ways, progress, clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Have nothing to close."""

    def observe(self, **_: object) -> Observed:
        """Read the pair."""
        return Observed()


async def floor(scope: Any, receive: Any, send: Any) -> None:
    """Answer the same bytes with the fewest steps."""
    del receive
    if scope["type"] != "http":
        return
    body = encode_json(DOCUMENT)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Told(uvicorn.Server):
    """A server that prints its port."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen, and say where."""
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def application(what: str) -> tuple[Any, Any]:
    """Give the settings and the application that is asked for."""
    named = {"pairs": sys.argv[2]} if what == "service" else {"appliance_networks": ["192.0.2.0/24"]}
    settings = read_settings(None, {"bind": "127.0.0.1:0", "requests_per_second": 0, **named})
    if what == "floor":
        return settings, floor
    set_up_logs(Path("/dev/null"))
    in_memory = Sessions(object(), open_session=Session)  # pyright: ignore[reportArgumentType]  # never asked
    app: BridgeApp = create_app(settings, sessions=in_memory if what == "bridge" else None)
    return settings, app


def run() -> None:
    """Serve until killed."""
    settings, app = application(sys.argv[1])
    config = uvicorn_config(settings, app)
    if sys.argv[1] == "floor":
        config.lifespan = "off"
    asyncio.run(Told(config).serve())


if __name__ == "__main__":
    run()
