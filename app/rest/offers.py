"""Offers that are sent together, and dry clearings of offers that are not sent yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from fastapi import APIRouter

from app.queries.models import OfferTrial, TryOffers
from app.rest import offers_schemas as o
from app.rest.access import FromCaller
from app.rest.strict import StrictRoute
from domain.commands import PlaceOffers, SubmitOffer
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, OfferLine
from domain.flexibility.terms import OfferTerms
from domain.ids import AssetId, OfferId, SessionId

router = APIRouter(route_class=StrictRoute, tags=["market"])
FROM_REST = "rest"


def submission(body: o.OfferIn) -> SubmitOffer:
    """The command of a body."""
    return SubmitOffer(
        session_id=SessionId(body.session_id),
        direction=Direction(body.direction),
        lines=tuple(
            OfferLine(asset_id=AssetId(line.asset_id), quantity_mw=tuple(line.quantity_mw)) for line in body.lines
        ),
        price_eur_per_mwh=tuple(body.price_eur_per_mwh),
        commodity=Commodity(body.commodity),
        terms=OfferTerms(**dict(body.terms)),
    )


@router.post("/offers/together", status_code=201)
def place_offers(caller: FromCaller, body: o.OffersIn) -> o.OffersOut:
    """ESP, aggregator: submit offers together, withdrawing own ones that they replace; all or none."""
    command = PlaceOffers(
        offers=tuple(submission(offer) for offer in body.offers),
        replaces=tuple(OfferId(offer_id) for offer_id in body.replaces),
    )
    placed = cast("tuple[FlexOffer, ...]", caller.execute(command))
    return o.OffersOut(items=[o.OfferOut.model_validate(offer) for offer in placed])


@router.post("/offers/dry-clearing")
def try_offer(caller: FromCaller, body: o.OfferIn) -> o.TrialOut:
    """ESP, aggregator: what an offer would be awarded and paid, and why not; nothing is sent."""
    trial = caller.query(TryOffers(offers=(submission(body),), asker=FROM_REST))
    return _trial(trial)


def _trial(trial: OfferTrial) -> o.TrialOut:
    tried = trial.offers[0] if trial.offers else None
    return o.TrialOut(
        feasible=not trial.findings,
        findings=[
            o.FindingOut(code=code, field=field.removeprefix("offers[0]."), sentence=sentence)
            for code, field, sentence in trial.findings
        ],
        reason=trial.reason,
        accepted_mw=list(tried.accepted_mw) if tried else None,
        lines=[o.TriedLineOut.model_validate(line) for line in tried.lines] if tried else [],
        revenue_eur=trial.revenue_eur,
        why=[o.WhyOut(**asdict(entry), sentence=words) for entry, words in tried.why] if tried else [],
    )
