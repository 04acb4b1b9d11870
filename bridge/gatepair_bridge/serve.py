"""Runs the service: uvicorn with our limits, TLS that can be renewed, and a stop that harms no change."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import threading
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from gatepair_bridge.api.app import BridgeApp, create_app
from gatepair_bridge.api.audit import set_up_logs
from gatepair_bridge.protocol import PromptH11

if TYPE_CHECKING:
    from gatepair_bridge.settings import BridgeSettings

log = logging.getLogger("gatepair_bridge")
# After the grace, a change may need this long to come to its next step.
STOP_S = 60.0
BACKLOG = 128
KEEP_ALIVE_S = 75
MAX_CONNECTIONS = 512


class BridgeServer(uvicorn.Server):
    """uvicorn, told to let changes finish or stop between two steps before it goes.

    Args:
        config: uvicorn's own configuration.
        app: The application it serves.
        grace_s: Seconds that changes may go on.
    """

    def __init__(self, config: uvicorn.Config, app: BridgeApp, *, grace_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say where: with port 0 nobody else knows."""
        await super().startup(sockets)
        for listening in (open_socket for server in self.servers for open_socket in server.sockets):
            host, port = listening.getsockname()[:2]
            log.info("listening", extra={"data": {"address": host, "port": port, "tls": self.config.is_ssl}})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop: changes first, then the connections."""
        if not self.should_exit:
            log.info("stopping", extra={"data": {"changes": len(self._app.bridge.active)}})
            threading.Thread(target=self._stop_changes, daemon=True, name="stop").start()
        super().handle_exit(sig, frame)

    def _stop_changes(self) -> None:
        self._app.bridge.stop(grace_s=self._grace_s, stop_s=STOP_S)

    def renew_certificate(self) -> None:
        """Read certificate and key again, for connections from now on."""
        context = self.config.ssl
        if context is None or self.config.ssl_certfile is None:
            return
        try:
            context.load_cert_chain(self.config.ssl_certfile, self.config.ssl_keyfile)
        except (OSError, ssl.SSLError) as error:
            log.error("the certificate was not renewed", extra={"data": {"why": str(error)}})  # noqa: TRY400 - the reason is enough
        else:
            log.info("the certificate was renewed")


def run(settings: BridgeSettings) -> None:
    """Serve until told to stop.

    Raises:
        gatepair.errors.GatepairError: The settings, or a file they name, cannot be used.
    """
    set_up_logs(settings.audit_log)
    app = create_app(settings)
    server = BridgeServer(uvicorn_config(settings, app), app, grace_s=settings.shutdown_grace_s)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(server))


async def _serve(server: BridgeServer) -> None:
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, server.renew_certificate)
    await server.serve()


def uvicorn_config(settings: BridgeSettings, app: BridgeApp) -> uvicorn.Config:
    """Give uvicorn's own configuration for a service."""
    return uvicorn.Config(
        app,
        host=settings.bind.host,
        port=settings.bind.port,
        http=PromptH11,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Who calls decides who is let in, so a header that anybody can send must not say it.
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(settings.shutdown_grace_s + STOP_S) + 1,
        ssl_certfile=settings.certificate,
        ssl_keyfile=str(settings.key) if settings.key else None,
        ssl_ca_certs=str(settings.client_ca) if settings.client_ca else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if settings.client_ca else ssl.CERT_NONE,
    )
