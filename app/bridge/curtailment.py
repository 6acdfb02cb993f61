"""Technical validation: a player's question with the DSO's day to the engine, and its answer back.

`inputs` has all that `solve` needs, so that any process may run it; `answer_from` reads what it gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from app.bridge import cases, networks
from app.bridge.networks import NetworkFacts, translate
from app.bridge.numbers import exact
from app.bridge.solved import Progress, read
from domain.errors import Finding, raise_if
from domain.ids import RegionId
from domain.platform.validation import (
    BindingLimit,
    CouplingLimits,
    LimitKind,
    SystemOperator,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
    area_findings,
    coupling_findings,
    request_findings,
)
from domain.time import MTU, DeliveryDay, market_day
from domain.units import total
from engine import Binding, InvalidInput, Share, canonical_json, compile_network, curtailment
from engine import CouplingLimits as EngineLimits

HERE = RegionId(SystemOperator.DSO)
MILLIONTH = Decimal("0.000001")
BOTH = "both"
"""The answer that keeps the DSO's limits and the TSO's."""


def inputs(network: str, schedule: str, request: TechnicalValidationRequest, limits: CouplingLimits) -> bytes:
    """The question in canonical JSON: a bare case of the request's delivery day, the moments of the exchange with
    the quarter hour and the power of each, the share of every bus, and the TSO's limits.

    network, schedule : the DSO's documents, the schedules being those of the day that `request.start` is in

    Raises:
        Refused: findings of the request, of the load area, of the limits, of the documents.
    """
    raise_if([*request_findings(request), *coupling_findings(limits)])
    facts = networks.read(network)
    shares = _share_of_bus(facts, request)
    day = DeliveryDay(day=market_day(request.start))
    moments = request.moments()
    document = {
        "request_id": request.id,
        "case": json.loads(cases.needs_inputs(network, schedule, HERE, day.day)),
        "moments": [
            {"at": _iso(at), "step": (at - day.start) // MTU, "power_mw": float(request.power_mw(at))}
            for at in moments
        ],
        "share_of_bus": {bus: float(share) for bus, share in sorted(shares.items())},
        "coupling": {name: float(value) for name, value in vars(limits).items() if value is not None},
    }
    return canonical_json(document)


def solve(job_inputs: bytes, progress: Progress) -> bytes:
    """Run a technical validation: the answer in canonical JSON.

    Raises:
        Refused: the power flow has no solution without the exchange; findings of the case.
    """
    document = json.loads(job_inputs)
    progress("needs", 0.0)
    case = read(document["case"])
    network = compile_network(case.grid)
    steps = [moment["step"] for moment in document["moments"]]
    power_mw = np.array([moment["power_mw"] for moment in document["moments"]])
    share = np.zeros(len(network.bus_ids))
    for bus, part in document["share_of_bus"].items():
        share[network.bus_index[bus]] = part
    p_mw, q_mvar = case.net_p_mw[steps], case.net_q_mvar[steps]
    try:
        found = curtailment(network, p_mw, q_mvar, np.outer(power_mw, share), EngineLimits(**document["coupling"]))
    except InvalidInput as invalid:
        raise_if(translate(invalid.findings, "invalid_schedule"))
        raise
    progress("done", 1.0)
    times = [moment["at"] for moment in document["moments"]]
    return canonical_json(
        {
            "request_id": document["request_id"],
            **{name: _share_out(getattr(found, name), times) for name in (*SystemOperator, BOTH)},
        }
    )


def answer_from(result: bytes) -> TechnicalValidationResponse:
    """What `solve` found."""
    document = json.loads(result)
    dso, tso, both = (document[name] for name in (*SystemOperator, BOTH))
    return TechnicalValidationResponse(
        request_id=document["request_id"],
        share=_rounded(both["share"]),
        dso_share=_rounded(dso["share"]),
        tso_share=_rounded(tso["share"]),
        binding=_binding(both["binding"]),
        dso_binding=_binding(dso["binding"]),
        tso_binding=_binding(tso["binding"]),
    )


def _share_of_bus(facts: NetworkFacts, request: TechnicalValidationRequest) -> dict[str, Decimal]:
    """Every part's share at its bus, or spread over its feeder's buses as the rated powers connected there."""
    feeders: dict[str, dict[str, Decimal]] = {zone: {} for zone in facts.zone_of_bus.values()}
    for unit in facts.units:
        rated = feeders[facts.zone_of_bus[unit.bus]]
        rated[unit.bus] = rated.get(unit.bus, Decimal(0)) + unit.p_max_mw
    raise_if(area_findings(request, {*facts.bus_ids, *feeders}))
    shares: dict[str, Decimal] = {}
    found = []
    for i, part in enumerate(request.load_area):
        spread = {part.name: Decimal(1)} if part.name in facts.zone_of_bus else feeders[part.name]
        whole = total(list(spread.values()))
        if not whole:
            sentence = "Nobody is connected to this feeder; name a bus."
            found.append(Finding(code="unknown_area", field=f"load_area[{i}].name", sentence=sentence))
            continue
        for bus, weight in spread.items():
            shares[bus] = shares.get(bus, Decimal(0)) + part.share * weight / whole
    raise_if(found)
    return shares


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _share_out(found: Share, times: list[str]) -> dict[str, Any]:
    return {"share": found.share, "binding": None if found.binding is None else _binding_out(found.binding, times)}


def _binding_out(binding: Binding, times: list[str]) -> dict[str, Any]:
    numbers = {name: getattr(binding, name) for name in ("limit", "base", "value", "whole")}
    return {
        "operator": binding.operator,
        "element": binding.element,
        "kind": binding.kind,
        "at": times[binding.step],
        **{name: number if np.isfinite(number) else None for name, number in numbers.items()},
    }


def _binding(entry: Mapping[str, Any] | None) -> BindingLimit | None:
    if entry is None:
        return None
    numbers = {name: entry[name] for name in ("limit", "base", "value", "whole")}
    return BindingLimit(
        operator=SystemOperator(entry["operator"]),
        element=entry["element"],
        kind=LimitKind(entry["kind"]),
        at=datetime.fromisoformat(entry["at"]),
        **{name: None if number is None else _rounded(number) for name, number in numbers.items()},
    )


def _rounded(value: float) -> Decimal:
    """To a millionth, which is exact for shares; no negative zero."""
    return exact(value).quantize(MILLIONTH, rounding=ROUND_HALF_EVEN) + Decimal(0)
