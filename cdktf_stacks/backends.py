"""Backends as the CDK declares them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from cdktf_stacks._cdktf import cdk
from cdktf_stacks.settings import BackendKind, BackendSettings


def declare_backend(stack: cdk.TerraformStack, settings: BackendSettings, state_dir: Path | None) -> None:
    """Declare where a stack's state is kept.

    Args:
        stack: The stack.
        settings: Kind and options.
        state_dir: Directory for local state files that are given no path; without it the CDK's default
            holds, which writes an absolute path into the synthesized files.
    """
    name = stack.node.id
    # The CDK's constructors take each option by name, with a type of its own that the settings checked.
    options = cast("dict[str, Any]", settings.options_for(name))
    match settings.kind:
        case BackendKind.LOCAL:
            _declare_local(stack, options.get("path"), state_dir)
        case BackendKind.HTTP:
            cdk.HttpBackend(stack, **options)
        case BackendKind.PG:
            # An empty string keeps the connection, and its password, in PG_CONN_STR.
            cdk.PgBackend(stack, conn_str="", **options)
        case BackendKind.S3:
            _declare_s3(stack, options)
        case BackendKind.REMOTE:
            workspace = cdk.NamedRemoteWorkspace(options.pop("workspace"))
            cdk.RemoteBackend(stack, workspaces=workspace, **options)
        case BackendKind.CLOUD:
            named = cdk.NamedCloudWorkspace(options.pop("workspace"))
            cdk.CloudBackend(stack, workspaces=named, **options)


def _declare_local(stack: cdk.TerraformStack, path: str | None, state_dir: Path | None) -> None:
    if path is None and state_dir is None:
        return
    target = (state_dir or Path()) / (path or f"terraform.{stack.node.id}.tfstate")
    # Terraform runs in the stack's directory; relative to it, the synthesized files are alike everywhere.
    directory = Path(cdk.App.of(stack).outdir) / "stacks" / stack.node.id
    cdk.LocalBackend(stack, path=os.path.relpath(target.absolute(), directory.absolute()))


def _declare_s3(stack: cdk.TerraformStack, options: dict[str, Any]) -> None:
    use_lockfile = options.pop("use_lockfile", None)
    backend = cdk.S3Backend(stack, **options)
    if use_lockfile is not None:  # newer than cdktf's argument list
        backend.add_override("use_lockfile", use_lockfile)
