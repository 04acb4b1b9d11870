"""A third appliance in an emulated pair's network, as it comes out of its box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair_emulator.certificates import Authority
from gatepair_emulator.lab_node import Node
from gatepair_emulator.settings import read_settings, write_settings

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab


def fresh_node(lab: Lab) -> Node:
    """Return one that is switched off yet; whoever starts it stops it."""
    directory = lab.state_dir / "c"
    directory.mkdir()
    host = f"{lab.network}.13"
    known = read_settings(lab.b.directory / "settings.json")
    write_settings(directory / "settings.json", attrs.evolve(known, name="c", address=host))
    (directory / "first-boot.json").write_text("[]")
    Authority(lab.state_dir).management(directory, host)
    return Node(name="c", directory=directory, host=host, ports=lab.b.ports, token=lab.b.token)
