"""Bodies and answers of offers that are sent together or cleared dry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rest.fields import Exact, Id, In, Out
from app.rest.schemas import OfferIn, OfferOut, WhyOut


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
