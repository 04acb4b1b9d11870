"""Make the plan fixtures of `gatepair review` again: real Terraform, planning against the emulated pair.

Each fixture is what `terraform show -json` says of one kind of change. Machine paths, versions and
timestamps are taken out, and the emulated addresses become documentation addresses, so that a fixture made
again differs only where the plan does.

Example: python tools/plans.py [KIND ...]
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from appliances import Appliance  # noqa: E402 - found only once its folder is on the path
from fresh_node import fresh_node  # noqa: E402 - as above
from project import Project  # noqa: E402 - as above

from gatepair_emulator.lab import Lab  # noqa: E402 - kept beside its fellows

TARGET = ROOT / "tests" / "unit" / "review" / "plans"
KEPT = ("format_version", "resource_changes", "resource_drift", "output_changes", "errored", "applyable")
FASTER = 20.0
DMZ = '20 = { alias = "dmz", interfaces = { "1/2" = "tagged" } }'
VOICE = '30 = { alias = "voice" }'


def scrubbed(plan: dict[str, Any], project: Project) -> dict[str, Any]:
    """Return what a review reads of a plan, with nothing of this machine in it."""
    kept = {key: plan[key] for key in KEPT if key in plan}
    text = json.dumps(kept, sort_keys=True)
    lab = project.lab
    text = text.replace(str(lab.state_dir), "secrets").replace(f"{lab.network}.", "192.0.2.")
    text = text.replace(f"_{lab.network.replace('.', '_')}_", "_192_0_2_")
    return json.loads(text)


def keep(name: str, project: Project, *words: str) -> None:
    """Plan and store what Terraform says.

    Args:
        name: Name of the fixture.
        project: Where to plan.
        words: Further words for ``terraform plan``.
    """
    done = project.terraform("plan", "-input=false", "-no-color", "-out=plan.bin", *words)
    if done.code:
        print(f"{name}: no plan:\n{done.text}", file=sys.stderr)
        return
    TARGET.mkdir(parents=True, exist_ok=True)
    document = scrubbed(project.planned(), project)
    (TARGET / f"{name}.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    print(f"{name}: {[change['change']['actions'] for change in document.get('resource_changes', [])]}")


def beside(address: str, step: int) -> str:
    """Return a neighbour of an address."""
    host, colon, port = address.partition(":")
    return f"{IPv4Address(host) + step}{colon}{port}"


def applied(project: Project) -> None:
    """Apply, which has to work."""
    outcome = project.apply()
    if outcome.code:
        sys.exit(outcome.text)


def vlans(*rows: str) -> str:
    """Return all VLANs, as pairs.toml has them."""
    return f"vlans = {{ {', '.join(rows)} }}"


def routes(lab: Lab, *gateways: int) -> str:
    """Return a static route for each gateway, given by the last part of its address."""
    rows = (
        f'{{ network = "10.{gateway}.0.0", netmask = "255.255.0.0", gateway = "{lab.network}.{gateway}" }}'
        for gateway in gateways
    )
    return f"routes = [{', '.join(rows)}]"


def declared_changes(project: Project) -> dict[str, dict[str, str]]:
    """Return what to declare for each kind of change of the pair itself."""
    lab = project.lab
    return {
        "external-moves": {"external": beside(lab.external, 2)},
        "internal-moves": {"internal": beside(lab.internal, 2)},
        "heartbeat": {"more": 'heartbeat = "access-gateway-5"'},
        "fail-safe": {"more": 'fail_safe = "on"'},
        "flips": {"more": "max_flips = 3\nmax_flip_time_s = 600"},
        "synchronization-off": {"more": 'synchronization = "disabled"'},
        "propagation-off": {"more": 'propagation = "disabled"'},
        "sync-vlan": {"more": "sync_vlan = 20"},
        "key-version": {"more": "shared_key_version = 2"},
        "preferred-primary": {"more": f'preferred_primary = "{lab.b.address}"'},
        "further": {"more": f'further = [{{ address = "{beside(lab.external, 9)}" }}]'},
        "failover-interface": {"more": 'failover_interface = "1/1"'},
        "vlan-new": {"network_a": f"{project.values['network_a']}, {vlans(DMZ)}"},
        "route-new": {"network_a": f"{project.values['network_a']}, {routes(lab, 1)}"},
        "several": {"external": beside(lab.external, 2), "more": 'fail_safe = "on"\nmax_flips = 3'},
    }


def by_hand(project: Project) -> dict[str, Callable[[], None]]:
    """Return what makes the fixtures in which somebody works on the appliances, mended afterwards."""
    lab = project.lab
    a = Appliance(lab, lab.a)

    def dissolved() -> None:
        for node in (lab.b, lab.a):
            Appliance(lab, node).delete("hanode/1")

    def planned(name: str, act: Callable[[], object]) -> None:
        project.init()
        act()
        keep(name, project)
        applied(project)

    failover = partial(project.must, "gatepair", "failover", "office", "--yes")
    acts: dict[str, Callable[[], object]] = {
        "drift-internal": lambda: a.delete(f"nsip/{lab.internal}"),
        "failover-happened": failover,
        "drift-dissolved": dissolved,
    }
    return {name: partial(planned, name, act) for name, act in acts.items()}


def make(wanted: set[str]) -> None:
    """Make the fixtures that are wanted, all if none is named."""
    with tempfile.TemporaryDirectory() as folder, Lab.start(Path(folder) / "lab", clock=FASTER) as lab:
        project = Project(Path(folder) / "project", lab)
        if not wanted or "create" in wanted:
            project.init()
            keep("create", project)
        applied(project)
        kinds = declared(project) | as_it_is(project) | by_hand(project)
        kinds["shared-network"] = partial(shared_network, project)
        kinds["replace-node"] = partial(replaced_node, project)  # the last: the pair is another one after it
        for name, act in kinds.items():
            if not wanted or name in wanted:
                act()


def replaced_node(project: Project) -> None:
    """Keep the plan in which a dead node, replaced on the appliances already, is another one in the file."""
    lab = project.lab
    project.declare()
    fresh = fresh_node(lab)
    fresh.start()
    try:
        lab.b.kill()
        words = ("--dead", lab.b.address, "--with", fresh.address, "--yes")
        project.must("gatepair", "replace", "office", *words)
        project.declare(b=fresh.address)
        project.init()
        keep("replace-node", project)
    finally:
        fresh.stop()


def declared(project: Project) -> dict[str, Callable[[], None]]:
    """Return what makes the fixtures in which the declaration changes."""
    before = dict(project.values)

    def planned(name: str, changes: dict[str, str]) -> None:
        project.declare(**changes)
        project.init()
        keep(name, project)
        project.declare(**before)

    return {name: partial(planned, name, changes) for name, changes in declared_changes(project).items()}


def shared_network(project: Project) -> None:
    """Keep the plan in which VLANs, routes and servers that are there change, go and come."""
    before = project.values["network_a"]

    def told(*parts: str) -> None:
        project.declare(network_a=", ".join((before, *parts)))

    first = (vlans(DMZ, VOICE), routes(project.lab, 1, 2))
    told(*first, 'dns_servers = ["192.0.2.53"]', "ntp_servers = []")
    applied(project)
    then = (vlans(DMZ.replace("dmz", "outside")), routes(project.lab, 2, 3))
    told(*then, 'dns_servers = ["192.0.2.54"]', 'ntp_servers = ["time.example.net"]')
    project.init()
    keep("shared-network", project)
    told(vlans(), routes(project.lab), "dns_servers = []", "ntp_servers = []")
    applied(project)
    told()
    applied(project)


def as_it_is(project: Project) -> dict[str, Callable[[], None]]:
    """Return what makes the fixtures in which objects go, come anew, or stay."""

    def planned(name: str, *words: str) -> None:
        project.init()
        keep(name, project, *words)

    def host_name() -> None:
        file = project.folder / "pairs.toml"
        text = file.read_text()
        file.write_text(text.replace("gw-b", "gateway-b").replace('"off" }', '"on" }'))
        planned("host-name")
        project.declare()

    return {
        "nothing": partial(planned, "nothing"),
        "host-name": host_name,
        "dissolve": partial(planned, "dissolve", "-destroy"),
        "rebuild": partial(planned, "rebuild", "-replace=restapi_object.office"),
    }


if __name__ == "__main__":
    make(set(sys.argv[1:]))
