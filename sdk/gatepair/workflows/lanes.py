"""How a batch is spread: what goes at once, what goes one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatepair.models import ManagementAddress
    from gatepair.workflows.core import Ask

READS_AT_ONCE: Final = 6
"""Reads at once on one appliance; as many as there are connections."""


@attrs.frozen
class Lane:
    """Calls to one appliance, one after the other.

    Attributes:
        node: The appliance.
        places: Positions of the calls in the batch.
        stops: Whether the first error ends the lane: of changes, later ones build on earlier ones.
    """

    node: ManagementAddress
    places: tuple[int, ...]
    stops: bool


def spread(asks: Sequence[Ask]) -> tuple[Lane, ...]:
    """Spread a batch over lanes: reads side by side, changes of one appliance in their order.

    Example:
        >>> from gatepair.models import ManagementAddress
        >>> from gatepair.nitro.calls import save
        >>> from gatepair.workflows.core import Ask
        >>> a, b = (ManagementAddress.parse(f"192.0.2.{last}") for last in (1, 2))
        >>> [lane.places for lane in spread([Ask(a, save()), Ask(b, save()), Ask(a, save())])]
        [(0, 2), (1,)]
    """
    by_node: dict[ManagementAddress, list[int]] = {}
    for place, one in enumerate(asks):
        by_node.setdefault(one.node, []).append(place)
    lanes: list[Lane] = []
    for node, places in by_node.items():
        if all(asks[place].call.reads for place in places):
            lanes += [
                Lane(node, tuple(places[start::READS_AT_ONCE]), stops=False)
                for start in range(min(READS_AT_ONCE, len(places)))
            ]
        else:
            lanes.append(Lane(node, tuple(places), stops=True))
    return tuple(lanes)
