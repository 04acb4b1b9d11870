"""Loads pairs.toml: every problem at once, each with its line."""

# ruff: noqa: TC001 - the types of attrs classes stay resolvable at run time
from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from gatepair._reading import Finding, Findings, Raw, Table, dotted
from gatepair.config import keys
from gatepair.config.connections import Connection, Connections, Settings
from gatepair.config.declaration import read_pair, read_shared
from gatepair.config.lines import Lines
from gatepair.config.settings import read_settings
from gatepair.errors import PairsFileError, Problem
from gatepair.models import ManagementAddress, Pair, Secret, SecretReference

DEFAULT_FILE: Final = "pairs.toml"
_PAIR_NAME: Final = re.compile(keys.PAIR_NAME)
_AT_LINE: Final = re.compile(r"\s*\(at line (?P<line>\d+), column \d+\)")


def _frozen(value: Mapping[str, Pair]) -> Mapping[str, Pair]:
    return MappingProxyType(dict(value))


@attrs.frozen(kw_only=True)
class Config:
    """What a pairs.toml declares.

    Attributes:
        path: Absolute path of the file.
        pairs: Declared pairs by name, in the order of the file.
        connections: How each appliance is reached.
    """

    path: Path
    pairs: Mapping[str, Pair] = attrs.field(converter=_frozen, hash=False)
    connections: Connections

    def connection(self, address: ManagementAddress | str) -> Connection:
        """Return how to reach an appliance; see `Connections.connection`."""
        return self.connections.connection(address)

    def resolve(self, reference: SecretReference) -> Secret:
        """Return the secret behind a reference; see `Connections.resolve`."""
        return self.connections.resolve(reference)


def load_config(path: Path | str = DEFAULT_FILE) -> Config:
    """Load a pairs.toml.

    ``GATEPAIR_USERNAME``, ``GATEPAIR_PASSWORD`` and the like come before ``[defaults]`` of the file,
    and after what a pair or an appliance says for itself. No secret is read yet.

    Args:
        path: The file; relative paths in it start from its directory.

    Raises:
        PairsFileError: The file cannot be read or is not valid; it holds every problem.
        InvalidInput: The environment variables contradict each other.
    """
    return read_config(load_document(path))


@attrs.frozen(kw_only=True)
class Document:
    """A pairs.toml that is TOML, whatever else it may be.

    Attributes:
        path: The file, as it was named.
        text: What is in it.
        tables: The same, parsed.
    """

    path: Path
    text: str
    tables: Raw


def load_document(path: Path | str) -> Document:
    """Read and parse a pairs.toml; for whoever reads tables of their own from it as well.

    Args:
        path: The file.

    Raises:
        PairsFileError: The file cannot be read or is not TOML.
    """
    named = Path(path)
    text = _read(named)
    return Document(path=named, text=text, tables=_parse(named, text))


def read_config(document: Document) -> Config:
    """Return what a document declares; see `load_config`.

    Args:
        document: The file, parsed.

    Raises:
        PairsFileError: It is not valid; the error holds every problem.
        InvalidInput: The environment variables contradict each other.
    """
    findings = Findings()
    config = _read_config(document.tables, findings, document.path.absolute())
    if len(findings):
        lines = Lines(document.text)
        found = [_problem(document.path, lines, finding) for finding in findings.all]
        raise PairsFileError(sorted(found, key=lambda problem: problem.line))
    return config


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        raise PairsFileError([_about_file(path, "does not exist")]) from None
    except OSError as error:
        raise PairsFileError([_about_file(path, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        # Without its cause, which would carry the whole file along.
        raise PairsFileError([_about_file(path, "is not UTF-8 text", line)]) from None


def _parse(path: Path, text: str) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        line = int(at["line"]) if at else text.count("\n") + 1
        message = _AT_LINE.sub("", said).replace(" (at end of document)", ", at the end of the file")
        raise PairsFileError([_about_file(path, f"is not valid TOML: {message}", line)]) from None


def _about_file(path: Path, message: str, line: int = 0) -> Problem:
    return Problem(file=str(path), line=line, pair="", key="", message=message)


def _problem(path: Path, lines: Lines, finding: Finding) -> Problem:
    first, *rest = finding.place or ("",)
    in_pair = first == "pairs" and bool(rest)
    return Problem(
        file=str(path),
        line=lines.of(finding.place),
        pair=str(rest[0]) if in_pair else "",
        key=dotted(tuple(rest[1:])) if in_pair else dotted(finding.place),
        message=finding.message,
    )


def _read_config(raw: Raw, findings: Findings, path: Path) -> Config:
    root = Table(raw, findings)
    base = path.parent
    defaults = root.table("defaults") if "defaults" in root else Table({}, findings, place=("defaults",))
    defaults = defaults or Table({}, findings, place=("defaults",))
    common = Settings.from_environment().over(read_settings(defaults, base))
    read_shared(defaults)
    _close_defaults(defaults)
    pairs: dict[str, Pair] = {}
    own: dict[ManagementAddress, Settings] = {}
    for table in _pair_tables(root, findings):
        pair, settings = read_pair(table, defaults, base, taken=own)
        own |= settings
        if pair is not None:
            pairs[str(table.place[-1])] = pair
    root.close(("defaults", "pairs", *keys.FOREIGN_TABLES))
    connections = Connections(common=common, appliances=own, base=base)
    return Config(path=path, pairs=pairs, connections=connections)


def _close_defaults(defaults: Table) -> None:
    for key in (*keys.OWN_TABLES, *keys.OWN):
        if key in defaults.values:
            defaults.note(key, "belongs to a pair, it cannot be a default")
    defaults.close((*keys.IN_DEFAULTS, *keys.OWN_TABLES, *keys.OWN))


def _pair_tables(root: Table, findings: Findings) -> list[Table]:
    tables = root.table("pairs", what="a table of pairs, [pairs.NAME]") if "pairs" in root else None
    if tables is None or not tables.values:
        if "pairs" not in root and "defaults" not in root:
            findings.add((), "declares no pair: add [pairs.NAME] with its appliances")
        return []
    found: list[Table] = []
    for name in tables.values:
        if not _PAIR_NAME.fullmatch(name):
            tables.note(
                name,
                "is no name for a pair: use letters, digits, - and _, beginning with a letter, at most 63",
            )
        table = tables.table(name, what=f"a table, [pairs.{name}]")
        if table is not None:
            found.append(table)
    return found
