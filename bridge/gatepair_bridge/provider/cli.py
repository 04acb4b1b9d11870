"""`gatepair provider`: make the Terraform provider known to Terraform, and find out why it is not."""

from __future__ import annotations

from pathlib import Path

import click

_MARKS = {"pass": "ok  ", "warn": "note", "fail": "FAIL"}
_PLUGINS = click.option(
    "--plugins",
    type=click.Path(path_type=Path, file_okay=False),
    help="Mirror directory.  [default: ~/.terraform.d/plugins]",
)


@click.group()
def provider() -> None:
    """The Terraform provider, for configurations that are written by hand."""


@provider.command()
@_PLUGINS
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="pairs.toml that the provider uses when GATEPAIR_CONFIG is not set.",
)
def install(plugins: Path | None, config: Path | None) -> None:
    """Put the provider where Terraform looks by itself.

    Other versions stay; running it again repairs and changes nothing else.
    """
    from gatepair import launcher

    found = launcher.install(plugins, config_path=config)
    click.echo(f"Installed {launcher.SOURCE} {found.version} in {found.path}\n\nIn your configuration:\n")
    click.echo(
        "terraform {\n  required_providers {\n    restapi = {\n"
        f'      source  = "{launcher.SOURCE}"\n      version = "{found.version}"\n    }}\n  }}\n}}'
    )


@provider.command()
@_PLUGINS
def uninstall(plugins: Path | None) -> None:
    """Take all versions of the provider out of the mirror."""
    from gatepair import launcher

    removed = launcher.uninstall(plugins)
    for path in removed:
        click.echo(f"Removed {path}")
    if not removed:
        click.echo("There was nothing to remove.")


@provider.command()
@_PLUGINS
def path(plugins: Path | None) -> None:
    """Print the directories of the installed versions, one a line; code 1 if there is none."""
    from gatepair import launcher

    found = launcher.installed(plugins)
    for one in found:
        click.echo(one.path)
    if not found:
        raise SystemExit(1)


@provider.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".")
def doctor(folder: Path, *, as_json: bool) -> None:
    """Look for whatever keeps Terraform or cdktf from working in FOLDER; code 1 if something does."""
    import json
    import os

    from gatepair_bridge.provider.doctor import examine
    from gatepair_bridge.provider.findings import Machine

    failed, findings = False, list[dict[str, str]]()
    for finding in examine(Machine(os.environ, Path.home(), folder.resolve())):
        failed = failed or finding.verdict == "fail"
        findings.append(finding._asdict())
        if not as_json:
            click.echo(f"{_MARKS[finding.verdict]}  {finding.check}: {finding.evidence}")
            if finding.remedy:
                click.echo(f"      {finding.remedy}")
    if as_json:
        click.echo(json.dumps(findings, indent=2))
    if failed:
        raise SystemExit(1)
