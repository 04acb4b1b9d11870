"""The process of a farm: ``python -m gatepair_emulator.farm_process DIRECTORY``."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from typing import TYPE_CHECKING, Final

from gatepair_emulator.appliance import Appliance
from gatepair_emulator.certificates import Authority
from gatepair_emulator.farm import READY, Farm, require_files
from gatepair_emulator.lab_node import LabError
from gatepair_emulator.lifetime import ends_when_told, orders, until_ended
from gatepair_emulator.settings import SettingsError, read_settings
from gatepair_emulator.wires import LocalWires

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE: Final = 20


async def run_farm(farm: Farm, ready: Callable[[], None], *, watch_input: bool) -> None:
    """Run all appliances of a farm until told to stop, or until its directory is gone.

    Args:
        farm: The farm, set up.
        ready: Called when all appliances answer.
        watch_input: Stop when standard input ends, as it does when the parent dies.

    Raises:
        LabError: Too few files may be open.
        OSError: A port is taken.
    """
    require_files(len(farm.pairs))
    ended = asyncio.Event()
    ends_when_told(ended, watch_input=watch_input)
    wires, authority = LocalWires(), Authority(farm.state_dir)
    appliances = [
        Appliance(
            node.directory, read_settings(node.directory / "settings.json"), authority=authority, wires=wires
        )
        for pair in farm.pairs
        for node in (pair.a, pair.b)
    ]
    try:
        for first in range(0, len(appliances), _AT_ONCE):
            await asyncio.gather(*(each.start() for each in appliances[first : first + _AT_ONCE]))
        gc.freeze()  # what was made so far stays; later collections need not look at it again
        ready()
        await until_ended(ended, farm.is_set_up)
    finally:
        for each in appliances:
            each.stop()


def main() -> None:
    """Entry point of the process."""
    directory, watch_input = orders(sys.argv)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    try:
        farm = Farm.open(directory)
        ready = farm.state_dir / READY
        asyncio.run(run_farm(farm, ready.touch, watch_input=watch_input))
    except (OSError, LabError, SettingsError) as problem:
        sys.exit(f"the farm in {directory} cannot run: {problem}")


if __name__ == "__main__":
    main()
