"""Stacks: one failover pair each, made by hand or from pairs.toml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cdktf_stacks._cdktf import Construct, cdk
from cdktf_stacks._values import escape
from cdktf_stacks.backends import declare_backend
from cdktf_stacks.bindings.provider import BUNDLED, MASTERCARD, RestapiProvider
from cdktf_stacks.constructs import FailoverPair
from cdktf_stacks.declaration import Declaration
from cdktf_stacks.settings import BackendSettings, ProviderKind, ProviderSettings
from cdktf_stacks.vendoring import vendor_at_synth

if TYPE_CHECKING:
    from cdktf_stacks.bindings.attributes import ProviderArguments
    from gatepair import models


class FailoverPairStack(cdk.TerraformStack):
    """A stack for one failover pair: provider, backend, networks, pair, outputs.

    Its outputs are what does not change by itself: `external_virtual_ip`, `internal_virtual_ip` and
    `hosts_line`. Roles are no output, since a failover would then show up as a change; `gatepair status`
    tells them.

    Example:
        ```python
        app = App()
        FailoverPairStack(app, "office", config.pairs["office"], gateway_name="gateway.example.net")
        app.synth()
        ```

    Args:
        scope: The app.
        id: Name of the stack, unique in the app.
        pair: The pair as it is declared.
        provider: Which provider, and which bridge.
        backend: Where the state is kept.
        gateway_name: Name that users type; it makes the output with the line for a hosts file.
        config_file: The `pairs.toml` that the embedded bridge takes credentials and trust from; without it
            the bridge looks at `GATEPAIR_*` variables. Local state files without a path lie beside it.
        adopt: Take over a pair that exists, see `FailoverPair`.

    Attributes:
        pair: The construct, to refer to its objects or to change them.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        pair: models.Pair,
        *,
        provider: ProviderSettings | None = None,
        backend: BackendSettings | None = None,
        gateway_name: str | None = None,
        config_file: Path | None = None,
        adopt: bool = False,
    ) -> None:
        super().__init__(scope, id)
        declare_provider(self, provider, config_file)
        declare_backend(self, backend or BackendSettings(), config_file.parent if config_file else None)
        self.pair = FailoverPair(self, id, pair, adopt=adopt)
        self._add_outputs(pair, gateway_name)

    def _add_outputs(self, pair: models.Pair, gateway_name: str | None) -> None:
        if pair.external:
            self._output("external_virtual_ip", str(pair.external.address), "Users connect to it.")
        if pair.internal:
            text = "The pair talks to back ends from it."
            self._output("internal_virtual_ip", str(pair.internal.address), text)
        if pair.external and gateway_name:
            text = "Line for a hosts file, to reach the gateway by its name."
            self._output("hosts_line", f"{pair.external.address} {gateway_name}", text)

    def _output(self, name: str, value: str, description: str) -> None:
        cdk.TerraformOutput(self, name, value=escape(value), description=description, static_id=True)


def declare_provider(
    stack: cdk.TerraformStack, settings: ProviderSettings | None = None, config_file: Path | None = None
) -> RestapiProvider:
    """Declare the provider that the constructs need.

    Args:
        stack: The stack.
        settings: Which provider, and which bridge; the bundled one with its embedded bridge if not given.
        config_file: The `pairs.toml` that the embedded bridge takes credentials and trust from.
    """
    settings = settings or ProviderSettings()
    arguments: ProviderArguments = {
        "write_returns_object": True,
        "create_returns_object": True,
        "timeout": settings.timeout_s,
    }
    if settings.bridge_url:
        arguments["uri"] = settings.bridge_url
    if settings.bridge_ca_file:
        arguments["root_ca_file"] = settings.bridge_ca_file
    bundled = settings.kind is ProviderKind.BUNDLED
    if bundled:
        vendor_at_synth(stack, config_file)
    return RestapiProvider(stack, "restapi", source=BUNDLED if bundled else MASTERCARD, **arguments)


def stacks_from(pairs: Declaration | Path | str, *, app: cdk.App) -> dict[str, FailoverPairStack]:
    """Make a stack for each pair that a file declares.

    The stack of a pair has the pair's name. Where the pairs stand in the file does not matter.

    Args:
        pairs: The file, `pairs.toml`, or what was read from it.
        app: The app.

    Returns:
        The stacks by the name of the pair.

    Raises:
        gatepair.errors.PairsFileError: The file cannot be used; it lists every problem.
    """
    declared = pairs if isinstance(pairs, Declaration) else Declaration.read(pairs)
    settings = declared.stacks
    return {
        name: FailoverPairStack(
            app,
            name,
            declared.config.pairs[name],
            provider=settings.provider,
            backend=settings.backend,
            gateway_name=settings.gateway_names.get(name),
            config_file=declared.path,
            adopt=name in settings.adopt,
        )
        for name in sorted(declared.config.pairs)
    }
