"""The rows of the route table for the work on a running pair."""

from __future__ import annotations

from gatepair_bridge.api import upkeep
from gatepair_bridge.api.messages import Scope
from gatepair_bridge.api.routing import Route
from gatepair_bridge.api.routing_words import DRY_RUN, PAIR

UPKEEP: tuple[Route, ...] = (
    Route(
        method="POST",
        template=f"{PAIR}/verify",
        scope=Scope.OPERATE,
        handler=upkeep.verify,
        name="verifyPair",
        summary="Prove that failover works: fail over while users are watched, and judge it.",
        tag="Operating a pair",
        query=(DRY_RUN,),
        body="VerifyRequest?",
        answers={200: "VerifyReport"},
        changes=True,
    ),
    Route(
        method="POST",
        template=f"{PAIR}/sync",
        scope=Scope.OPERATE,
        handler=upkeep.synchronize,
        name="synchronizePair",
        summary="Copy the primary's configuration to the secondary, and wait until it is there.",
        tag="Operating a pair",
        query=(DRY_RUN,),
        body="SyncRequest?",
        answers={200: "SyncResult"},
        changes=True,
    ),
    Route(
        method="POST",
        template=f"{PAIR}/restart",
        scope=Scope.OPERATE,
        handler=upkeep.restart,
        name="restartPair",
        summary="Restart the appliances one after the other, users served by the other one.",
        tag="Operating a pair",
        query=(DRY_RUN,),
        body="RestartRequest?",
        answers={200: "RestartResult"},
        changes=True,
    ),
    Route(
        method="POST",
        template=f"{PAIR}/rotate-key",
        scope=Scope.CHANGE,
        handler=upkeep.rotate_key,
        name="rotateKey",
        summary="Give both appliances a new shared key, and synchronize with it.",
        tag="Operating a pair",
        query=(DRY_RUN,),
        body="KeyRequest",
        answers={200: "KeyRotation"},
        changes=True,
    ),
    Route(
        method="POST",
        template=f"{PAIR}/upgrade",
        scope=Scope.OPERATE,
        handler=upkeep.upgrade,
        name="upgradePair",
        summary="Upgrade both appliances, users served by the other one; stops where a check fails.",
        tag="Operating a pair",
        query=(DRY_RUN,),
        body="UpgradeRequest",
        answers={200: "UpgradeReport"},
        changes=True,
    ),
)
