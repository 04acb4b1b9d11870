"""All documents of the API by their names."""

from __future__ import annotations

from typing import Final

from gatepair_bridge.api import reports, schemas, upkeep_reports

DOCUMENTS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        schemas.Pair,
        schemas.PairDeclaration,
        schemas.PairEntry,
        schemas.Network,
        schemas.VirtualIp,
        reports.NodeStatus,
        reports.PairStatus,
        reports.PreflightReport,
        reports.DryRun,
        reports.FailoverRequest,
        reports.FailoverResult,
        upkeep_reports.VerifyRequest,
        upkeep_reports.VerifyReport,
        upkeep_reports.SyncRequest,
        upkeep_reports.SyncResult,
        upkeep_reports.RestartRequest,
        upkeep_reports.RestartResult,
        upkeep_reports.KeyRequest,
        upkeep_reports.KeyRotation,
        upkeep_reports.UpgradeRequest,
        upkeep_reports.UpgradeReport,
        reports.Operation,
        reports.Health,
        reports.Problem,
    )
}
