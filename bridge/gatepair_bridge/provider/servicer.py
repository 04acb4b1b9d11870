"""The plugin protocol's calls, translated to and from :class:`~.app.RestApi`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from . import log, wire
from .diagnostics import Diagnostic
from .protocol import pb
from .schema_wire import schema_message
from .tables import PROVIDER, TYPE_NAME

if TYPE_CHECKING:
    from .app import RestApi
    from .outcome import Outcome

_SEVERITY = {"error": pb.Diagnostic.ERROR, "warning": pb.Diagnostic.WARNING}


def diagnostic_messages(found: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Turn messages to the user into the protocol's."""
    messages: list[pb.Diagnostic] = []
    for diagnostic in found:
        message = pb.Diagnostic(
            severity=_SEVERITY[diagnostic.severity], summary=diagnostic.summary, detail=diagnostic.detail
        )
        if diagnostic.path:
            message.attribute.CopyFrom(_path(diagnostic.path))
        messages.append(message)
    return messages


def _path(names: Iterable[str]) -> pb.AttributePath:
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name) for name in names])


class Servicer:
    """Answers Terraform's calls; may be used by many threads at once.

    Args:
        app: The provider.
    """

    def __init__(self, app: RestApi) -> None:
        self.app = app

    def get_metadata(self, _request: pb.GetMetadata.Request) -> pb.GetMetadata.Response:
        """Say what there is, without the schemas."""
        return pb.GetMetadata.Response(
            server_capabilities=_capabilities(),
            resources=[pb.GetMetadata.ResourceMetadata(type_name=TYPE_NAME)],
            data_sources=[pb.GetMetadata.DataSourceMetadata(type_name=TYPE_NAME)],
        )

    def get_provider_schema(self, _request: pb.GetProviderSchema.Request) -> pb.GetProviderSchema.Response:
        """Give all schemas."""
        return pb.GetProviderSchema.Response(
            provider=schema_message(PROVIDER),
            resource_schemas={TYPE_NAME: schema_message(self.app.resource_schema())},
            data_source_schemas={TYPE_NAME: schema_message(self.app.data_source_schema())},
            server_capabilities=_capabilities(),
        )

    def validate_provider_config(
        self, _request: pb.ValidateProviderConfig.Request
    ) -> pb.ValidateProviderConfig.Response:
        """Accept: everything is checked when the provider is configured, as in the original."""
        return pb.ValidateProviderConfig.Response()

    def configure_provider(self, request: pb.ConfigureProvider.Request) -> pb.ConfigureProvider.Response:
        """Take the provider's configuration."""
        found = self.app.configure(wire.decode_object(request.config) or {})
        return pb.ConfigureProvider.Response(diagnostics=diagnostic_messages(found))

    def validate_resource_config(
        self, request: pb.ValidateResourceConfig.Request
    ) -> pb.ValidateResourceConfig.Response:
        """Check a resource's arguments."""
        found = self.app.validate(wire.decode_object(request.config) or {})
        return pb.ValidateResourceConfig.Response(diagnostics=diagnostic_messages(found))

    def validate_data_resource_config(
        self, request: pb.ValidateDataResourceConfig.Request
    ) -> pb.ValidateDataResourceConfig.Response:
        """Check a data source's arguments."""
        found = self.app.validate_data(wire.decode_object(request.config) or {})
        return pb.ValidateDataResourceConfig.Response(diagnostics=diagnostic_messages(found))

    def upgrade_resource_state(
        self, request: pb.UpgradeResourceState.Request
    ) -> pb.UpgradeResourceState.Response:
        """Read an object from a stored state."""
        stored = cast("wire.Value", json.loads(request.raw_state.json or b"{}"))
        return pb.UpgradeResourceState.Response(upgraded_state=wire.encode(self.app.upgrade(stored)))

    def plan_resource_change(self, request: pb.PlanResourceChange.Request) -> pb.PlanResourceChange.Response:
        """Plan a change."""
        plan = self.app.plan(
            wire.decode_object(request.prior_state), wire.decode_object(request.proposed_new_state)
        )
        return pb.PlanResourceChange.Response(
            planned_state=wire.encode(plan.state),
            requires_replace=[_path((name,)) for name in plan.replace],
            diagnostics=diagnostic_messages(plan.diagnostics),
            planned_private=request.prior_private,
        )

    def read_resource(self, request: pb.ReadResource.Request) -> pb.ReadResource.Response:
        """Refresh an object."""
        outcome = self.app.read(wire.decode_object(request.current_state) or {})
        return pb.ReadResource.Response(
            new_state=wire.encode(outcome.state),
            diagnostics=diagnostic_messages(outcome.diagnostics),
            private=request.private,
        )

    def apply_resource_change(
        self, request: pb.ApplyResourceChange.Request
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or delete an object."""
        outcome = self.app.apply(
            wire.decode_object(request.prior_state), wire.decode_object(request.planned_state)
        )
        return pb.ApplyResourceChange.Response(
            new_state=wire.encode(outcome.state),
            diagnostics=diagnostic_messages(outcome.diagnostics),
            private=request.planned_private,
        )

    def import_resource_state(
        self, request: pb.ImportResourceState.Request
    ) -> pb.ImportResourceState.Response:
        """Find an object that exists."""
        outcome = self.app.import_object(request.id)
        found: list[pb.ImportResourceState.ImportedResource] = []
        if outcome.state is not None:
            state = wire.encode(outcome.state)
            found.append(pb.ImportResourceState.ImportedResource(type_name=TYPE_NAME, state=state))
        messages = diagnostic_messages(outcome.diagnostics)
        return pb.ImportResourceState.Response(imported_resources=found, diagnostics=messages)

    def read_data_source(self, request: pb.ReadDataSource.Request) -> pb.ReadDataSource.Response:
        """Read a data source."""
        outcome: Outcome = self.app.read_data(wire.decode_object(request.config) or {})
        messages = diagnostic_messages(outcome.diagnostics)
        return pb.ReadDataSource.Response(state=wire.encode(outcome.state), diagnostics=messages)

    def move_resource_state(self, _request: pb.MoveResourceState.Request) -> pb.MoveResourceState.Response:
        """Refuse: there is no other type that could become this one."""
        fault = Diagnostic("Move Not Supported", f"Another resource type cannot become a {TYPE_NAME}.")
        return pb.MoveResourceState.Response(diagnostics=diagnostic_messages([fault]))

    def get_functions(self, _request: pb.GetFunctions.Request) -> pb.GetFunctions.Response:
        """Say that there are no functions."""
        return pb.GetFunctions.Response()

    def stop_provider(self, _request: pb.StopProvider.Request) -> pb.StopProvider.Response:
        """Begin nothing new; changes under way are finished, so that they can be saved."""
        log.write("info", "asked to stop: nothing new begins, changes under way are finished")
        self.app.stop()
        return pb.StopProvider.Response()


def _capabilities() -> pb.ServerCapabilities:
    # The schema never changes while Terraform runs, so that it may ask for it once only. Deletes are planned,
    # so that the plan can say what they do to users.
    return pb.ServerCapabilities(get_provider_schema_optional=True, plan_destroy=True)
