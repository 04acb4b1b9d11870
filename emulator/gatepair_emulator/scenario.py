"""Scenarios: how the two appliances are when they are first switched on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from attrs import field, frozen

from gatepair_emulator.settings import DEFAULT_BUILD
from gatepair_emulator.values import JsonValue, object_of, text_of, texts_of


class ScenarioError(Exception):
    """There is no such scenario, or its file cannot be used."""


@frozen(kw_only=True)
class Certificate:
    """A certificate that the emulator's authority issues into a node's ``/nsconfig/ssl``.

    Attributes:
        file: Stem of ``<file>.pem`` and ``<file>.key``.
        names: Host names and addresses it is for.
    """

    file: str
    names: tuple[str, ...]


@frozen(kw_only=True)
class NodePlan:
    """How one appliance is.

    Attributes:
        build: Firmware.
        ha_version: Internal HA version, if it is not that of the release.
        platform: Hardware description; empty for the usual one.
        interfaces: Network interfaces.
        factory: Whether the default password must still be changed.
        password: A password of its own for nsroot; empty for the pair's.
        off: Whether it is left switched off.
        certificates: Certificates to issue.
        commands: NITRO commands, run and saved at the first boot.
    """

    build: str = DEFAULT_BUILD
    ha_version: str = ""
    platform: str = ""
    interfaces: tuple[str, ...] = ("1/1", "1/2")
    factory: bool = False
    password: str = ""
    off: bool = False
    certificates: tuple[Certificate, ...] = ()
    commands: tuple[dict[str, JsonValue], ...] = ()


@frozen(kw_only=True)
class Scenario:
    """Two appliances and their users.

    Attributes:
        description: One line for people.
        users: Users of the emulated directory; an empty password is made up on the spot.
        nodes: The appliances by name.
        web_interface: Where the hosts file of a Web Interface has the Gateway; empty for no Web Interface.
    """

    description: str
    users: Mapping[str, str] = field(factory=dict[str, str])
    nodes: Mapping[str, NodePlan] = field(factory=dict[str, NodePlan])
    web_interface: str = ""


def scenario_names() -> list[str]:
    """The scenarios that come with the emulator, sorted."""
    folder = resources.files("gatepair_emulator") / "scenarios"
    return sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))


def load_scenario(name: str, places: Mapping[str, str]) -> Scenario:
    """A scenario, by name or from a file.

    Args:
        name: One of ``scenario_names()``, or the path of a TOML file.
        places: What stands for ``{a}``, ``{b}``, ``{external}``, ``{internal}`` and ``{shared_key}`` in
            its values.

    Returns:
        The scenario.

    Raises:
        ScenarioError: There is no such scenario, or it cannot be used.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise ScenarioError(f"there is no scenario file {name}")
        text = path.read_text(encoding="utf-8")
    elif name in scenario_names():
        text = (resources.files("gatepair_emulator") / "scenarios" / f"{name}.toml").read_text(
            encoding="utf-8"
        )
    else:
        raise ScenarioError(f"there is no scenario {name!r}; there are {', '.join(scenario_names())}")
    try:
        content: dict[str, JsonValue] = tomllib.loads(text)
        return _scenario(object_of(_filled(content, places)))
    except (tomllib.TOMLDecodeError, ValueError) as problem:
        raise ScenarioError(f"scenario {name} cannot be used: {problem}") from None


def _filled(value: JsonValue, places: Mapping[str, str]) -> JsonValue:
    """The value with ``{external}`` and the like filled in."""
    if isinstance(value, str):
        for place, text in places.items():
            value = value.replace(f"{{{place}}}", text)
        return value
    if isinstance(value, Mapping):
        return {key: _filled(item, places) for key, item in value.items()}
    if value is None or isinstance(value, (int, float)):
        return value
    return [_filled(item, places) for item in value]


def _scenario(content: Mapping[str, JsonValue]) -> Scenario:
    unknown = set(content) - {"description", "directory", "web_interface", "a", "b"}
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    users = {name: text_of(password) for name, password in object_of(content.get("directory")).items()}
    nodes = {name: _plan(object_of(content.get(name))) for name in ("a", "b")}
    return Scenario(
        description=text_of(content.get("description")),
        users=users,
        nodes=nodes,
        web_interface=text_of(object_of(content.get("web_interface")).get("gateway_address")),
    )


def _plan(content: Mapping[str, JsonValue]) -> NodePlan:
    known = {each for each in NodePlan.__annotations__}  # noqa: C416 - the keys only
    unknown = set(content) - known
    if unknown:
        raise ValueError(f"unknown keys of a node: {', '.join(sorted(unknown))}")
    texts = {
        key: text_of(content[key])
        for key in ("build", "ha_version", "platform", "password")
        if key in content
    }
    return NodePlan(
        **texts,
        interfaces=tuple(texts_of(content.get("interfaces"))) or ("1/1", "1/2"),
        factory=content.get("factory") is True,
        off=content.get("off") is True,
        certificates=tuple(
            Certificate(file=text_of(each.get("file")), names=tuple(texts_of(each.get("names"))))
            for each in _objects(content.get("certificates"))
        ),
        commands=tuple(_objects(content.get("commands"))),
    )


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    if value is None or isinstance(value, (str, int, float, Mapping)):
        return []
    return [object_of(each) for each in value]
