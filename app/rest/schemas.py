"""Bodies and answers of the interface. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from app.rest.fields import Day, Exact, Filter, Id, In, Instant, Out, Password, Text

T = TypeVar("T")
Direction = Literal["up", "down"]
Commodity = Literal["P", "Q"]
Clearing = Literal["network", "requests", "copperplate", "continuous"]
Payment = Literal["pay_as_bid", "nodal", "vcg"]
Energy = Literal["ignored", "priced"]
SeriesIn = Annotated[list[Exact], Field(min_length=1, max_length=200)]


class ReasonIn(In):
    """Why something is refused, for whom it concerns."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Items(Out, Generic[T]):
    """A list, in an object so that it can grow."""

    items: list[T]


# -- account ------------------------------------------------------------------------------------------------


class TokenIn(In):
    account: Text
    password: Password


class TokenOut(Out):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6750's word
    expires_at: Instant


class Health(Out):
    status: Literal["ok"] = "ok"
    version: str
    market_time: Instant


class NotificationOut(Out):
    id: str
    event: str
    sentence: str
    link: str
    market_at: Instant
    read: bool


# -- market -------------------------------------------------------------------------------------------------


class RegionOut(Out):
    id: str
    name: str
    dso_id: str
    tso_id: str


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


class LineIn(In):
    """One asset's part: `quantity_mw` [n_steps], MW (Mvar in an offer of `Q`), not negative."""

    asset_id: Id
    quantity_mw: SeriesIn


class TermsIn(In):
    """Terms of an offer from one asset. `min_acceptance`: share of each quarter hour; budget and ramp of `P`."""

    block: bool = False
    min_acceptance: Exact = Decimal(0)
    max_energy_mwh: Exact | None = None
    ramp_mw_per_step: Exact | None = None


class OfferIn(In):
    """A FlexOffer of one commodity over one or more own assets at `price_eur_per_mwh` [n_steps].

    Of active power (`P`) in MW and EUR/MWh, of reactive power (`Q`) in Mvar and EUR/Mvarh."""

    session_id: Id
    commodity: Commodity = "P"
    direction: Direction
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1000)]
    price_eur_per_mwh: SeriesIn
    terms: TermsIn = TermsIn()


class LineOut(Out):
    asset_id: str
    quantity_mw: list[Exact]


class TermsOut(Out):
    block: bool
    min_acceptance: Exact
    max_energy_mwh: Exact | None
    ramp_mw_per_step: Exact | None


class OfferOut(Out):
    id: str
    party_id: str
    session_id: str
    region_id: str
    commodity: Commodity
    direction: Direction
    lines: list[LineOut]
    price_eur_per_mwh: list[Exact]
    terms: TermsOut
    submitted_at: Instant
    state: str


class WhyOut(Out):
    """Why the part of an asset was not accepted in full; `accepted_if` is the price that would have been."""

    asset_id: str
    kind: str
    element: str
    step: int | None
    local_price_eur_per_mwh: Exact | None
    accepted_if_eur_per_mwh: Exact | None
    exact: bool
    sentence: str


class OfferRowOut(OfferOut):
    """An offer in the book; `accepted_mwh` and `payment_eur` are null and `why` is empty before the result is
    published."""

    offered_mwh: Exact
    accepted_mwh: Exact | None
    payment_eur: Exact | None
    why: list[WhyOut]


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


# -- grid ---------------------------------------------------------------------------------------------------


class ConditionOut(Out):
    """The most that may be offered of an asset, MW (null: not limited), in these hours of the local day."""

    most_up_mw: Exact | None
    most_down_mw: Exact | None
    from_hour: int
    to_hour: int


class AssetOut(Out):
    id: str
    owner_id: str
    region_id: str
    unit_id: str
    bus: str
    name: str
    kind: str
    p_min_mw: Exact
    p_max_mw: Exact
    flexible_share: Exact
    s_max_mva: Exact | None
    brp_id: str | None
    customer_id: str | None
    state: str
    reason: str
    condition: ConditionOut | None


class NeedOut(Out):
    """One element's need of the day; `value` and `limit` in pu (`voltage`) or percent (`loading`)."""

    element: str
    kind: str
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit: float


# -- filters ------------------------------------------------------------------------------------------------


class SessionFilter(Filter):
    region_id: Id | None = None
    delivery_day: Day | None = None


class RequestFilter(Filter):
    session_id: Id | None = None
    region_id: Id | None = None


class OfferFilter(Filter):
    session_id: Id | None = None


class RegionFilter(Filter):
    region_id: Id | None = None


class NeedFilter(Filter):
    region_id: Id
    delivery_day: Day


class NotificationFilter(Filter):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
