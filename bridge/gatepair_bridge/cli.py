"""`gatepair bridge`: serve the API, make tokens, print the API's description."""

from __future__ import annotations

import json
from pathlib import Path

import click

NAMED_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def bridge() -> None:
    """The REST API in words of the pair, as a service near the appliances."""


@bridge.command()
@click.option(
    "-c", "--config", "config_file", type=NAMED_FILE, help="bridge.toml; see docs/how-to/run-the-bridge.md."
)
@click.option("--bind", help="ADDRESS:PORT to listen on.  [default: 127.0.0.1:8642]")
@click.option("--pairs", help="pairs.toml with the credentials of the appliances.", envvar="GATEPAIR_CONFIG")
@click.option("--tokens", help="File of bearer tokens.")
@click.option("--certificate", help="PEM file of the service's certificate.")
@click.option("--key", help="PEM file of its private key.")
@click.option("--check", is_flag=True, help="Check the configuration and end.")
def serve(config_file: Path | None, *, check: bool, **flags: str | None) -> None:
    """Serve the bridge until it is told to stop.

    A flag comes before the same key of bridge.toml. Without tokens only programs on this machine are let in.

    \b
    Example: gatepair bridge serve --pairs pairs.toml
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from gatepair_bridge.settings import read_settings

    settings = read_settings(config_file, {name: value for name, value in flags.items() if value is not None})
    if check:
        settings.check()
        click.echo("The configuration is valid.")
        return
    from gatepair_bridge.serve import run

    run(settings)


@bridge.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["read", "change", "operate"]),
    multiple=True,
    default=("read",),
    show_default=True,
    help="What it may do; may be given several times.",
)
@click.option("--file", "token_file", type=NAMED_FILE, help="Token file to add it to.")
def token(name: str, scopes: tuple[str, ...], token_file: Path | None) -> None:
    """Make a token. It is shown once; the token file gets its hash only.

    Without --file the lines for the token file are shown as well.

    \b
    Example: gatepair bridge token ci-runner --scope read --scope change --file tokens.toml
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    from gatepair_bridge.api.tokens import NAME, TokenFileError, add_token, new_token

    if not NAME.fullmatch(name):
        raise click.UsageError("A name has up to 64 letters, digits, dots, dashes and underscores.")
    secret, digest = new_token()
    lines = f'["{name}"]\nsha256 = "{digest}"\nscopes = {json.dumps(list(dict.fromkeys(scopes)))}\n'
    if token_file is not None:
        try:
            add_token(token_file, name, lines)
        except TokenFileError as error:
            raise click.ClickException(str(error)) from error
    click.echo("The token, for the caller; it is not shown again:", err=True)
    click.echo(secret)
    if token_file is None:
        click.echo("\nFor the token file:", err=True)
        click.echo(lines, err=True, nl=False)


@bridge.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document."""
    from gatepair_bridge.api.openapi import openapi_document

    click.echo(json.dumps(openapi_document(), indent=2))
