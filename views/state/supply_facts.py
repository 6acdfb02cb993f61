"""What the suppliers' pages ask the desk, and the rows they show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import param

from app.queries.models import (
    AwardRow,
    GetShell,
    ListActivations,
    ListAssets,
    ListOfferedFlexibility,
    ListOffers,
    ListRegions,
    ListRequests,
    ListSessions,
    OfferedFlexibility,
    OfferRow,
    SessionRow,
)
from domain.flexibility.assets import FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import Award, FlexOffer, FlexRequest
from domain.flexibility.metering import PodMapping
from domain.flexibility.trading import is_continuous
from domain.ids import AssetId, RegionId, SessionId
from domain.lifecycle import ActivationState, OfferState, RequestState, SessionState
from domain.parties import Region
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import local, number, short, utc
from views.state.door import Door
from views.state.dso_room import ZONE_PREFIX
from views.state.records import price_text
from views.state.spans import active_span, active_span_utc
from views.state.supply_calls import call_words

ZERO = Decimal(0)


class PortfolioState(param.Parameterized):
    """The region looked at, and the request and own offer chosen in the books."""

    region_id = param.String(default="")
    request = param.String(default="")
    offer = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class SupplyFacts:
    """A supplier's side of the market: own assets, offers and awards; everybody's open requests."""

    regions: tuple[Region, ...]
    sessions: tuple[SessionRow, ...]
    assets: tuple[FlexAsset, ...]
    requests: tuple[FlexRequest, ...]
    offers: tuple[OfferRow, ...]
    awards: tuple[AwardRow, ...]
    now: datetime
    offered: tuple[OfferedFlexibility, ...] = ()

    def region(self, region_id: str) -> Region | None:
        """The wanted region, else the first with own assets, else the first."""
        wanted = next((r for r in self.regions if r.id == region_id), None)
        home = next((r for r in self.regions if any(a.region_id == r.id for a in self.assets)), None)
        return wanted or home or next(iter(self.regions), None)

    def day_of(self, session_id: SessionId) -> DeliveryDay | None:
        row = next((row for row in self.sessions if row.session.id == session_id), None)
        return None if row is None else DeliveryDay(day=row.session.delivery_day)

    def session_in(self, region_id: RegionId) -> SessionRow | None:
        """The region's session that is open, else its latest; continuous ones have a page of their own."""
        of_region = [row for row in self.sessions if row.region.id == region_id]
        own = [row for row in of_region if not is_continuous(row.session)] or of_region
        running = [row for row in own if row.session.state is SessionState.OPEN]
        return max(running or own, key=lambda row: row.session.delivery_day, default=None)

    @property
    def region_names(self) -> dict[str, str]:
        return {region.id: region.name for region in self.regions}

    @property
    def asset_names(self) -> dict[str, str]:
        return {asset.id: asset.name for asset in self.assets}


def supply_facts(door: Door) -> SupplyFacts:
    return replace(
        asset_facts(door),
        requests=door.ask(ListRequests()),
        offers=door.ask(ListOffers()),
        awards=door.ask(ListActivations()),
        offered=door.ask(ListOfferedFlexibility()),
    )


def asset_facts(door: Door) -> SupplyFacts:
    """What every owner of assets may ask: a retailer offers nothing and sees no book."""
    return SupplyFacts(
        regions=door.ask(ListRegions()),
        sessions=door.ask(ListSessions()),
        assets=door.ask(ListAssets()),
        requests=(),
        offers=(),
        awards=(),
        now=door.ask(GetShell()).market_now,
    )


def open_requests(facts: SupplyFacts, region_id: RegionId) -> list[FlexRequest]:
    """Requests of a region that still can be answered, the earliest deadline first."""
    published = [r for r in facts.requests if r.region_id == region_id and r.state is RequestState.PUBLISHED]
    found = [r for r in published if r.deadline > facts.now]
    return sorted(found, key=lambda r: (r.deadline, r.congestion_point))


def own_assets_at(request: FlexRequest, assets: Sequence[FlexAsset]) -> list[FlexAsset]:
    """Confirmed own assets at the request's buses."""
    return [a for a in assets if a.region_id == request.region_id and a.bus in request.buses and a.may_offer]


def _timed(facts: SupplyFacts, session_id: SessionId, values: Series) -> dict[str, str]:
    day = facts.day_of(session_id)
    if day is None:
        return {"span": "–", "span_utc": ""}
    return {
        "span": f"{day.day:%d %b} {active_span(day, values)}",
        "span_utc": active_span_utc(day, values),
    }


def _kind(of: FlexRequest | FlexOffer | Award) -> str:
    """Commodity and direction, such as `P down`."""
    return f"{of.commodity.value} {of.direction.value}"


def request_record(request: FlexRequest, facts: SupplyFacts) -> dict[str, Any]:
    own = own_assets_at(request, facts.assets)
    return {
        "zone": ("Held: " if request.held else "") + request.congestion_point.removeprefix(ZONE_PREFIX),
        "kind": _kind(request),
        **_timed(facts, request.session_id, request.quantity_mw),
        "peak_mw": max(request.quantity_mw, default=ZERO),
        "cap": request.price_cap_eur_per_mwh,
        "own": len(own),
        "deadline": local(request.deadline, "%d %b %H:%M"),
        "deadline_utc": utc(request.deadline),
        "request_id": request.id,
    }


def volumes(rows: Sequence[OfferRow]) -> dict[str, dict[Commodity, Decimal]]:
    """Energy offered and accepted by commodity, MWh and Mvarh."""
    return {
        "offered": {c: sum((r.offered_mwh for r in rows if r.offer.commodity is c), ZERO) for c in Commodity},
        "accepted": {
            c: sum((r.accepted_mwh or ZERO for r in rows if r.offer.commodity is c), ZERO) for c in Commodity
        },
    }


def price_words(values: Series) -> str:
    low, high = min(values), max(values)
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def offer_record(row: OfferRow, facts: SupplyFacts) -> dict[str, Any]:
    offer = row.offer
    total = tuple(sum(step, ZERO) for step in zip(*(line.quantity_mw for line in offer.lines), strict=True))
    names = facts.asset_names
    first = names.get(offer.lines[0].asset_id, offer.lines[0].asset_id)
    said = (call_words(offer, facts.offered, facts.awards), offer.terms.words())
    return {
        "state": offer.state.value,
        "asset": first if len(offer.lines) == 1 else f"{first} +{len(offer.lines) - 1}",
        "region": facts.region_names.get(offer.region_id, offer.region_id),
        "kind": _kind(offer),
        **_timed(facts, offer.session_id, total),
        "peak_mw": max(total),
        "offered_mwh": row.offered_mwh,
        "price": price_words(offer.price_eur_per_mwh),
        "terms": "; ".join(filter(None, said)) or "–",
        "accepted_mwh": row.accepted_mwh,
        "payment_eur": row.payment_eur,
        "id": short(offer.id),
        "offer_id": offer.id,
        "why": [_of_asset(entry.asset_id, words, facts) for entry, words in row.why],
        "withdrawable": offer.state is OfferState.SUBMITTED,
    }


def _of_asset(asset_id: AssetId, words: str, facts: SupplyFacts) -> str:
    return f"{facts.asset_names.get(asset_id, short(asset_id))}: {words}"


_BOOK_ORDER = (
    OfferState.SUBMITTED,
    OfferState.LOCKED,
    OfferState.ACCEPTED,
    OfferState.PARTLY_ACCEPTED,
    OfferState.REJECTED,
    OfferState.WITHDRAWN,
)


def offer_records(facts: SupplyFacts) -> list[dict[str, Any]]:
    """The book: what stands or was accepted before what came to nothing, the newest first in each."""
    rows = sorted(facts.offers, key=lambda row: _BOOK_ORDER.index(row.offer.state))
    return [offer_record(row, facts) for row in rows]


def award_record(row: AwardRow, facts: SupplyFacts) -> dict[str, Any]:
    award, activation = row.award, row.activation
    return {
        "state": activation.state.value if activation else award.state.value,
        "asset": row.asset.name,
        "kind": _kind(award),
        **_timed(facts, award.session_id, award.accepted_mw),
        "peak_mw": max(award.accepted_mw, default=ZERO),
        "accepted_mwh": row.accepted_mwh,
        "price": price_text(award.price_eur_per_mwh, award.accepted_mw),
        "payment_eur": award.payment_eur,
        "reason": activation.reason if activation else "",
        "activation_id": activation.id if activation else None,
        "open": activation is not None and activation.state is ActivationState.REQUESTED,
    }


def asset_record(
    asset: FlexAsset,
    region_names: Mapping[str, str],
    party_names: Mapping[str, str],
    pods: Mapping[AssetId, PodMapping],
) -> dict[str, Any]:
    mapping = pods.get(asset.id)
    return {
        "state": asset.state.value,
        "name": asset.name,
        "kind": asset.kind.value,
        "region": region_names.get(asset.region_id, asset.region_id),
        "unit": asset.unit_id,
        "bus": asset.bus,
        "p_min_mw": asset.p_min_mw,
        "p_max_mw": asset.p_max_mw,
        "brp": party_names.get(asset.brp_id, asset.brp_id) if asset.brp_id else "–",
        "pod": mapping.pod_id if mapping else "not mapped yet",
        "reason": _reason(asset),
        "id": asset.id,
    }


def _reason(asset: FlexAsset) -> str:
    """Why it was refused, or the condition it was confirmed under."""
    if asset.condition is None:
        return asset.reason
    return f"{asset.condition.words()}. {asset.reason}".strip()


def portfolio_record(asset: FlexAsset, facts: SupplyFacts) -> dict[str, Any]:
    """An asset with what is offered and awarded of it for the day that its region trades, active power in MWh."""
    day = day_to_show(facts, asset.region_id, facts.now.date())
    sessions = {row.session.id for row in facts.sessions if row.session.delivery_day == day}
    offered = [
        energy_mwh(line.quantity_mw)
        for row in facts.offers
        if row.offer.session_id in sessions
        and row.offer.commodity is Commodity.P
        and row.offer.state is not OfferState.WITHDRAWN
        for line in row.offer.lines
        if line.asset_id == asset.id
    ]
    awarded = [
        row.accepted_mwh
        for row in facts.awards
        if row.award.asset_id == asset.id
        and row.award.session_id in sessions
        and row.award.commodity is Commodity.P
    ]
    return {
        **asset_record(asset, facts.region_names, {}, {}),
        "offered_mwh": sum(offered, ZERO),
        "awarded_mwh": sum(awarded, ZERO),
    }


def revenue_of_day(facts: SupplyFacts) -> tuple[date | None, Decimal]:
    """The last delivery day with published payments, and what they sum to, EUR."""
    days = {row.session.id: row.session.delivery_day for row in facts.sessions}
    paid = [(days[row.offer.session_id], row.payment_eur) for row in facts.offers if row.payment_eur is not None]
    last = max((day for day, _ in paid), default=None)
    return last, sum((amount for day, amount in paid if day == last), ZERO)


def day_to_show(facts: SupplyFacts, region_id: RegionId, fallback: date) -> date:
    """Delivery day of the region's running or latest session."""
    row = facts.session_in(region_id)
    return fallback if row is None else row.session.delivery_day
