"""What a clearing brought, in the domain's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.flexibility.market import Award
from domain.ids import RequestId
from domain.units import Series


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


@dataclass(frozen=True, kw_only=True)
class ResultFacts:
    """A result file's figures. `unmet_bus_mw`: missing change by (bus, direction), [n_steps]."""

    status: str
    reason: str
    objective_eur: Decimal | None
    unmet: tuple[UnmetRow, ...]
    payments_eur: Mapping[str, Decimal]
    proof: ProofView | None
    n_needs_before: int
    case_sha256: str
    result_sha256: str
    solve_seconds: float


@dataclass(frozen=True, kw_only=True)
class ClearingOutcome:
    """What the market takes over: awards (also of nothing), and what stays unmet of each request, [n_steps] MW."""

    status: str
    reason: str
    awards: tuple[Award, ...]
    unmet_mw: Mapping[RequestId, Series]
    facts: ResultFacts

    @property
    def n_unmet(self) -> int:
        return len(self.facts.unmet)

    @property
    def proof_clean(self) -> bool:
        return self.facts.proof is not None and self.facts.proof.clean
