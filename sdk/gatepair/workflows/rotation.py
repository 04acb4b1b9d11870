"""Give both appliances a new shared key and prove that they use it.

Heartbeats do not depend on the key, synchronization does, so the pair stays together while the two
appliances have different ones for a moment. The secondary is told first: what it refuses has not been
changed on the primary. A run that was cut off leaves a failed synchronization at worst; the next one
writes the key everywhere again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.errors import GatepairError, NitroError, SyncFailed
from gatepair.nitro import calls
from gatepair.nitro.resources.ha import SYNC_OFF
from gatepair.workflows.changes import sync_state
from gatepair.workflows.core import Ask, Flow, announce, at_once, now, together
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.resync import require_whole
from gatepair.workflows.synchronization import resynchronize
from gatepair.workflows.upkeep_result import KeyRotation
from gatepair.workflows.writing import save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatepair.models import ManagementAddress, Secret
    from gatepair.nitro.call import Call
    from gatepair.workflows.observation import ObservedNode, ObservedPair


def plan_rotate_key(addresses: Addresses) -> Flow[ChangePlan]:
    """Return what `rotate_key` would do."""
    pair = yield from observe(addresses)
    primary, secondary = require_whole(pair, "rotate-key")
    return ChangePlan(steps=tuple(rotation_steps(primary.address, secondary.address, proof=can_prove(pair))))


def rotation_steps(
    primary: ManagementAddress, secondary: ManagementAddress, *, proof: bool
) -> Iterator[PlannedStep]:
    """Yield the steps of a rotation.

    Args:
        primary: Who serves.
        secondary: Who does not.
        proof: Whether the two synchronize, which shows that they have one key.
    """
    for address in (secondary, primary):
        yield PlannedStep(
            id="shared-key",
            title="Write the new shared key for both addresses of the pair",
            node=str(address),
        )
    if proof:
        yield PlannedStep(
            id="synchronize",
            title=f"Synchronize {secondary} with the new key",
            node=str(secondary),
            impact=Impact.RESYNC,
            notice="Between the two writes changes do not reach the secondary; it catches up here.",
        )
    yield PlannedStep(id="save", title="Save the configuration on both appliances")


def rotate_key(addresses: Addresses, key: Secret, previous: Secret | None = None) -> Flow[KeyRotation]:
    """Write a new shared key on both appliances, synchronize with it, save.

    Where synchronization is off, that both have one key is not proved, as nothing depends on it then.

    Args:
        addresses: The two appliances in canonical order.
        key: The new key.
        previous: The key until now, to go back to if the primary does not accept the new one.

    Raises:
        InvalidInput: An appliance does not accept the key; both have the one from before, if that is
            known.
        SyncFailed: They have the new key, but the synchronization failed.
    """
    pair = yield from observe(addresses)
    primary, secondary = require_whole(pair, "rotate-key")
    start = yield from now()
    yield from announce("shared-key", "writing the new shared key", secondary.address)
    yield from together(*_writes(pair, secondary, key))
    yield from announce("shared-key", "writing the new shared key", primary.address)
    outcomes = yield from at_once(*_writes(pair, primary, key))
    refusal = next((outcome for outcome in outcomes if isinstance(outcome, GatepairError)), None)
    if refusal is not None:
        yield from _go_back(pair, previous, refusal)
        raise refusal
    found = yield from _proved(addresses) if can_prove(pair) else observe(addresses)
    yield from save(node.address for node in (primary, secondary))
    return KeyRotation(
        nodes=tuple(str(node.address) for node in pair.nodes),
        primary=str(found.primary.address) if found.primary else "",
        seconds=(yield from now()) - start,
    )


def can_prove(pair: ObservedPair) -> bool:
    """Tell whether the two synchronize, which shows that they have one key."""
    return sync_state(pair) not in SYNC_OFF


def _writes(pair: ObservedPair, node: ObservedNode, key: Secret) -> list[Ask]:
    """Return the calls that give one node the key for its own and for its peer's address."""
    keyed: list[Call] = [calls.set_shared_key(each.nsip, key) for each in pair.nodes]
    return [Ask(node.address, call) for call in keyed]


def _go_back(pair: ObservedPair, previous: Secret | None, refusal: GatepairError) -> Flow[None]:
    """Give both nodes the key from before, if it is known and the refusal was meant."""
    if previous is None or not isinstance(refusal, NitroError):
        refusal.remedy = (
            "The two appliances have different keys now and do not synchronize. Run it again: the key is "
            f"written on both anew. {refusal.remedy}".strip()
        )
        return
    yield from announce("undo", "writing the shared key from before on both appliances")
    yield from at_once(*(one for node in pair.nodes for one in _writes(pair, node, previous)))


def _proved(addresses: Addresses) -> Flow[ObservedPair]:
    try:
        return (yield from resynchronize(addresses))
    except SyncFailed as error:
        error.remedy = (
            "Both appliances have the new key, yet do not synchronize: their administrator passwords may "
            "differ. Mend that and run it again."
        )
        raise
