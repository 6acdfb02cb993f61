"""What a clearing brought, in the domain's own terms. Positive power is upward (injection)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from domain.flexibility.explanation import Explanation
from domain.flexibility.market import Award
from domain.ids import OfferId, RequestId
from domain.units import Series

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class UnmetRow:
    """What stays unmet: the element with value and limit, or the bus with the missing change."""

    element: str
    kind: str
    step: int
    value: float
    limit: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """The independent AC power flow of the awards."""

    clean: bool
    vm_min_pu: float
    vm_max_pu: float
    max_loading_percent: float
    worst: str


@dataclass(frozen=True, kw_only=True, eq=False)
class PriceParts:
    """Prices of one commodity and the parts they add up from, each [n_steps, n_buses].

    up, down : what an accepted change of that direction is worth there, per MWh or Mvarh of change; in an auction
        they hold the balance's price beside the network's, which is all that `total` has then
    """

    up: Floats
    down: Floats
    total: Floats
    energy: Floats
    loss: Floats
    congestion: Floats
    voltage: Floats

    def at(self, positions: list[int]) -> PriceParts:
        """The same at some of the buses."""
        return PriceParts(**{field.name: getattr(self, field.name)[:, positions] for field in fields(self)})


@dataclass(frozen=True, kw_only=True, eq=False)
class NodalPrices:
    """Distribution locational marginal prices, buses in the order of `bus_ids`: `p` EUR/MWh, `q` EUR/Mvarh."""

    bus_ids: tuple[str, ...]
    p: PriceParts
    q: PriceParts | None

    def at(self, buses: Set[str]) -> NodalPrices:
        """The same at these buses only."""
        kept = [position for position, bus in enumerate(self.bus_ids) if bus in buses]
        return NodalPrices(
            bus_ids=tuple(self.bus_ids[position] for position in kept),
            p=self.p.at(kept),
            q=None if self.q is None else self.q.at(kept),
        )


@dataclass(frozen=True, kw_only=True)
class ResultFacts:
    """A result file's figures. `gap` is None unless certified; `pivotal` (VCG): without one of these parties more
    need would have stayed unmet."""

    status: str
    reason: str
    objective_eur: Decimal | None
    welfare_eur: Decimal | None
    lower_bound_eur: Decimal | None
    pivotal: tuple[str, ...]
    gap: float | None
    unmet: tuple[UnmetRow, ...]
    payments_eur: Mapping[str, Decimal]
    proof: ProofView | None
    n_needs_before: int
    case_sha256: str
    result_sha256: str
    solve_seconds: float


@dataclass(frozen=True, kw_only=True)
class ClearingOutcome:
    """What the market takes over: awards (also of nothing), why offers were not accepted in full, and what stays
    unmet of each request, [n_steps] MW or Mvar."""

    status: str
    reason: str
    awards: tuple[Award, ...]
    explanations: Mapping[OfferId, tuple[Explanation, ...]]
    unmet_mw: Mapping[RequestId, Series]
    facts: ResultFacts

    @property
    def n_unmet(self) -> int:
        return len(self.facts.unmet)

    @property
    def proof_clean(self) -> bool:
        return self.facts.proof is not None and self.facts.proof.clean
