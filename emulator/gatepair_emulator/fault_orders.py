"""From the words of ``gatepair emulator fault`` to an order for an appliance's own interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair_emulator.faults import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.values import JsonValue

Order = tuple[str, str, "dict[str, JsonValue]"]


class FaultOrderError(Exception):
    """The words name no fault."""


_FIXED: Final[dict[str, Order]] = {
    "none": ("DELETE", "/faults", {}),
    "partition": ("PUT", "/network", {"outgoing": True, "incoming": True}),
    "mute": ("PUT", "/network", {"outgoing": True}),
    "deaf": ("PUT", "/network", {"incoming": True}),
    "ssl-card": ("PUT", "/hardware", {"ssl_card_failed": True}),
    "routes": ("PUT", "/hardware", {"routes_failed": True}),
    "disk-full": ("PUT", "/hardware", {"disk_full": True}),
    "stuck-sync": ("PUT", "/stuck", {"sync": True}),
    "stuck-restart": ("PUT", "/stuck", {"restart": True}),
}
_NUMBERS: Final = {
    "nth": int,
    "times": int,
    "status": int,
    "code": int,
    "octets": int,
    "seconds": float,
    "jitter": float,
}
_TEXTS: Final = frozenset({"method", "path"})


def order_for(effect: str, settings: Iterable[str]) -> Order:
    """The order that brings a fault about.

    Args:
        effect: What is to go wrong.
        settings: ``name=value`` each.

    Returns:
        HTTP method, path and content.

    Raises:
        FaultOrderError: The words name no fault.

    Example:
        >>> order_for("latency", ["seconds=0.5"])
        ('POST', '/faults', {'effect': 'latency', 'seconds': 0.5})
    """
    given = dict(_split(each) for each in settings)
    if effect in _FIXED:
        _refuse_rest(effect, given)
        return _FIXED[effect]
    if effect in set(Effect):
        return "POST", "/faults", {"effect": effect, **_request_settings(given)}
    if effect == "link":
        name = given.pop("name", "")
        _refuse_rest(effect, given)
        return "PUT", "/hardware", {"failed_links": name.split(",") if name else []}
    if effect in {"loss", "clock"}:
        member, key = ("share", "loss") if effect == "loss" else ("seconds", "offset")
        value = _number(float, member, given.pop(member, "0"))
        _refuse_rest(effect, given)
        return "PUT", "/network" if effect == "loss" else "/clock", {key: value}
    known = sorted({*_FIXED, *Effect, "link", "loss", "clock"})
    raise FaultOrderError(f"there is no fault {effect!r}; there are {', '.join(known)}")


def _split(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise FaultOrderError(f"{text!r} is not of the form name=value")
    return name, value


def _request_settings(given: dict[str, str]) -> dict[str, JsonValue]:
    result: dict[str, JsonValue] = {}
    for name, value in given.items():
        if name in _NUMBERS:
            result[name] = _number(_NUMBERS[name], name, value)
        elif name in _TEXTS:
            result[name] = value
        else:
            raise FaultOrderError(f"a fault of requests has no setting {name!r}")
    return result


def _number(kind: type[float], name: str, value: str) -> float:
    try:
        return kind(value)
    except ValueError:
        raise FaultOrderError(f"{name} has to be a number, not {value!r}") from None


def _refuse_rest(effect: str, given: dict[str, str]) -> None:
    if given:
        raise FaultOrderError(f"{effect} has no setting {', '.join(given)}")
