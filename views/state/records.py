"""Read models as records of the books: plain values by column key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from app.queries.models import AwardRow, OfferRow, ResultView, UnmetRow
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexRequest
from domain.ids import AssetId, PartyId
from domain.parties import Party, Region
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import MISSING, floats, local, number, power_words, request_state, short, utc

Record = dict[str, Any]
UNMET_REASONS = {"no_offer": "no offer reaches it", "above_cap": "offers cost more than the cap"}
COUPLING = PartyId("coupling")
UNITS = {"voltage": ("pu", 4), "loading": ("%", 1)} | {
    f"{commodity.value} {direction.value}": (commodity.units.power, 3)
    for commodity in Commodity
    for direction in Direction
}


def offer_record(row: OfferRow, assets: Mapping[AssetId, FlexAsset]) -> Record:
    """One offer of the book."""
    offer = row.offer
    return {
        "id": short(offer.id),
        "offer_id": offer.id,
        "party": row.party.name,
        "assets": assets_text([line.asset_id for line in offer.lines], assets),
        "power": power_words(offer.commodity),
        "direction": offer.direction.value,
        "peak_mw": max(sum_lines(offer.lines)),
        "energy_mwh": row.offered_mwh,
        "price": price_text(offer.price_eur_per_mwh, sum_lines(offer.lines)),
        "accepted_mwh": row.accepted_mwh,
        "payment_eur": row.payment_eur,
        "at": local(offer.submitted_at),
        "at_utc": utc(offer.submitted_at),
        "call_until": local(row.call_until) if row.call_until else "",
        "call_until_utc": utc(row.call_until) if row.call_until else "",
        "state": offer.state.value,
    }


def request_record(request: FlexRequest, day: DeliveryDay) -> Record:
    return {
        "id": short(request.id),
        "request_id": request.id,
        "point": request.congestion_point,
        "buses": ", ".join(request.buses),
        "power": power_words(request.commodity),
        "direction": request.direction.value,
        "peak_mw": max(request.quantity_mw),
        "energy_mwh": energy_mwh(request.quantity_mw),
        "hours": span_text(request.quantity_mw, day),
        "cap": request.price_cap_eur_per_mwh,
        "deadline": local(request.deadline),
        "deadline_utc": utc(request.deadline),
        "unmet_mwh": energy_mwh(request.unmet_mw) if request.unmet_mw else None,
        "state": request_state(request),
    }


def award_record(row: AwardRow, day: DeliveryDay) -> Record:
    award = row.award
    return {
        "offer_id": award.offer_id,
        "party": row.party.name,
        "asset": row.asset.name,
        "bus": row.asset.bus,
        "power": power_words(award.commodity),
        "direction": award.direction.value,
        "peak_mw": max(award.accepted_mw),
        "energy_mwh": row.accepted_mwh,
        "hours": span_text(award.accepted_mw, day),
        "price": price_text(award.price_eur_per_mwh, award.accepted_mw),
        "payment_eur": award.payment_eur,
        "call": row.activation.state.value if row.activation else "",
    }


def payment_records(
    payments: Mapping[PartyId, Decimal], parties: Mapping[PartyId, Party], awards: Iterable[AwardRow] = ()
) -> list[Record]:
    """Who gets and who pays, largest receipt first; the last record is the sum, which must be 0.00."""
    whole: dict[PartyId, Decimal] = {}
    for row in awards:
        whole[row.award.party_id] = whole.get(row.award.party_id, Decimal(0)) + row.award.make_whole_eur
    lines = [
        {"party": payee(party, parties), "make_whole_eur": whole.get(party) or None, "payment_eur": amount}
        for party, amount in sorted(payments.items(), key=lambda item: (-item[1], item[0]))
    ]
    total = sum(whole.values(), Decimal(0)) or None
    return [*lines, {"party": "Sum", "make_whole_eur": total, "payment_eur": sum(payments.values(), Decimal(0))}]


def operator_pays_eur(result: ResultView, region: Region) -> Decimal | None:
    """What the region's DSO pays for the session, negative where it is paid; None where it is not told."""
    amount = result.payments_eur.get(region.dso_id)
    return None if amount is None else -amount


def payee(party: PartyId, parties: Mapping[PartyId, Party]) -> str:
    """A participant's name; the coupling point stands for whoever delivers the energy there."""
    if party == COUPLING:
        return "Coupling point (energy)"
    return parties[party].name if party in parties else str(party)


def why_record(row: OfferRow, explanation: Explanation, words: str, assets: Mapping[AssetId, FlexAsset]) -> Record:
    """Why one asset's part of an offer was not accepted in full."""
    offer = row.offer
    (quantity,) = [line.quantity_mw for line in offer.lines if line.asset_id == explanation.asset_id]
    return {
        "offer_id": offer.id,
        "party": row.party.name,
        "asset": asset_name(explanation.asset_id, assets),
        "power": power_words(offer.commodity),
        "direction": offer.direction.value,
        "price": price_text(offer.price_eur_per_mwh, quantity),
        "why": words,
    }


def unmet_record(row: UnmetRow, day: DeliveryDay) -> Record:
    unit, places = UNITS[row.kind]
    return {
        "element": row.element,
        "kind": row.kind,
        "at": day.label(row.step),
        "value": f"{row.value:.{places}f} {unit}",
        "limit": f"{row.limit:.{places}f} {unit}",
        "reason": UNMET_REASONS.get(row.reason, row.reason),
    }


def job_record(job: Job, parties: Mapping[PartyId, Party], regions: Mapping[str, str]) -> Record:
    return {
        "id": short(job.id),
        "kind": job.kind,
        "region": regions.get(job.region_id, job.region_id),
        "day": f"{job.delivery_day:%d %b %Y}",
        "owner": parties[job.owner_id].name if job.owner_id in parties else job.owner_id,
        "at": f"{job.submitted_at:%d %b %H:%M} UTC",
        "progress": 100.0 * job.progress,
        "state": job.state.value,
        "stage": job.error or job.stage,
    }


def busiest(
    offers: Iterable[OfferRow], requests: Iterable[FlexRequest], n_steps: int
) -> tuple[Commodity, Direction, int]:
    """Where most is asked for, or else offered: commodity (P if there is any), direction, step; P down at noon
    without any."""
    asked = [(r.commodity, r.direction, floats(r.quantity_mw)) for r in requests]
    asked = asked or [(o.offer.commodity, o.offer.direction, floats(sum_lines(o.offer.lines))) for o in offers]
    for commodity in (c for c in Commodity if any(of is c for of, _, _ in asked)):
        totals = {
            direction: sum((q for c, d, q in asked if (c, d) == (commodity, direction)), np.zeros(n_steps))
            for direction in Direction
        }
        direction = max(totals, key=lambda d: float(totals[d].max()))
        return commodity, direction, int(totals[direction].argmax())
    return Commodity.P, Direction.DOWN, n_steps // 2


def assets_text(asset_ids: Sequence[AssetId], assets: Mapping[AssetId, FlexAsset]) -> str:
    """The first asset's name, and how many more there are."""
    first, more = asset_name(asset_ids[0], assets), len(asset_ids) - 1
    return f"{first} and {more} more" if more else first


def asset_name(asset_id: AssetId, assets: Mapping[AssetId, FlexAsset]) -> str:
    return assets[asset_id].name if asset_id in assets else short(asset_id)


def price_text(prices: Series, quantities: Series) -> str:
    """The price, or its range, over the steps with a quantity."""
    at_work = [price for price, p_mw in zip(prices, quantities, strict=True) if p_mw]
    if not at_work:
        return MISSING
    low, high = min(at_work), max(at_work)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def span_text(quantities: Series, day: DeliveryDay) -> str:
    """From the first to past the last quarter hour with a quantity, such as 11:00–15:00."""
    steps = [step for step, p_mw in enumerate(quantities) if p_mw]
    if not steps:
        return MISSING
    end = day.label(steps[-1] + 1)
    return f"{day.label(steps[0])}–{end if end != '00:00' else '24:00'}"


def sum_lines(lines: Sequence[Any]) -> Series:
    return tuple(sum(values, Decimal(0)) for values in zip(*(line.quantity_mw for line in lines), strict=True))
