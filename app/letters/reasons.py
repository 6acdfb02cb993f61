"""Why a session is not cleared, as sentences."""

from __future__ import annotations

from collections.abc import Mapping

CANCELLED = "cancelled"
REASONS: Mapping[str, str] = {
    CANCELLED: "The clearing was cancelled.",
    "not_settled": "The search has not settled on awards.",
    "power_flow_diverged": "The AC power flow of the schedules has no solution.",
    "proof_failed": "The independent power flow of the awards shows violations that no unmet need explains.",
    "trust_region_collapsed": "The search found no awards that keep the limits.",
    "no_choice_found": "No combination of whole offers could be found that keeps the limits.",
    "limits_not_kept": "No trades could be found that keep the limits.",
    "vcg_not_certified": "What each participant is worth to the market could not be computed for all.",
}
SOLVER = "The solver found no awards."


def reason_sentence(reason: str) -> str:
    """The sentence for an engine's reason code (docs/engine.md); what is a sentence already stays as it is."""
    return SOLVER if reason.startswith("solver: ") else REASONS.get(reason, reason)
