"""What relief of a limit costs by each offer, from the engine's sensitivities at the baseline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.bridge.networks import translate
from domain.errors import raise_if
from engine import COST_UNITS, UNITS, assess, impact_factors, read_case

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PassedLimit:
    """A limit that the schedules pass in a step: `value` and `limit` in percent of the rating, or pu of voltage.

    `effect_unit` is of the effect per MW (Mvar), `cost_unit` of the cost of relief.
    """

    element: str
    kind: str
    step: int
    value: float
    limit: float
    effect_unit: str
    cost_unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Relief:
    """`effect` [n_limits, n_lines] change of the limit's quantity per MW (Mvar) accepted, `cost` of the same shape
    at the offers' prices, inf where a line does not relieve the limit; `line_ids` are `OFFERID/ASSETID`."""

    limits: tuple[PassedLimit, ...]
    line_ids: tuple[str, ...]
    effect: Floats
    cost: Floats


@lru_cache(maxsize=8)
def relief_of(inputs: bytes) -> Relief:
    """Of a case, as a `clearing` job takes it: exact first derivatives of the AC state of its schedules; cached.

    Raises:
        Refused: findings of the case.
    """
    case, findings = read_case(json.loads(inputs))
    if case is None:
        raise_if(translate(findings, "malformed"))
        raise RuntimeError("the case reader gave neither a case nor a finding")
    impact = impact_factors(case, assess(case))
    for array in (impact.factor, impact.relief_cost):
        array.flags.writeable = False
    return Relief(
        limits=tuple(
            PassedLimit(
                element=need.element,
                kind=need.kind,
                step=need.step,
                value=need.value,
                limit=need.limit,
                effect_unit=UNITS[need.kind],
                cost_unit=COST_UNITS[need.kind],
            )
            for need in impact.needs
        ),
        line_ids=impact.offer_ids,
        effect=impact.factor,
        cost=impact.relief_cost,
    )
