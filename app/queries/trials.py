"""Dry clearings: the sealed case of what an offering party may see, and its own offers that are only tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.book import case_of
from app.bridge.trials import trial_inputs
from app.offering import check_offers, deliverable, offer_of
from app.queries import models as q
from domain.commands import SubmitOffer
from domain.errors import Finding, Refused
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.rules import ClearingMode
from domain.ids import OfferId
from domain.lifecycle import OfferState, RequestState
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.units import energy_mwh

MATCHED = (
    "A continuous session matches orders one by one as they come, so nothing can be expected beforehand. "
    "Your order is matched, or stands in the book."
)


def check_offers_of(uow: UnitOfWork, principal: Principal, query: q.CheckOffers) -> q.OfferCheck:
    """What `PlaceOffers` would say now."""
    quantities = [
        value for offer in query.offers for line in offer.lines for value in line.quantity_mw if value.is_finite()
    ]
    return q.OfferCheck(
        findings=_found(uow, principal, query.offers, query.replaces), offered_mwh=energy_mwh(quantities)
    )


def prepare(uow: UnitOfWork, principal: Principal, query: q.TryOffers) -> q.Trial | q.OfferTrial:
    """The case to be solved, or the answer where there is nothing to solve.

    The case has the asker's own standing offers and the published requests that the TSO does not hold: nothing
    that a rival has sent.
    """
    findings = _found(uow, principal, query.offers, query.replaces)
    if findings:
        return q.OfferTrial(findings=findings)
    session = uow.get(MarketSession, query.offers[0].session_id)
    if session.clearing is ClearingMode.CONTINUOUS:
        return q.OfferTrial(reason=MATCHED)
    mine = uow.find(FlexOffer, session_id=session.id, party_id=principal.party_id, state=OfferState.SUBMITTED)
    standing = deliverable(uow, session, [offer for offer in mine if offer.id not in query.replaces])
    tried = tuple(
        offer_of(OfferId(f"tried-{k}"), principal, session, offer, uow.market)
        for k, offer in enumerate(query.offers)
    )
    published = uow.find(FlexRequest, session_id=session.id, state=RequestState.PUBLISHED)
    requests = [request for request in published if not request.held]
    try:
        case = case_of(uow, session, [*(o for o in mine if o.id in standing), *tried], requests)
    except Refused as refused:
        return q.OfferTrial(reason=_sentences(refused.findings))
    return q.Trial(session=session, tried=tried, asker=query.asker, inputs=trial_inputs(case, tried))


def _found(
    uow: UnitOfWork, principal: Principal, offers: Sequence[SubmitOffer], replaces: Sequence[OfferId]
) -> tuple[tuple[str, str, str], ...]:
    try:
        findings: Iterable[Finding] = check_offers(uow, principal, offers, replaces)
    except Refused as refused:
        findings = refused.findings
    return tuple((finding.code, finding.field, finding.sentence) for finding in findings)


def _sentences(findings: Iterable[Finding]) -> str:
    return " ".join(finding.sentence for finding in findings)
