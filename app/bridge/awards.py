"""From a result's entry for one line of an offer to its award, its payment and its explanation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from app.bridge.numbers import HOURS_PER_STEP, exact, price, series
from domain.flexibility.explanation import Explanation
from domain.flexibility.market import Award, FlexOffer, MarketSession, OfferLine
from domain.ids import AssetId, AwardId
from domain.units import CENT, Series, total


def award_of(session: MarketSession, offer: FlexOffer, line: OfferLine, entry: Mapping[str, Any]) -> Award:
    """The award of a line in whole watts, its payment still exact: price times accepted change, and make-whole.

    A result without a price of its own paid the offer's.
    """
    prices = _prices(entry["price"], offer.price_eur_per_mwh)
    make_whole = Decimal(entry["make_whole_eur"] or 0)
    worth = total([p * exact(q) for p, q in zip(prices, entry["accepted"], strict=True)])
    return Award(
        id=_award_id(offer, line.asset_id),
        session_id=session.id,
        region_id=session.region_id,
        offer_id=offer.id,
        asset_id=line.asset_id,
        party_id=offer.party_id,
        direction=offer.direction,
        commodity=offer.commodity,
        accepted_mw=series(entry["accepted"]),
        price_eur_per_mwh=tuple(price(value) for value in prices),
        payment_eur=worth * HOURS_PER_STEP + make_whole,
        make_whole_eur=make_whole,
    )


def settled(awards: Sequence[Award], payments_eur: Mapping[str, Decimal]) -> list[Award]:
    """Payments in cents such that each party's awards add up to what the result pays it.

    What a rule pays a party beside prices (VCG's bonus) goes to its awards by their energy. Then all are rounded
    down and the missing cents go to the largest remainders (Hare and Niemeyer), ties by offer and asset.
    """
    paid = {award.id: award.payment_eur.quantize(CENT, rounding=ROUND_FLOOR) for award in awards}
    for party in sorted({award.party_id for award in awards}):
        own = [award for award in awards if award.party_id == party and any(award.accepted_mw)]
        if own:
            paid |= _shared(own, payments_eur[party])
    return [replace(award, payment_eur=paid[award.id]) for award in awards]


def _shared(own: Sequence[Award], payment_eur: Decimal) -> dict[AwardId, Decimal]:
    """A party's payment over its awards, in cents."""
    beside = payment_eur - total([award.payment_eur for award in own])
    energy = total([total(award.accepted_mw) for award in own])
    due = {a.id: a.payment_eur + beside * total(a.accepted_mw) / energy for a in own}
    paid = {award: amount.quantize(CENT, rounding=ROUND_FLOOR) for award, amount in due.items()}
    missing = int((payment_eur - total(list(paid.values()))) / CENT)
    for award in sorted(due, key=lambda award: paid[award] - due[award])[:missing]:
        paid[award] += CENT
    return paid


def explanation_of(line: OfferLine, entry: Mapping[str, Any]) -> Explanation | None:
    """Why the line was not accepted in full; None where the result says nothing.

    The price that would have been accepted is rounded down, so that it still holds.
    """
    why = entry["why"]
    if why is None:
        return None
    local, needed = why.get("local_price"), (why.get("accepted_if") or {}).get("price")
    return Explanation(
        asset_id=line.asset_id,
        kind=why.get("kind") or "",
        element=str(why.get("element") or ""),
        step=why.get("step"),
        local_price_eur_per_mwh=None if local is None else price(exact(local)),
        accepted_if_eur_per_mwh=None if needed is None else exact(needed).quantize(CENT, rounding=ROUND_FLOOR),
        exact=bool(why.get("exact", True)),
    )


def _prices(of_result: Sequence[float | None] | None, of_offer: Series) -> Series:
    """What is paid per MWh in each step, exact; the offer's price where the result names none."""
    if of_result is None:
        return of_offer
    pairs = zip(of_result, of_offer, strict=True)
    return tuple(bid if paid is None else exact(paid) for paid, bid in pairs)


def _award_id(offer: FlexOffer, asset_id: AssetId) -> AwardId:
    """The same for the same offer and asset, so that a result taken over twice is found out."""
    return AwardId("AW-" + hashlib.sha256(f"{offer.id}/{asset_id}".encode()).hexdigest()[:12])
