"""One provider process: handshake with Terraform, serve, and end when Terraform does."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

from .deferred import deferred

with deferred("asyncio", "grpc.aio"):  # half of what gRPC loads, and not needed with threads
    import grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .app import RestApi
    from .rpc import Dispatcher

COOKIE: Final = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
"""What Terraform sets for its plugins (hashicorp/terraform, internal/plugin/serve.go)."""

CALLS: Final = frozenset(
    [
        "GetMetadata",
        "GetProviderSchema",
        "ValidateProviderConfig",
        "ValidateResourceConfig",
        "ValidateDataResourceConfig",
        "UpgradeResourceState",
        "ConfigureProvider",
        "ReadResource",
        "PlanResourceChange",
        "ApplyResourceChange",
        "ImportResourceState",
        "MoveResourceState",
        "ReadDataSource",
        "GetFunctions",
        "StopProvider",
    ]
)
"""Calls that are answered; what a newer Terraform asks beyond them, it does without."""

_PARENT_CHECK_S: Final = 0.5
_LAST_CALL_S: Final = 1.0
"""Terraform kills a plugin two seconds after it asked it to end."""
_SOCKET: Final = "s"
_LONGEST_SOCKET_PATH: Final = 100
"""Addresses of Unix sockets hold 104 bytes on macOS and 108 on Linux."""
_THREADS: Final = 256
"""Far more than Terraform's workers, so that a stop is heard while all of them wait; made on demand."""


class Process:
    """The life of one provider process.

    Args:
        make_app: Makes the provider; by default the real one. It is made after the handshake, so
            that Terraform connects while the rest is loaded.
    """

    def __init__(self, make_app: Callable[[], RestApi] | None = None) -> None:
        self._make_app = make_app
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._dispatcher: Dispatcher | None = None
        self._loading = threading.Lock()
        self._server = self._make_server()
        self._directory = _private_directory()

    def serve(self) -> None:
        """Serve the Terraform that started this process, until one of the two ends."""
        parent = os.getppid()
        # Ctrl-C reaches Terraform's whole process group; Terraform itself tells us what to do.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop_work())
        address, certificate = self._listen()
        self._server.start()
        sys.stdout.write(f"1|6|unix|{address}|grpc|{certificate}\n")
        sys.stdout.flush()
        self._ready()
        gc.freeze()  # what start-up made stays; do not look through it again
        gc.enable()
        try:
            while not self._ended.wait(_PARENT_CHECK_S):
                if os.getppid() != parent:
                    # Terraform was killed. What was asked is not wanted any more, and its state
                    # lock is gone: another run may begin on the same objects at any moment.
                    break
            else:
                # First of all: on a busy machine what follows may take as long as Terraform waits.
                self._remove_directory()
                self._server.stop(grace=_LAST_CALL_S).wait(_LAST_CALL_S)
        finally:
            self._leave()

    def serve_reattached(self, source: str) -> str:
        """Serve any Terraform that is told the address, for debugging and tests.

        Args:
            source: Source address of the provider.

        Returns:
            The value for ``TF_REATTACH_PROVIDERS``.
        """
        address = f"{self._directory}/{_SOCKET}"
        self._server.add_insecure_port(f"unix:{address}")
        self._server.start()
        where = {"Network": "unix", "String": address}
        how = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": where}
        return json.dumps({source: how})

    def stop(self) -> None:
        """End what :meth:`serve_reattached` began."""
        self._server.stop(grace=None).wait()
        if self._dispatcher is not None:
            self._dispatcher.app.close()
        self._remove_directory()

    def _listen(self) -> tuple[str, str]:
        address = f"{self._directory}/{_SOCKET}"
        if "PLUGIN_CLIENT_CERT" not in os.environ:
            self._server.add_insecure_port(f"unix:{address}")
            return address, ""
        from .certificate import make_certificate  # noqa: PLC0415 - expensive, and only needed with TLS

        key, pem, der = make_certificate()
        # Terraform's own certificate (P-521) cannot be checked by gRPC's TLS library, which does
        # not offer that curve; the mode of the socket's directory keeps other users out.
        credentials = grpc.ssl_server_credentials([(key, pem)])
        self._server.add_secure_port(f"unix:{address}", credentials)
        return address, base64.b64encode(der).decode().rstrip("=")

    def _make_server(self) -> grpc.Server:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - grpc has loaded it

        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=options)
        server.add_generic_rpc_handlers((_Calls(self._answer, self._ended.set),))
        return server

    def _stop_work(self) -> None:
        self._stopping.set()
        if self._dispatcher is not None:
            self._dispatcher.app.stop()

    def _ready(self) -> Dispatcher:
        with self._loading:
            if self._dispatcher is None:
                from .rpc import Dispatcher  # noqa: PLC0415 - after the handshake

                self._dispatcher = Dispatcher(self._make_app, self._stopping)
            return self._dispatcher

    def _answer(self, name: str, request: bytes) -> bytes:
        return (self._dispatcher or self._ready()).answer(name, request)

    def _leave(self) -> None:
        self._remove_directory()
        if self._dispatcher is not None:
            closing = threading.Thread(target=self._dispatcher.app.close, daemon=True)
            closing.start()
            closing.join(_LAST_CALL_S)
        os._exit(0)  # no thread that still waits for an answer keeps the process

    def _remove_directory(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(f"{self._directory}/{_SOCKET}")  # noqa: PTH108 - pathlib is not loaded for this
        with contextlib.suppress(OSError):
            os.rmdir(self._directory)  # noqa: PTH106 - pathlib is not loaded for this


class _Calls(grpc.GenericRpcHandler):
    """Which call goes where; messages stay bytes, so that nothing else is loaded before the handshake."""

    def __init__(self, answer: Callable[[str, bytes], bytes], shutdown: Callable[[], None]) -> None:
        self._answer = answer
        self._shutdown = shutdown

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Give the handler of one call."""
        service, _, name = handler_call_details.method.lstrip("/").partition("/")
        if service == "tfplugin6.Provider" and name in CALLS:

            def answer(request: bytes, _context: grpc.ServicerContext) -> bytes:
                return self._answer(name, request)

            return grpc.unary_unary_rpc_method_handler(answer)
        if service == "plugin.GRPCController":
            return grpc.unary_unary_rpc_method_handler(self._stop)
        if service == "plugin.GRPCStdio":
            return grpc.unary_stream_rpc_method_handler(self._output)
        return None

    def _stop(self, _request: bytes, _context: grpc.ServicerContext) -> bytes:
        self._shutdown()
        return b""

    def _output(self, _request: bytes, _context: grpc.ServicerContext) -> Iterator[bytes]:
        return iter(())  # go-plugin asks for the plugin's output; there is none to forward


def _private_directory() -> str:
    """Make a directory that only this user can enter, with a path short enough for a socket."""
    name = f"gatepair-{os.getpid()}-{os.urandom(6).hex()}"
    wanted = (os.environ.get("PLUGIN_UNIX_SOCKET_DIR", ""), os.environ.get("TMPDIR", ""), "/tmp")  # noqa: S108 - mode 0700
    for base in wanted:
        path = f"{base.rstrip('/')}/{name}"
        if base and len(f"{path}/{_SOCKET}") <= _LONGEST_SOCKET_PATH:
            with contextlib.suppress(OSError):
                os.mkdir(path, 0o700)  # noqa: PTH102 - pathlib is not loaded for this
                return path
    raise SystemExit("No directory for the provider's socket can be made: set TMPDIR to a short path.")
