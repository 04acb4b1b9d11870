"""Networks, further virtual IPs and the failover interface, declared in pairs.toml and run by Terraform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from appliances import Appliance
from project import PAIR, Project
from test_main_job import assert_no_changes, roles, until_roles, until_synchronized
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatepair_emulator.lab import Lab

UNUSED = '"1/2" = { heartbeat = "off", monitor = "off", state = "disabled" }'
GATEWAY = "192.0.2.1"


def route(address: str, gateway: str = GATEWAY) -> str:
    return f'{{ network = "{address}", netmask = "255.255.255.0", gateway = "{gateway}" }}'


@attrs.frozen
class Shared:
    """What a pair has in common, as it stands in pairs.toml."""

    vlans: tuple[str, ...] = (
        '20 = { alias = "dmz", interfaces = { "1/1" = "tagged" } }',
        '30 = { alias = "back" }',
    )
    routes: tuple[str, ...] = ("198.51.100.0", "203.0.113.0")
    dns_servers: tuple[str, ...] = ("192.0.2.53", "192.0.2.54")
    ntp_servers: tuple[str, ...] = ("192.0.2.123", "ntp.example.net")

    @property
    def keys(self) -> tuple[str, ...]:
        return (
            f"vlans = {{ {', '.join(self.vlans)} }}",
            f"routes = [{', '.join(map(route, self.routes))}]",
            f"dns_servers = [{_quoted(self.dns_servers)}]",
            f"ntp_servers = [{_quoted(self.ntp_servers)}]",
        )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@attrs.frozen
class Found:
    """What an appliance has of it, as NITRO tells."""

    vlans: dict[str, str]
    tagged: set[tuple[str, str]]
    routes: set[str]
    dns_servers: set[str]
    ntp_servers: set[str]
    virtual_ips: set[str]

    @classmethod
    def on(cls, appliance: Appliance) -> Found:
        return cls(
            vlans={row["id"]: row.get("aliasname", "") for row in appliance.rows("vlan") if row["id"] != "1"},
            tagged={(row["id"], row["ifnum"]) for row in appliance.rows("vlan_interface_binding")},
            routes={row["network"] for row in appliance.rows("route")},
            dns_servers={row["ip"] for row in appliance.rows("dnsnameserver")},
            ntp_servers={
                row.get("serverip") or row.get("servername", "") for row in appliance.rows("ntpserver")
            },
            virtual_ips={row["ipaddress"] for row in appliance.rows("nsip") if row["type"] != "NSIP"},
        )


def nodes(lab: Lab) -> tuple[Appliance, Appliance]:
    return Appliance(lab, lab.a), Appliance(lab, lab.b)


def interfaces(appliance: Appliance) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in appliance.rows("Interface") if not row["id"].startswith("LO")}


def further(lab: Lab) -> tuple[str, str]:
    """Return two addresses: one more for users, one more to back ends."""
    return f"{lab.network}.50", f"{lab.network}.51"


def of_pair(lab: Lab, *addresses: str) -> str:
    """Write the pair's own keys."""
    users, back_ends = further(lab)
    known = {
        users: f'"{users}"',
        back_ends: f'{{ address = "{back_ends}", netmask = "255.255.255.0", role = "internal" }}',
    }
    listed = ", ".join(known[address] for address in addresses)
    return f'further = [{listed}]\nfailover_interface = "1/1"'


def declare(project: Project, shared: Shared, *addresses: str) -> None:
    project.declare(
        network_a=", ".join(shared.keys),
        network_b=f"interfaces = {{ {UNUSED} }}",
        more=of_pair(project.lab, *addresses),
    )


@pytest.fixture
def whole(project: Project) -> Project:
    """A pair that was formed with everything declared."""
    declare(project, Shared(), *further(project.lab))
    assert "Apply complete!" in project.deploy()
    return project


def assert_both_have(lab: Lab, expected: Found) -> None:
    """See that the primary has it now; the secondary may get it with the next synchronization."""
    primary, secondary = sorted(nodes(lab), key=Appliance.role)
    assert Found.on(primary) == expected
    until(lambda: Found.on(secondary) == expected, f"the secondary has {expected}")


def assert_everything_is_there(lab: Lab) -> None:
    everything = Found(
        vlans={"20": "dmz", "30": "back"},
        tagged={("20", "1/1")},
        routes={"198.51.100.0", "203.0.113.0"},
        dns_servers={"192.0.2.53", "192.0.2.54"},
        ntp_servers={"192.0.2.123", "ntp.example.net"},
        virtual_ips={lab.external, lab.internal, *further(lab)},
    )
    assert_both_have(lab, everything)
    for appliance in nodes(lab):
        assert interfaces(appliance)["1/1"]["haheartbeat"] == "ON"
        assert interfaces(appliance)["1/2"]["haheartbeat"] == "OFF"
    a, b = (interfaces(appliance)["1/2"] for appliance in nodes(lab))
    assert (a["state"], a["hamonitor"]) == ("ENABLED", "ON")
    assert (b["state"], b["hamonitor"]) == ("DISABLED", "OFF")


def test_everything_is_on_both_nodes_and_drift_is_mended(whole: Project) -> None:
    lab = whole.lab
    assert_everything_is_there(lab)
    assert_no_changes(whole)

    a, b = nodes(lab)
    _, back_ends = further(lab)
    a.delete(f"route/198.51.100.0?args=netmask:255.255.255.0,gateway:{GATEWAY}")
    a.request("PUT", "vlan", {"vlan": {"id": 20, "aliasname": "demilitarized"}})
    a.delete("vlan/30")
    a.request("POST", "dnsnameserver", {"dnsnameserver": {"ip": "192.0.2.99"}})
    a.delete("ntpserver?args=servername:ntp.example.net")
    a.delete(f"nsip/{back_ends}")
    a.request("PUT", "Interface", {"Interface": {"id": "1/2", "haheartbeat": "ON"}})
    b.request("POST", "Interface?action=enable", {"Interface": {"id": "1/2"}})

    planned = whole.plan()
    assert planned.code == 2, planned.text
    for words in (
        'alias = "demilitarized" -> "dmz"',
        'alias = "back"',
        "198.51.100.0",
        "192.0.2.99",
        "ntp.example.net",
        back_ends,
        "failover_interface",
        'state = "enabled" -> "disabled"',
    ):
        assert words in planned.flat, words
    applied = whole.apply()
    assert applied.code == 0, applied.text
    assert_everything_is_there(lab)
    assert_no_changes(whole)


def test_an_entry_that_goes_is_removed_and_a_key_that_goes_is_left(whole: Project) -> None:
    lab = whole.lab
    users, _ = further(lab)
    fewer = Shared(
        vlans=('20 = { interfaces = { "1/2" = "tagged" } }',),
        routes=("203.0.113.0",),
        dns_servers=("192.0.2.54",),
        ntp_servers=(),
    )
    declare(whole, fewer, users)
    whole.deploy()
    expected = Found(
        vlans={"20": ""},
        tagged={("20", "1/2")},
        routes={"203.0.113.0"},
        dns_servers={"192.0.2.54"},
        ntp_servers=set(),
        virtual_ips={lab.external, lab.internal, users},
    )
    assert_both_have(lab, expected)
    assert_no_changes(whole)

    whole.declare(network_a='dns_servers = ["192.0.2.54"]', more="")
    assert "Resources: 0 added, 2 changed, 0 destroyed" in whole.deploy()
    assert_both_have(lab, expected)
    for appliance in nodes(lab):
        assert interfaces(appliance)["1/2"]["haheartbeat"] == "OFF", "left as it was"
    Appliance(lab, lab.a).request("POST", "dnsnameserver", {"dnsnameserver": {"ip": "192.0.2.99"}})
    Appliance(lab, lab.a).delete(f"route/203.0.113.0?args=netmask:255.255.255.0,gateway:{GATEWAY}")
    planned = whole.plan()
    assert planned.code == 2
    assert "192.0.2.99" in planned.text
    assert "203.0.113.0" not in planned.text, "nobody's business any more"
    whole.deploy()
    assert_no_changes(whole)


def test_after_a_failover_a_change_goes_to_the_new_primary(whole: Project) -> None:
    lab = whole.lab
    users, _ = further(lab)
    whole.must("gatepair", "failover", PAIR, "--yes")
    until_roles(lab, "Secondary", "Primary")
    until_synchronized(Appliance(lab, lab.a))
    assert_no_changes(whole)

    changed = Shared(
        vlans=('40 = { alias = "new", interfaces = { "1/1" = "tagged" } }',),
        dns_servers=("192.0.2.53", "192.0.2.55"),
    )
    declare(whole, changed, users)
    whole.deploy()
    assert roles(lab) == ("Secondary", "Primary")
    found = Found.on(nodes(lab)[1])
    assert (found.vlans, found.dns_servers) == ({"40": "new"}, {"192.0.2.53", "192.0.2.55"})
    assert found.virtual_ips == {lab.external, lab.internal, users}
    assert_both_have(lab, found)
    assert_no_changes(whole)


def test_what_is_shared_survives_a_forming_from_the_other_node(project: Project) -> None:
    """It is declared with the appliance that joins and gives up its own configuration."""
    declare(project, Shared(), *further(project.lab))
    project.declare(
        more=f'{project.values["more"]}\npreferred_primary = "{project.lab.b.address}"\n'
        "overwrite_joining_node = true"
    )
    project.deploy()
    assert roles(project.lab) == ("Secondary", "Primary")
    assert_everything_is_there(project.lab)
    assert_no_changes(project)


def test_nodes_in_different_networks_have_vlans_and_routes_of_their_own(project: Project) -> None:
    lab = project.lab
    own_route = route("198.51.100.0", "192.0.2.2")
    project.declare(
        network_a=f'routes = [{route("198.51.100.0")}], dns_servers = ["192.0.2.53"]',
        network_b=f'routes = [{own_route}], vlans = {{ 20 = {{ alias = "south" }} }}',
        more='independent_network = "enabled"',
    )
    text = (project.folder / "pairs.toml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("internal =")]
    (project.folder / "pairs.toml").write_text("\n".join(lines))
    project.deploy()
    assert roles(lab) == ("Primary", "Secondary")
    a, b = nodes(lab)
    assert {row["gateway"] for row in a.rows("route")} == {"192.0.2.1"}
    assert {row["gateway"] for row in b.rows("route")} == {"192.0.2.2"}
    assert (Found.on(a).vlans, Found.on(b).vlans) == ({}, {"20": "south"})
    assert Found.on(a).dns_servers == {"192.0.2.53"}
    until(lambda: Found.on(b).dns_servers == {"192.0.2.53"}, "the secondary has the name server")
    assert_no_changes(project)
    a.delete("route/198.51.100.0?args=netmask:255.255.255.0,gateway:192.0.2.1")
    until(lambda: Found.on(a).routes == set(), "the route is gone")
    assert project.plan().code == 2
    project.deploy()
    assert {row["gateway"] for row in a.rows("route")} == {"192.0.2.1"}
    assert_no_changes(project)
