"""Bodies and answers of sessions, requests and results. Series have one value per quarter hour of the day."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rest.fields import Day, Exact, Id, In, Instant, Out, Text
from app.rest.schemas import Clearing, Commodity, Direction, Energy, Paging, Payment, SeriesIn


class GateOut(Out):
    id: str
    kind: str
    due_at: Instant
    done: bool


class SessionOut(Out):
    id: str
    region_id: str
    delivery_day: Day
    state: str
    reason: str
    opens_at: Instant
    gate_closes_at: Instant
    publishes_at: Instant
    clearing: Clearing
    payment: Payment
    energy: Energy
    gates: list[GateOut]
    n_requests: int
    n_offers: int
    requested_mwh: Exact
    offered_mwh: Exact
    awarded_mwh: Exact
    requested_mvarh: Exact
    offered_mvarh: Exact
    awarded_mvarh: Exact


class SessionIn(In):
    """A session of a region's delivery day: opens, closes its gate, publishes, in that order."""

    region_id: Id
    delivery_day: Day
    opens_at: Instant
    gate_closes_at: Instant
    publishes_at: Instant
    clearing: Clearing = "network"
    payment: Payment = "pay_as_bid"
    energy: Energy = "ignored"


class SessionFilter(Paging):
    region_id: Id | None = None
    delivery_day: Day | None = None


class RulesIn(In):
    """How a session is cleared and paid; `priced` energy has the day-ahead price."""

    clearing: Clearing
    payment: Payment
    energy: Energy


class RequestIn(In):
    """A FlexRequest: `quantity_mw` [n_steps], not negative, in `direction` at buses of the DSO's grid.
    A BRP may leave `buses` out and means the whole region.

    Of active power (`P`) in MW and EUR/MWh, of reactive power (`Q`) in Mvar and EUR/Mvarh."""

    session_id: Id
    congestion_point: Text
    buses: Annotated[list[Text], Field(max_length=1000)] = Field(default_factory=list)
    commodity: Commodity = "P"
    direction: Direction
    quantity_mw: SeriesIn
    price_cap_eur_per_mwh: Exact
    deadline: Instant


class RequestOut(Out):
    id: str
    dso_id: str
    region_id: str
    session_id: str
    congestion_point: str
    buses: list[str]
    commodity: Commodity
    direction: Direction
    quantity_mw: list[Exact]
    price_cap_eur_per_mwh: Exact
    deadline: Instant
    published_at: Instant
    state: str
    unmet_mw: list[Exact]
    review: str
    review_note: str


class RequestFilter(Paging):
    session_id: Id | None = None
    region_id: Id | None = None
    direction: Direction | None = None
    commodity: Commodity | None = None


class AwardOut(Out):
    id: str
    offer_id: str
    asset_id: str
    party_id: str
    commodity: Commodity
    direction: Direction
    accepted_mw: list[Exact]
    price_eur_per_mwh: list[Exact]
    payment_eur: Exact
    make_whole_eur: Exact
    state: str


class UnmetOut(Out):
    element: str
    kind: str
    step: int
    value: float
    limit: float
    reason: str


class ProofOut(Out):
    """The independent AC power flow of the awards."""

    clean: bool
    vm_min_pu: float
    vm_max_pu: float
    max_loading_percent: float
    worst: str


class ResultOut(Out):
    session_id: str
    session_state: str
    status: str
    reason: str
    objective_eur: Exact | None
    welfare_eur: Exact | None
    lower_bound_eur: Exact | None
    gap: float | None
    pivotal: list[str]
    awards: list[AwardOut]
    unmet: list[UnmetOut]
    payments_eur: dict[str, Exact]
    proof: ProofOut | None
    n_needs_before: int
    case_sha256: str
    result_sha256: str
    solve_seconds: float


class PartsOut(Out):
    """A price over the day [n_steps] and the parts it adds up from; `up` and `down` are what an accepted change of
    that direction is worth."""

    up: list[float]
    down: list[float]
    total: list[float]
    energy: list[float]
    loss: list[float]
    congestion: list[float]
    voltage: list[float]


class BusPricesOut(Out):
    """The prices at one bus; `q_eur_per_mvarh` is null where the clearing gave none."""

    bus: str
    p_eur_per_mwh: PartsOut
    q_eur_per_mvarh: PartsOut | None
