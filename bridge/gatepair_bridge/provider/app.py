"""The provider, without any plugin protocol: values in, values and messages out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from . import tables
from .diagnostics import Diagnostic
from .errors import ProviderError, SettingsError
from .outcome import Outcome
from .planning import Plan, plan_change, validate_object
from .settings import Settings, is_known, read_settings
from .upgrade import conformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client
    from .schema import Schema
    from .transport import Transport
    from .wire import Attributes, Value


def make_transport(settings: Settings) -> Transport:
    """Make the transport that a configuration asks for."""
    if settings.uri is None:
        from .embedded import EmbeddedTransport  # noqa: PLC0415 - only what is needed is loaded

        return EmbeddedTransport()
    from .http_transport import HttpTransport  # noqa: PLC0415 - only what is needed is loaded

    return HttpTransport(settings)


class RestApi:
    """One running provider.

    Args:
        transport: Makes the transport at the first request.
    """

    def __init__(self, transport: Callable[[Settings], Transport] = make_transport) -> None:
        self._make_transport = transport
        self._settings: Settings | None = Settings()
        self._client: Client | None = None
        self._lock = threading.Lock()
        self.stopping = threading.Event()

    def resource_schema(self) -> Schema:
        """Give the schema of the resource."""
        return tables.resource(sensitive=tables.data_is_sensitive())

    def data_source_schema(self) -> Schema:
        """Give the schema of the data source."""
        return tables.data_source(sensitive=tables.data_is_sensitive())

    def configure(self, config: Attributes) -> list[Diagnostic]:
        """Take the provider's configuration; some of it may still be unknown in a plan."""
        self.close()
        self._settings = None
        if not is_known(config):
            return []
        try:
            self._settings = read_settings(config)
        except SettingsError as error:
            wrong = (error, *error.others)
            return [Diagnostic(one.title, one.message, one.path) for one in wrong]
        return self._test(self._settings.test_path)

    def _test(self, path: str) -> list[Diagnostic]:
        if not path:
            return []
        from .client import Call  # noqa: PLC0415 - only what is needed is loaded

        try:
            client = self.client()
            client.send(Call(client.settings.read_method, path))
        except ProviderError as error:
            return [Diagnostic("Test Request Failed", f"A test request to {path} failed: {error.message}")]
        return []

    def client(self) -> Client:
        """Give the client, made at the first request.

        Raises:
            SettingsError: The configuration is not known yet, or a file in it cannot be used.
        """
        with self._lock:
            if self._client is None:
                from .client import Client  # noqa: PLC0415 - only what is needed is loaded

                if self._settings is None:
                    message = "The provider's configuration is not known yet, so nothing can be read."
                    raise SettingsError("Provider Not Configured", message)
                transport = self._make_transport(self._settings)
                self._client = Client(self._settings, transport, self.stopping)
            return self._client

    def stop(self) -> None:
        """Begin nothing new and give up what only looks; changes under way are finished."""
        self.stopping.set()
        client = self._client
        if client is not None:
            client.transport.cancel()

    def close(self) -> None:
        """Give back connections and sessions."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.transport.close()

    def validate(self, config: Attributes) -> list[Diagnostic]:
        """Check a resource's arguments."""
        return validate_object(config)

    def validate_data(self, config: Attributes) -> list[Diagnostic]:
        """Check a data source's arguments."""
        from . import data_source  # noqa: PLC0415 - only what is needed is loaded

        return data_source.validate(config)

    def upgrade(self, state: Value) -> dict[str, Value]:
        """Bring a stored object to the schema of today."""
        return conformed(state, self.resource_schema())

    def plan(self, prior: Attributes | None, proposed: Attributes | None) -> Plan:
        """Plan a change; the bridge inside the provider is asked what it would do."""
        plan = plan_change(prior, proposed)
        if self._settings is None or self._settings.uri is not None or plan.state == prior:
            return plan
        if plan.replace:  # Terraform asks again, for the new object
            return plan
        from .rehearsal import rehearse  # noqa: PLC0415 - only what is needed is loaded

        rehearsed = self._guarded(
            lambda client: Outcome(plan.state, rehearse(client, prior, plan.state)), plan.state
        )
        return plan._replace(diagnostics=tuple(rehearsed.diagnostics))

    def read(self, state: Attributes) -> Outcome:
        """Refresh an object; with an unknown configuration it stays as it was."""
        if self._settings is None:
            return Outcome(dict(state))
        from . import resource  # noqa: PLC0415 - only what is needed is loaded

        return self._guarded(lambda client: resource.read(client, state), state)

    def apply(self, prior: Attributes | None, planned: Attributes | None) -> Outcome:
        """Create, update or delete an object."""
        if self.stopping.is_set():
            stopped = Diagnostic("Stopped", "Terraform asked to stop before anything was sent.")
            return Outcome(None if prior is None else dict(prior), (stopped,))
        from . import creating, resource  # noqa: PLC0415 - only what is needed is loaded

        if planned is None:
            return self._guarded(lambda client: resource.delete(client, prior or {}), prior)
        if prior is None:
            return self._guarded(lambda client: creating.create(client, planned), None)
        return self._guarded(lambda client: resource.update(client, prior, planned), prior)

    def import_object(self, import_id: str) -> Outcome:
        """Find an object that exists."""
        from . import resource  # noqa: PLC0415 - only what is needed is loaded

        return self._guarded(lambda client: resource.import_object(client, import_id), None)

    def read_data(self, config: Attributes) -> Outcome:
        """Read a data source."""
        from . import data_source  # noqa: PLC0415 - only what is needed is loaded

        return self._guarded(lambda client: data_source.read(client, config), None)

    def _guarded(self, work: Callable[[Client], Outcome], state: Attributes | None) -> Outcome:
        try:
            client = self.client()
        except SettingsError as error:
            fault = Diagnostic(error.title, error.message)
            return Outcome(None if state is None else dict(state), (fault,))
        except ProviderError as error:
            fault = Diagnostic("Unable to Create REST API Client", error.message)
            return Outcome(None if state is None else dict(state), (fault,))
        return work(client)
