"""The plugin protocol's calls by name, bytes in and bytes out; nobody sees a traceback."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from . import log
from .app import RestApi
from .diagnostics import Diagnostic
from .protocol import pb
from .servicer import Servicer, diagnostic_messages

if TYPE_CHECKING:
    import threading

METHODS: Final[dict[str, tuple[Any, Callable[[Servicer, Any], Any]]]] = {
    "GetMetadata": (pb.GetMetadata, Servicer.get_metadata),
    "GetProviderSchema": (pb.GetProviderSchema, Servicer.get_provider_schema),
    "ValidateProviderConfig": (pb.ValidateProviderConfig, Servicer.validate_provider_config),
    "ValidateResourceConfig": (pb.ValidateResourceConfig, Servicer.validate_resource_config),
    "ValidateDataResourceConfig": (pb.ValidateDataResourceConfig, Servicer.validate_data_resource_config),
    "UpgradeResourceState": (pb.UpgradeResourceState, Servicer.upgrade_resource_state),
    "ConfigureProvider": (pb.ConfigureProvider, Servicer.configure_provider),
    "ReadResource": (pb.ReadResource, Servicer.read_resource),
    "PlanResourceChange": (pb.PlanResourceChange, Servicer.plan_resource_change),
    "ApplyResourceChange": (pb.ApplyResourceChange, Servicer.apply_resource_change),
    "ImportResourceState": (pb.ImportResourceState, Servicer.import_resource_state),
    "MoveResourceState": (pb.MoveResourceState, Servicer.move_resource_state),
    "ReadDataSource": (pb.ReadDataSource, Servicer.read_data_source),
    "GetFunctions": (pb.GetFunctions, Servicer.get_functions),
    "StopProvider": (pb.StopProvider, Servicer.stop_provider),
}


class Dispatcher:
    """Decodes, calls, encodes; may be used by many threads at once.

    Args:
        make_app: Makes the provider; by default the real one.
        stopping: Set when the process was asked to end.
    """

    def __init__(self, make_app: Callable[[], RestApi] | None, stopping: threading.Event) -> None:
        self.app = make_app() if make_app else RestApi()
        self.app.stopping = stopping
        self._servicer = Servicer(self.app)

    def answer(self, name: str, request: bytes) -> bytes:
        """Answer one call.

        Args:
            name: Method of the service ``tfplugin6.Provider``.
            request: Its request message.
        """
        messages, work = METHODS[name]
        asked = messages.Request.FromString(request)
        try:
            reply = work(self._servicer, asked)
        except Exception as error:  # noqa: BLE001 - the last line of defence; Terraform gets a diagnostic
            log.write("error", f"{name} failed", traceback=traceback.format_exc())
            reply = _failure(name, asked, messages.Response, error)
        return reply.SerializeToString()


def _failure(name: str, request: Any, response: Callable[..., Any], error: Exception) -> Any:
    """Say what happened, and keep what the state had."""
    detail = (
        f"{name} failed inside the provider: {type(error).__name__}: {error}\n\nThis is a fault of the "
        "provider, not of the configuration. Run again with TF_LOG=ERROR and report what it says."
    )
    if name == "StopProvider":
        return response(Error=detail)
    kept: dict[str, Any] = {}
    if name == "ReadResource":
        kept = {"new_state": request.current_state, "private": request.private}
    elif name == "ApplyResourceChange":
        kept = {"new_state": request.prior_state, "private": request.planned_private}
    return response(diagnostics=diagnostic_messages([Diagnostic("Provider Fault", detail)]), **kept)
