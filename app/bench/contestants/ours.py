"""FlexDesk itself as a contestant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.bench.contestants.protocol import RefusedError, serve
from app.bridge import bench

TO_PRICES = ("clearing", "prices")
"""Stages between the compiled network and prices."""


def needs(case: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Needs of all steps: compiling the grid, power flow and search for needs."""
    found = bench.needs_of(case["grid"], case["p_mw"], case["q_mvar"])
    watched = found.vm_pu[settings["first"] : settings["first"] + settings["watched"]]
    return found.seconds, {"vm_pu": watched.tolist(), "needs": found.n_needs}


def clear(case: Mapping[str, Any], _settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """A clearing; judged by the seconds from compiled network to prices."""
    cleared = bench.clear_document(case)
    if cleared.result is None:
        raise RefusedError("; ".join(cleared.findings))
    result = cleared.result
    if result["status"] == "not_cleared":
        raise RefusedError(f"not cleared: {result['reason']}")
    stages = result["solve"]["seconds"]
    gap = result["solve"].get("model_gap", result["gap"])
    known = {"objective_eur": result["objective_eur"], "unmet": len(result["unmet"]), "gap": gap}
    return sum(stages.get(stage, 0.0) for stage in TO_PRICES), known | {"stages": stages}


if __name__ == "__main__":
    serve({"needs": needs, "clear": clear})
