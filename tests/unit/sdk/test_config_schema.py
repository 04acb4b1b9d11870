from __future__ import annotations

import json
import re
import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sdk_pairs_file import OFFICE, TWO, load

from gatepair.config import json_schema
from gatepair.config.keys import IN_DEFAULTS, IN_PAIR
from gatepair.errors import PairsFileError
from gatepair.models import HEARTBEAT_PRESETS

Schema = dict[str, object]
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def allows(schema: Schema, value: object) -> bool:
    """Judge a value by the keywords of JSON Schema that the schema uses, and know no others."""
    known = {"type", "enum", "anyOf", "pattern", "minimum", "maximum", "multipleOf", "exclusiveMinimum"}
    known |= {"minLength", "minItems", "maxItems", "items", "properties", "required", "propertyNames"}
    known |= {"additionalProperties", "description", "default", "title", "format", "$schema"}
    assert set(schema) <= known
    kind = KINDS.get(str(schema.get("type")), object)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind in (int, (int, float))):
        return False
    if value not in cast("list[object]", schema.get("enum", [value])):
        return False
    options = cast("list[Schema]", schema.get("anyOf", []))
    if options and not any(allows(option, value) for option in options):
        return False
    judges = {
        str: _text_allowed,
        int: _number_allowed,
        float: _number_allowed,
        list: _list_allowed,
        dict: _table_allowed,
    }
    return judges.get(type(value), lambda _schema, _value: True)(schema, value)


def _text_allowed(schema: Schema, value: str) -> bool:
    if schema.get("format") == "ipv4":
        try:
            IPv4Address(value)
        except ValueError:
            return False
    long_enough = len(value) >= cast("int", schema.get("minLength", 0))
    return long_enough and bool(re.search(str(schema.get("pattern", "")), value))


def _list_allowed(schema: Schema, value: list[object]) -> bool:
    few = cast("int", schema.get("minItems", 0)) <= len(value) <= cast("int", schema.get("maxItems", 99))
    return few and all(allows(cast("Schema", schema.get("items", {})), entry) for entry in value)


def _number_allowed(schema: Schema, value: float) -> bool:
    lowest, highest = (cast("float", schema.get(key, value)) for key in ("minimum", "maximum"))
    above = cast("float", schema.get("exclusiveMinimum", value - 1))
    step = cast("float | None", schema.get("multipleOf"))
    return above < value and lowest <= value <= highest and (step is None or value % step == 0)


def _table_allowed(schema: Schema, value: dict[str, object]) -> bool:
    properties = cast("dict[str, Schema]", schema.get("properties", {}))
    names = cast("Schema", schema.get("propertyNames", {}))
    more = schema.get("additionalProperties", True)
    if set(cast("list[str]", schema.get("required", []))) - set(value):
        return False
    for key, inner in value.items():
        rule = properties.get(key, more)
        if (
            rule is False
            or not allows(names, key)
            or not (rule is True or allows(cast("Schema", rule), inner))
        ):
            return False
    return True


FIRST = '[{ address = "192.0.2.1" }, '


def table(*path: str) -> Schema:
    found: Schema = json_schema()
    for key in path:
        found = cast("Schema", found[key])
    return cast("Schema", found["properties"])


SCHEMA = json_schema()
PAIR = ("properties", "pairs", "additionalProperties")


def accepted(folder: Path, text: str) -> bool:
    try:
        load(folder, text)
    except PairsFileError:
        return False
    return True


def test_the_schema_names_what_the_loader_knows() -> None:
    assert set(table("properties", "defaults")) == set(IN_DEFAULTS)
    assert set(table(*PAIR)) == set(IN_PAIR)


def test_everything_in_the_schema_is_described() -> None:
    def check(name: str, schema: Schema) -> None:
        assert str(schema.get("description", "")).endswith("."), name
        properties = dict(cast("dict[str, Schema]", schema.get("properties", {})))
        for key in ("items", "additionalProperties"):
            properties |= cast(
                "dict[str, Schema]", cast("Schema", schema.get(key) or {}).get("properties", {})
            )
        for key, inner in properties.items():
            check(f"{name}.{key}", inner)

    for key, schema in (table("properties", "defaults") | table(*PAIR)).items():
        check(key, schema)


def test_defaults_are_those_of_the_models() -> None:
    pair = table(*PAIR)
    defaults = {key: schema["default"] for key, schema in pair.items() if "default" in cast("Schema", schema)}  # type: ignore[index]
    assert defaults == {
        "username": "nsroot",
        "insecure": False,
        "shared_key_version": 1,
        "overwrite_joining_node": False,
        "fail_safe": "off",
        "max_flips": 0,
        "max_flip_time_s": 0,
        "synchronization": "enabled",
        "propagation": "enabled",
        "sync_vlan": 0,
        "independent_network": "disabled",
    }


def test_the_example_fits_the_schema(tmp_path: Path) -> None:
    assert accepted(tmp_path, OFFICE)
    assert allows(SCHEMA, tomllib.loads(OFFICE))
    json.dumps(json_schema())


CASES = {
    "username": ['"x"', '""', "1"],
    "password": ['"env:X"', '"x"', '"env:1"', '"file:"', '"keyring:a/b"', '"keyring:a/"', '"keyring:/b"'],
    "ca_file": ['"ca.pem"', '""', "[]"],
    "insecure": ["true", '"true"'],
    "timeouts": ["{ connect_s = 1, read_s = 2.5 }", "{ connect_s = 0 }", "{ x = 1 }", "5"],
    "shared_key": ['"file:x"', '"secret"'],
    "shared_key_version": ["1", "0", '"1"', "true"],
    "overwrite_joining_node": ["false", '"no"'],
    "heartbeat": [
        *(f'"{preset}"' for preset in HEARTBEAT_PRESETS),
        '"x"',
        "{}",
        "{ hello_interval_ms = 400 }",
        "{ hello_interval_ms = 500 }",
        "{ dead_interval_s = 61 }",
        "{ dead_interval_s = 60, x = 1 }",
    ],
    "fail_safe": ['"on"', '"enabled"', "true"],
    "max_flips": ["0", "-1", '"1"'],
    "max_flip_time_s": ["9", "-1"],
    "synchronization": ['"disabled"', '"off"'],
    "propagation": ['"enabled"', "true"],
    "sync_vlan": ["4094", "4095", "-1"],
    "independent_network": ['"enabled"', "false"],
    "preferred_primary": ['"192.0.2.11"', "1", '""'],
    "replaces_external": ['"192.0.2.99"', "1", '""'],
    "external": ['{ address = "192.0.2.20" }', "{}", '{ address = "192.0.2.20", x = 1 }', '"192.0.2.20"'],
    "internal": [
        '{ address = "192.0.2.20", management_access = "disabled" }',
        '{ address = "192.0.2.20", management_access = "off" }',
        "{}",
    ],
    "failover_interface": ['"1/2"', '"12"', '""', "1"],
    "further": [
        "[]",
        '["192.0.2.30", { address = "192.0.2.31", netmask = "255.255.255.0", role = "internal" }]',
        '[{ address = "192.0.2.31", role = "internal", management_access = "enabled" }]',
        '[{ netmask = "255.255.255.0" }]',
        '[{ address = "192.0.2.31", role = "both" }]',
        "[1]",
        '"192.0.2.30"',
    ],
    "extrenal": ["1"],
}


def test_every_key_has_cases() -> None:
    assert set(CASES) >= set(IN_PAIR) - {"appliances"}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in CASES.items() for value in values]
)
def test_schema_and_loader_agree(tmp_path: Path, key: str, value: str) -> None:
    text = f"[pairs.one]\n{TWO}\n{key} = {value}\n"
    assert allows(SCHEMA, tomllib.loads(text)) == accepted(tmp_path, text)


@pytest.mark.parametrize(
    "appliances",
    [
        "[]",
        '[{ address = "192.0.2.1" }]',
        FIRST + "{}]",
        FIRST + '{ address = "192.0.2.2", host_name = "" }]',
        FIRST + '{ address = "192.0.2.2", host_name = "gw-b", username = "x" }]',
        FIRST + '{ address = "192.0.2.2", interfaces = { "1/1" = { monitor = "off" } } }]',
        FIRST + '{ address = "192.0.2.2", interfaces = { "1/1" = { monitor = 1 } } }]',
        FIRST + '{ address = "192.0.2.2", interfaces = { "1/1" = { x = 1 } } }]',
        FIRST + '{ address = "192.0.2.2", interfaces = { "11" = {} } }]',
        FIRST + '{ address = "192.0.2.2", interfaces = { "1/1" = { state = "disabled" } } }]',
        FIRST + '{ address = "192.0.2.2", vlans = { 20 = { interfaces = { "1/2" = "tagged" } } } }]',
        FIRST + '{ address = "192.0.2.2", vlans = { 20 = { addresses = { "192.0.2.2" = "255.0.0.0" } } } }]',
        FIRST + '{ address = "192.0.2.2", vlans = { 20 = { interfaces = { "1/2" = "yes" } } } }]',
        FIRST + '{ address = "192.0.2.2", vlans = { 20 = { alias = "dmz", x = 1 } } }]',
        FIRST + '{ address = "192.0.2.2", vlans = { dmz = {} } }]',
        FIRST + '{ address = "192.0.2.2", routes = [] }]',
        FIRST
        + '{ address = "192.0.2.2", routes = '
        + '[{ network = "10.0.0.0", netmask = "255.0.0.0", gateway = "192.0.2.9" }] }]',
        FIRST + '{ address = "192.0.2.2", routes = [{ network = "10.0.0.0" }] }]',
        FIRST + '{ address = "192.0.2.2", dns_servers = ["192.0.2.53"], ntp_servers = ["ntp.example.net"] }]',
        FIRST + '{ address = "192.0.2.2", dns_servers = "192.0.2.53" }]',
        FIRST + '{ address = "192.0.2.2", ntp_servers = [""] }]',
        FIRST + '"192.0.2.2"]',
        '"192.0.2.1, 192.0.2.2"',
    ],
)
def test_schema_and_loader_agree_on_appliances(tmp_path: Path, appliances: str) -> None:
    text = f"[pairs.one]\nappliances = {appliances}\n"
    assert allows(SCHEMA, tomllib.loads(text)) == accepted(tmp_path, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.from_regex(r"[A-Za-z0-9_-]{1,70}", fullmatch=True))
def test_schema_and_loader_agree_on_names(tmp_path: Path, name: str) -> None:
    text = f"[pairs.{name}]\n{TWO}\n"
    assert allows(SCHEMA, tomllib.loads(text)) == accepted(tmp_path, text)
