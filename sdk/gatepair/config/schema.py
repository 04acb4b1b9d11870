"""The JSON Schema of pairs.toml, made of the same kinds and models that the loader uses."""

from __future__ import annotations

import inspect
import re
from ipaddress import IPv4Address
from typing import Any, Final

import attrs

from gatepair import _kinds as kinds
from gatepair._networks import INTERFACE_KINDS, NETWORK_KINDS, ROUTE_KINDS
from gatepair._parts import (
    FURTHER_VIRTUAL_IP_KINDS,
    HEARTBEAT_KINDS,
    INTERNAL_VIRTUAL_IP_KINDS,
    VIRTUAL_IP_KINDS,
)
from gatepair.config import keys
from gatepair.config.connections import Connection, Timeouts, Tls
from gatepair.models import (
    HEARTBEAT_PRESETS,
    Appliance,
    Credentials,
    Failover,
    FurtherVirtualIp,
    Heartbeat,
    Interface,
    InternalVirtualIp,
    Network,
    Pair,
    Route,
    VirtualIp,
    Vlan,
)
from gatepair.models.interface import INTERFACE_NAME

Schema = dict[str, object]
Model = type[Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_ATTRIBUTE: Final = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)


def schema() -> Schema:
    """Return the schema, as a new object."""
    return {
        "$schema": DRAFT,
        "title": "gatepair pairs.toml",
        "description": "Failover pairs of Citrix gateways.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "defaults": _table(_shared(), description="Taken by every pair that does not say otherwise."),
            "pairs": {
                "type": "object",
                "description": "The pairs, each under its name.",
                "propertyNames": {"pattern": f"^{keys.PAIR_NAME}$"},
                "additionalProperties": _pair(),
            },
            **{
                table: {"type": "object", "description": f"Settings of {table}."}
                for table in keys.FOREIGN_TABLES
            },
        },
    }


def _pair() -> Schema:
    own = _properties(keys.OWN, Pair)
    tables: Schema = {
        "appliances": {
            "type": "array",
            "description": _words(Pair)["appliances"],
            "items": _appliance(),
            "minItems": 2,
            "maxItems": 2,
        },
        "further": _described(Pair, "further", {"type": "array", "items": _further()}),
        "external": _described(Pair, "external", _model(VIRTUAL_IP_KINDS, VirtualIp, required=("address",))),
        "internal": _described(
            Pair, "internal", _model(INTERNAL_VIRTUAL_IP_KINDS, InternalVirtualIp, required=("address",))
        ),
    }
    return _table(tables | _shared() | own, required=("appliances",))


def _further() -> Schema:
    table = _model(FURTHER_VIRTUAL_IP_KINDS, FurtherVirtualIp, required=("address",))
    return {"anyOf": [dict(kinds.IPV4.schema), table]}


def _shared() -> Schema:
    heartbeat = {
        "description": _words(Failover)["heartbeat"],
        "anyOf": [{"enum": list(HEARTBEAT_PRESETS)}, _model(HEARTBEAT_KINDS, Heartbeat)],
    }
    failover = {key: kind for key, kind in keys.SHARED.items() if key in keys.FAILOVER}
    pair = {key: kind for key, kind in keys.SHARED.items() if key not in keys.FAILOVER}
    return (
        _connection() | _properties(pair, Pair) | {"heartbeat": heartbeat} | _properties(failover, Failover)
    )


def _connection() -> Schema:
    credentials = {key: keys.CONNECTION[key] for key in ("username", "password")}
    tls = {key: keys.CONNECTION[key] for key in ("ca_file", "insecure")}
    return (
        _properties(credentials, Credentials)
        | _properties(tls, Tls)
        | {"timeouts": _described(Connection, "timeouts", _model(keys.TIMEOUTS, Timeouts))}
    )


def _appliance() -> Schema:
    interfaces: Schema = {
        "type": "object",
        "description": _words(Network)["interfaces"],
        "propertyNames": {"pattern": f"^{INTERFACE_NAME}$"},
        "additionalProperties": _model(INTERFACE_KINDS, Interface),
    }
    address = _properties(keys.APPLIANCE, Appliance)
    network = _properties(NETWORK_KINDS, Network) | {
        "interfaces": interfaces,
        "vlans": _described(Network, "vlans", _vlans()),
        "routes": _described(
            Network,
            "routes",
            {"type": "array", "items": _model(ROUTE_KINDS, Route, required=tuple(ROUTE_KINDS))},
        ),
    }
    return _table(address | network | _connection(), required=("address",))


def _vlans() -> Schema:
    members: Schema = {
        "type": "object",
        "propertyNames": {"pattern": f"^{INTERFACE_NAME}$"},
        "additionalProperties": dict(kinds.TAGGING.schema),
    }
    bound: Schema = {"type": "object", "additionalProperties": dict(kinds.NETMASK.schema)}
    vlan = _properties({"alias": kinds.WORDS}, Vlan) | {
        "interfaces": _described(Vlan, "interfaces", members),
        "addresses": _described(Vlan, "addresses", bound),
    }
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[1-9][0-9]{0,3}$"},
        "additionalProperties": _table(vlan),
    }


def _model(table: keys.Kinds, model: Model, *, required: tuple[str, ...] = ()) -> Schema:
    return _table(_properties(table, model), required=required)


def _table(properties: Schema, *, required: tuple[str, ...] = (), description: str = "") -> Schema:
    made: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        made["required"] = list(required)
    return {"description": description} | made if description else made


def _properties(table: keys.Kinds, model: Model) -> Schema:
    defaults = _defaults(model)
    return {
        key: _described(model, key, dict(kind.schema)) | _default(kind, defaults.get(key))
        for key, kind in table.items()
    }


def _described(model: Model, key: str, made: Schema) -> Schema:
    said = (_words(model).get(key, ""), str(made.get("description", "")))
    text = " ".join(filter(None, said))
    return {"description": text} | {name: value for name, value in made.items() if name != "description"}


def _words(model: Model) -> dict[str, str]:
    """Return what the docstrings of a model and its bases say of each attribute."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        for match in _ATTRIBUTE.finditer(inspect.cleandoc(base.__doc__ or "")):
            found[match["name"]] = " ".join(match["text"].replace("``", "").split())
    return found


def _defaults(model: Model) -> dict[str, object]:
    return {
        field.name: field.default
        for field in attrs.fields(model)
        if isinstance(field.default, str | int | float | IPv4Address)
    }


def _default(kind: kinds.Kind[object], value: object) -> Schema:
    if value is None or value == "":
        return {}
    words = kind.schema.get("enum")
    if isinstance(words, list) and isinstance(value, bool):
        return {"default": words[0] if value else words[1]}
    return {"default": str(value) if isinstance(value, IPv4Address) else value}
