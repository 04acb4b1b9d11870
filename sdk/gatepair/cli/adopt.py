"""``gatepair init``: a pairs.toml for a pair that exists already."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gatepair.cli.choice import config_option, json_option, unwinding
from gatepair.cli.outcome import ExitCode, print_json

if TYPE_CHECKING:
    from gatepair.config import Settings
    from gatepair.models import Pair, SecretReference
    from gatepair.sessions.plain import PairSession
    from gatepair.workflows.plan import ChangePlan

Command = TypeVar("Command", bound=Callable[..., object])
SHARED_KEY = "env:GATEPAIR_SHARED_KEY"


def _reference(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> SecretReference | None:
    """Read a secret reference; what is none may be a secret and is not repeated."""
    del context, parameter
    from gatepair.errors import InvalidInput
    from gatepair.models import SecretReference

    try:
        return None if value is None else SecretReference(value)
    except InvalidInput as error:
        raise click.BadParameter(error.message) from None


def pair_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Check a name that a pair shall have."""
    del context, parameter
    from gatepair.config.keys import PAIR_NAME

    if not re.fullmatch(PAIR_NAME, value):
        message = "use letters, digits, - and _, beginning with a letter, at most 63"
        raise click.BadParameter(message)
    return value


def reach_options(command: Command) -> Command:
    """Add the options that say how two appliances are reached which no file declares yet."""
    for decorate in (
        click.option("--insecure", is_flag=True, help="Trust whatever answers; to try things out only."),
        click.option(
            "--ca-file", type=click.Path(path_type=Path, exists=True), help="PEM file with CAs to trust."
        ),
        click.option(
            "--shared-key", callback=_reference, default=SHARED_KEY, show_default=True, help="Likewise."
        ),
        click.option(
            "--password", callback=_reference, help="Where the password is: env:NAME, file:PATH, ..."
        ),
        click.option("--username", help="Who logs in.  [default: nsroot]"),
    ):
        command = decorate(command)
    return command


@click.command()
@click.argument("name", metavar="[PAIR]", default="pair", callback=pair_name)
@click.option("--from", "addresses", required=True, metavar="A,B", help="The two management addresses.")
@reach_options
@click.option("--dry-run", is_flag=True, help="Print the file instead of writing it.")
@json_option
@config_option
def init(
    name: str,
    addresses: str,
    config_file: Path,
    *,
    username: str | None,
    password: SecretReference | None,
    shared_key: SecretReference,
    ca_file: Path | None,
    insecure: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Write pairs.toml from two appliances as they are.

    Nothing is changed on them; the next plan of a pair is empty. Secrets stay references; GATEPAIR_PASSWORD
    and the like count too.

    \b
    Example: gatepair init office --from 192.0.2.11,192.0.2.12 --ca-file ca.pem
    """  # noqa: D301 - click's own mark for a paragraph that keeps its lines
    if config_file.exists() and not dry_run:
        message = f"{config_file} exists already: name another file with --config, or look with --dry-run."
        raise click.UsageError(message)
    settings = reach_settings(username, password, ca_file, insecure=insecure)
    text, plan, problem = adopted_text(name, addresses, config_file, settings, shared_key)
    if dry_run and not as_json:
        click.echo(text, nl=False)
    elif not dry_run:
        write_file(config_file, text)
    if as_json:
        written = "" if dry_run else str(config_file)
        print_json(
            {"file": written, "text": text, "plan": plan.to_dict() if plan else None, "problem": problem}
        )
    else:
        wrote = "" if dry_run else f"Wrote {config_file}. "
        click.echo(wrote + outlook(plan, problem), err=True)
    return ExitCode.FINE


def write_file(file: Path, text: str) -> None:
    """Write a file.

    Raises:
        gatepair.errors.LocalFileError: It cannot be written.
    """
    from gatepair.errors import LocalFileError

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalFileError(f"{file} cannot be written: {error.strerror}") from error


def outlook(plan: ChangePlan | None, problem: str) -> str:
    """Say in a sentence what the next plan is."""
    if plan is None:
        return f"A plan would be refused now: {problem}"
    if not plan.steps:
        return "The next plan is empty: the pair is as declared."
    steps = "; ".join(step.title for step in plan.steps)
    return f"The next plan has {len(plan.steps)} step{'s' * (len(plan.steps) > 1)}: {steps}."


def reach_settings(
    username: str | None, password: SecretReference | None, ca_file: Path | None, *, insecure: bool
) -> Settings:
    """Return what the options say about reaching the appliances, over the environment."""
    from gatepair.config import Settings, Tls

    trust = ca_file.absolute() if ca_file else None
    anchored = password.anchored(Path.cwd()) if password else None
    tls = Tls(ca_file=trust, insecure=insecure) if trust or insecure else None
    return Settings(username=username, password=anchored, tls=tls).over(Settings.from_environment())


def adopted_text(
    name: str, addresses: str, config_file: Path, settings: Settings, shared_key: SecretReference
) -> tuple[str, ChangePlan | None, str]:
    """Return the text of the file, and what the next plan is or why there would be none."""
    from gatepair.cli.pairs_text import pairs_text
    from gatepair.config import Connections
    from gatepair.errors import GatepairError, LocalFileError
    from gatepair.sessions.plain import PairSession

    folder = config_file.absolute().parent
    if not folder.is_dir():
        raise LocalFileError(f"{folder} is no directory")
    with unwinding(), PairSession(addresses, Connections(common=settings)) as session:
        key = shared_key.anchored(Path.cwd())
        pair = _found(session, _relative(key, folder))
        text = pairs_text(name, pair, _defaults(settings, folder))
        declared = loaded_pair(text, name, folder)
        try:
            return text, session.plan(declared), ""
        except GatepairError as error:
            return text, None, str(error)


def _found(session: PairSession, shared_key: SecretReference) -> Pair:
    """Return the pair as it is: the one that serves users first."""
    import attrs

    from gatepair.documents import pair_from_document
    from gatepair.models import NETWORK_KEYS, Appliance, shared_network_keys

    seen = session.observe(further=())
    for node in seen.nodes:
        if node.error:
            raise node.error
    first = seen.speaker.address
    second = seen.other(seen.speaker).address
    declared = pair_from_document(seen.to_document() | {"failover_pair": "formed"})
    shared = shared_network_keys(independent_network=declared.failover.independent_network)
    own = [key for key in NETWORK_KEYS if key not in shared]
    appliances = (
        Appliance(address=first, network=session.read_network(first)),
        Appliance(address=second, network=session.read_network(second, own)),
    )
    return attrs.evolve(
        declared,
        appliances=appliances,
        preferred_primary=first,
        shared_key=shared_key,
        # What is not there need not be kept away.
        further=declared.further or None,
    )


def loaded_pair(text: str, name: str, folder: Path) -> Pair:
    """Read the text back as it will be read, from where it will lie."""
    from gatepair.config import load_config

    handle, temporary = tempfile.mkstemp(suffix=".toml", prefix=".pairs-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        return load_config(temporary).pairs[name]
    finally:
        Path(temporary).unlink()


def _defaults(settings: Settings, folder: Path) -> dict[str, object]:
    from gatepair.config.connections import DEFAULT_USERNAME
    from gatepair.models import SecretReference

    found: dict[str, object] = {"username": settings.username or DEFAULT_USERNAME}
    if isinstance(settings.password, SecretReference):
        found["password"] = str(_relative(settings.password, folder))
    if settings.tls and settings.tls.ca_file:
        found["ca_file"] = _short(settings.tls.ca_file, folder)
    if settings.tls and settings.tls.insecure:
        found["insecure"] = True
    return found


def _relative(reference: SecretReference, folder: Path) -> SecretReference:
    """Return a reference as it has to stand in a file in that folder."""
    from gatepair.models import SecretReference
    from gatepair.models.secrets import SecretScheme

    if reference.scheme is not SecretScheme.FILE:
        return reference
    return SecretReference(f"file:{_short(Path(reference.target), folder)}")


def _short(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
