"""System singletons: host name, version, hardware, licence, features, modes and parameters.

Fields and wire types: the vendor's NITRO reference (configuration/ns, system) and the strict types of
jantytgat/go-netscaleradc-nitro.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatepair.nitro.codes import Code
from gatepair_emulator.nitro.errors import NitroError
from gatepair_emulator.nitro.schema import (
    SETTING_VERBS,
    ResourceType,
    Scope,
    Shape,
    choice,
    flag,
    listing,
    number,
    switch,
    text,
)
from gatepair_emulator.resources.behaviour import NOTHING, Action, Behaviour, Outcome
from gatepair_emulator.values import JsonObject, JsonValue, Row, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatepair_emulator.node import Node

HOST_NAME: Final = ResourceType(
    name="nshostname",
    command="ns hostName",
    attributes=(text("hostname", longest=255), number("ownernode", 0, 31)),
    verbs=frozenset({"update", "get"}),
    scope=Scope.LOCAL,
)


class HostNameBehaviour(Behaviour):
    """Each node's own name."""

    def updating(self, node: Node, row: Row, new: Row) -> None:  # noqa: ARG002 - the signature is given
        """Refuse what is no host name."""
        name = str(new.get("hostname", ""))
        if not name or any(not (each.isalnum() or each in "-_.") for each in name):
            raise NitroError(Code.INVALID_HOST_NAME, name)


VERSION: Final = ResourceType(
    name="nsversion",
    command="ns version",
    attributes=(text("version"), flag("installedversion")),
    shape=Shape.OBJECT,
)


class VersionBehaviour(Behaviour):
    """The running firmware."""

    def chosen(self, node: Node, arguments: Mapping[str, str]) -> Iterable[Row]:
        """One object: what runs, or with ``installedversion:true`` what the next start will run."""
        if arguments.get("installedversion", "").lower() == "true":
            return [{"version": version_text(node.hardware.build), "installedversion": True}]
        return [{"version": version_text(node.build)}]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """What goes with it."""
        return {"mode": "1"}


def version_text(build: str) -> str:
    """The version as appliances print it.

    Args:
        build: Such as ``NS14.1: Build 47.48.nc``.

    Returns:
        The full text; clients match its beginning or take what is before the first comma.
    """
    return f"NetScaler {build}, Date: Jul 22 2025, 11:11:09   (64-bit)"


HARDWARE: Final = ResourceType(
    name="nshardware", command="ns hardware", attributes=(text("hwdescription"),), shape=Shape.OBJECT
)


class HardwareBehaviour(Behaviour):
    """What the appliance is made of."""

    def rows(self, node: Node) -> Iterable[Row]:
        """One object."""
        return [{"hwdescription": node.settings.platform}]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """Numbers and names of the platform."""
        serial = node.settings.serial
        return {
            "sysid": str(node.settings.system_id),
            "manufactureday": 17,
            "manufacturemonth": 2,
            "manufactureyear": 2009,
            "cpufrequncy": 2600,
            "hostid": f"{abs(hash_of(serial)):012x}"[:12],
            "host": f"{abs(hash_of(serial)):012x}"[:12],
            "serialno": serial,
            "encodedserialno": serial,
            "netscaleruuid": f"uuid-{abs(hash_of(serial)):012x}",
            "bmcrevision": "",
        }


def hash_of(text_: str) -> int:
    """A number that is the same in every run.

    Args:
        text_: Any text.

    Returns:
        48 bits.
    """
    return sum((place + 1) * ord(letter) << (place % 40) for place, letter in enumerate(text_)) & (2**48 - 1)


FEATURES: Final = {
    "wl": False, "sp": True, "lb": True, "cs": True, "cr": False, "cmp": False, "pq": False, "ssl": True,
    "gslb": False, "hdosp": False, "cf": False, "ic": False, "sslvpn": True, "aaa": True, "ospf": False,
    "rip": False, "bgp": False, "rewrite": True, "ipv6pt": False, "appfw": False, "responder": True,
    "htmlinjection": False, "push": False, "appflow": False, "cloudbridge": False, "isis": False,
    "ch": False, "appqoe": False, "contentaccelerator": False, "feo": False, "lsn": False,
    "rdpproxy": False, "rep": False, "urlfiltering": False, "videooptimization": False,
    "forwardproxy": False, "sslinterception": False, "adaptivetcp": False, "ci": False, "bot": False,
    "apigateway": False,
}  # fmt: skip
MODES: Final = {
    "fr": True, "l2": False, "usip": False, "cka": False, "tcpb": False, "mbf": False, "edge": True,
    "usnip": True, "l3": True, "pmtud": True, "mediaclassification": False, "sradv": False,
    "dradv": False, "iradv": False, "sradv6": False, "dradv6": False, "bridgebpdus": False,
    "ulfd": False,
}  # fmt: skip
FEATURE: Final = ResourceType(
    name="nsfeature",
    command="ns feature",
    attributes=(listing("feature"),),
    actions=frozenset({"enable", "disable"}),
    shape=Shape.OBJECT,
)
MODE: Final = ResourceType(
    name="nsmode",
    command="ns mode",
    attributes=(listing("mode"),),
    actions=frozenset({"enable", "disable"}),
    shape=Shape.OBJECT,
)


class SwitchesBehaviour(Behaviour):
    """Features or modes: a list to write, a boolean each to read."""

    def __init__(self, kind: ResourceType, member: str, known: dict[str, bool]) -> None:
        super().__init__(kind)
        self._member = member
        self._known = known
        self.actions = {"enable": self._switch(True), "disable": self._switch(False)}

    def _switch(self, on: bool) -> Action:  # noqa: FBT001 - what it is
        def act(node: Node, payload: JsonObject) -> Outcome:
            names = [part.lower() for item in texts_of(payload.get(self._member)) for part in item.split()]
            if not names:
                raise NitroError(Code.ARGUMENT_MISSING, self._member)
            for name in names:
                if name not in self._known:
                    raise NitroError(Code.INVALID_ARGUMENT_VALUE, f"{self._member}, {name}")
            enabled = set(self.enabled(node))
            enabled = enabled | set(names) if on else enabled - set(names)
            row: Row = {self._member: [name for name in self._known if name in enabled]}
            node.configuration.put(self.kind.name, "", row)
            return NOTHING

        return act

    def enabled(self, node: Node) -> list[str]:
        """What is on.

        Args:
            node: The appliance.

        Returns:
            Names in lower case.
        """
        row = node.configuration.get(self.kind.name, "") or {}
        return texts_of(row.get(self._member))

    def rows(self, node: Node) -> Iterable[Row]:
        """One object."""
        return [node.configuration.get(self.kind.name, "") or {}]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """Each by its name, and the list in capitals."""
        enabled = set(texts_of(row.get(self._member)))
        shown: dict[str, JsonValue] = {
            self._member: [name.upper() for name in self._known if name in enabled]
        }
        shown.update({name: name in enabled for name in self._known})
        return shown


LICENSE: Final = ResourceType(name="nslicense", command="ns license", scope=Scope.LOCAL, shape=Shape.OBJECT)


class LicenseBehaviour(Behaviour):
    """What is licensed: everything."""

    def rows(self, node: Node) -> Iterable[Row]:  # noqa: ARG002 - the signature is given
        """One object."""
        return [{}]

    def shown(self, node: Node, row: Row) -> dict[str, JsonValue]:  # noqa: ARG002 - the signature is given
        """A boolean for each feature, and the model."""
        shown: dict[str, JsonValue] = dict.fromkeys(FEATURES, True)
        shown.update(
            {
                "modelid": "3000",
                "isstandardlic": False,
                "isenterpriselic": False,
                "isplatinumlic": True,
                "issgwylic": False,
                "licensingmode": "Local",
                "daystoexpiration": "-1",
                "f_sslvpn_users": "2147483647",
            }
        )
        return shown


PARAMETER: Final = ResourceType(
    name="systemparameter",
    command="system parameter",
    attributes=(
        switch("rbaonresponse"),
        text("promptstring", longest=63),
        switch("natpcbforceflushlimit", None),
        switch("natpcbrstontimeout", "DISABLED"),
        number("timeout", 300, 86400, default=900),
        switch("localauth"),
        number("minpasswordlen", 1, 127, default=1),
        choice("strongpassword", "enableall", "enablelocal", "disabled", default="disabled"),
        switch("restrictedtimeout", "DISABLED"),
        switch("fipsusermode", "DISABLED"),
        switch("doppler"),
        switch("googleanalytics", "DISABLED"),
        switch("basicauth"),
        switch("reauthonauthparamchange", "DISABLED"),
        switch("removesensitivefiles", "DISABLED"),
        number("maxsessionperuser", 1, 40, default=20),
        switch("forcepasswordchange", "DISABLED"),
    ),
    verbs=SETTING_VERBS,
    shape=Shape.OBJECT,
)


def behaviours() -> list[Behaviour]:
    """The behaviours of this module's types.

    Returns:
        One of each.
    """
    return [
        HostNameBehaviour(HOST_NAME),
        VersionBehaviour(VERSION),
        HardwareBehaviour(HARDWARE),
        SwitchesBehaviour(FEATURE, "feature", FEATURES),
        SwitchesBehaviour(MODE, "mode", MODES),
        LicenseBehaviour(LICENSE),
        Behaviour(PARAMETER),
    ]
