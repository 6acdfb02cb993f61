"""Bodies and answers of offers: single ones, those that are sent together, and those that are cleared dry."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.rest.fields import Exact, Id, In, Instant, Out
from app.rest.schemas import Commodity, Direction, Paging, SeriesIn


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


class OfferFilter(Paging):
    session_id: Id | None = None
    region_id: Id | None = None
    direction: Direction | None = None
    commodity: Commodity | None = None


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


class OffersIn(In):
    """Offers of one session that are taken together or not at all; own offers that they replace are withdrawn."""

    offers: Annotated[list[OfferIn], Field(min_length=1, max_length=20)]
    replaces: list[Id] = Field(default=[], max_length=20)


class OffersOut(Out):
    items: list[OfferOut]


class FindingOut(Out):
    code: str
    field: str
    sentence: str


class TriedLineOut(Out):
    """What one asset would be awarded, [n_steps], in the units of the offer's commodity."""

    asset_id: str
    accepted_mw: list[Exact]
    price_eur_per_mwh: list[Exact]
    make_whole_eur: Exact


class TrialOut(Out):
    """A dry clearing's answer beside the own standing offers and the published requests; rivals are not in it.

    `feasible`: the market would take the offer, else `findings` say why not. Without an expectation `reason` says
    why, and `accepted_mw` and `revenue_eur` are null. `why`: what would not be accepted in full."""

    feasible: bool
    findings: list[FindingOut]
    reason: str
    accepted_mw: list[Exact] | None
    lines: list[TriedLineOut]
    revenue_eur: Exact | None
    why: list[WhyOut]
