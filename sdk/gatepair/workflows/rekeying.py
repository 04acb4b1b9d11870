"""Make a pair as it is declared and give it the declared shared key, whichever one it has.

No appliance tells its key, nor which version of it that is, so whoever asks for this decides that it is
needed. Run again, it writes the same key once more.

A pair that is whole gets the key first: what follows may need the two to synchronize, which they do not
after a rotation that was cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gatepair.workflows import converge
from gatepair.workflows.keys import Resolve, open_key
from gatepair.workflows.observation import Shape
from gatepair.workflows.observe import Addresses, observe
from gatepair.workflows.rotation import can_prove, rotate_key, rotation_steps

if TYPE_CHECKING:
    from gatepair.models import Pair
    from gatepair.workflows.backups import Keep
    from gatepair.workflows.core import Flow
    from gatepair.workflows.observation import ObservedPair
    from gatepair.workflows.plan import ChangePlan


def plan_rekeying(addresses: Addresses, desired: Pair, resolve: Resolve) -> Flow[ChangePlan]:
    """Return what `converge_and_rotate` would do.

    Raises:
        SecretUnavailable: The declared key is not there, or is no usable one.
        PreflightFailed: It would do nothing but fail.
    """
    open_key(desired, resolve)
    plan = yield from converge.plan(addresses, desired, resolve)
    pair = yield from observe(addresses, tolerant=True)
    if _is_whole(pair) and pair.primary:
        primary = pair.primary.address
        rotation = rotation_steps(primary, desired.other(primary), proof=can_prove(pair))
        return attrs.evolve(plan, steps=(*rotation, *plan.steps))
    proof = desired.failover.synchronization
    rotation = rotation_steps(desired.preferred_primary, desired.joining, proof=proof)
    return attrs.evolve(plan, steps=(*plan.steps, *rotation))


def converge_and_rotate(
    addresses: Addresses, desired: Pair, resolve: Resolve, keep: Keep | None = None
) -> Flow[ObservedPair]:
    """Form, mend or change the pair until it is as declared, with the declared key on both appliances.

    Args:
        addresses: The two appliances in canonical order.
        desired: The declaration.
        resolve: Fetches the shared key.
        keep: Puts away a backup of a joining node whose own configuration goes; absent for none.

    Raises:
        SecretUnavailable: The declared key is not there, or is no usable one; nothing was changed.
        PreflightFailed: Something stands against it; nothing was changed.
        GatepairError: A node refused a change or was lost; running it again goes on from there.
    """
    key = open_key(desired, resolve)
    # Refuses what cannot be done before the key is touched.
    yield from converge.plan(addresses, desired, resolve)
    whole = _is_whole((yield from observe(addresses, tolerant=True)))
    if whole:
        yield from rotate_key(addresses, key)
    found = yield from converge.converge(addresses, desired, resolve, keep)
    if not whole:
        yield from rotate_key(addresses, key)
    return found


def _is_whole(pair: ObservedPair) -> bool:
    return pair.shape is Shape.FORMED and len(pair.reachable) == len(pair.nodes)
