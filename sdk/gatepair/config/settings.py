"""Reads how appliances are reached from a table of pairs.toml."""

from __future__ import annotations

from pathlib import Path

from gatepair._reading import Table
from gatepair.config import keys
from gatepair.config.connections import Settings, Timeouts, Tls
from gatepair.models import SecretReference


def read_settings(table: Table, base: Path) -> Settings:
    """Read what one table says itself of how appliances are reached, without its fallback.

    Args:
        table: ``[defaults]``, a pair or an appliance.
        base: Directory that relative paths start from.
    """
    own = Table(table.values, table.findings, place=table.place)
    found = {key: own.take(key, kind, None) for key, kind in keys.CONNECTION.items()}
    username, password, ca_file, insecure = found.values()
    return Settings(
        username=username if isinstance(username, str) else None,
        password=password if isinstance(password, SecretReference) else None,
        tls=_tls(own, base, ca_file, insecure),
        timeouts=_timeouts(own),
    )


def _tls(table: Table, base: Path, ca_file: object, insecure: object) -> Tls | None:
    if ca_file is None and insecure is None:
        return None
    path = base / ca_file if isinstance(ca_file, Path) else None
    return table.build(Tls, {}, {"ca_file": path, "insecure": insecure})


def _timeouts(table: Table) -> Timeouts | None:
    inner = table.table("timeouts") if "timeouts" in table else None
    if inner is None:
        return None
    found = {key: inner.take(key, kind, None) for key, kind in keys.TIMEOUTS.items()}
    inner.close()
    return inner.build(Timeouts, {}, found)
