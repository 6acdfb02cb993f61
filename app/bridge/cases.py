"""Market sessions to the engine's cases and results back to the market; each way beside its inverse.

Every (offer, line) is one engine offer named `OFFERID/ASSETID`. A session clears by its own rules on the AC
network, the DSO being the operator that pays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.bridge import networks, schedules
from app.bridge.awards import award_of, explanation_of, settled
from app.bridge.numbers import exact, floats, series
from app.bridge.outcomes import ClearingOutcome
from app.bridge.results import result_document, result_facts
from app.bridge.trading import BookFacts, keeps
from domain.errors import refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.market import Activation, FlexOffer, FlexRequest, MarketSession, OfferLine
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing
from domain.flexibility.terms import OfferTerms
from domain.ids import AssetId, PartyId, RegionId, RequestId
from domain.time import MTU, DeliveryDay
from domain.units import MAX_PRICE_EUR_PER_MWH, Series, add_series
from engine import canonical_json

NOT_CLEARED = "not_cleared"
NEVER: Mapping[str, datetime] = MappingProxyType({})
SERIES = {
    Commodity.P: ("quantity_mw", "price_eur_per_mwh"),
    Commodity.Q: ("quantity_mvar", "price_eur_per_mvarh"),
}
"""The case format's names for the quantity and the price of a commodity."""
Changes = Mapping[tuple[str, Commodity], Series]


def needs_inputs(network: str, schedule: str, region_id: RegionId, day: date) -> bytes:
    """Inputs of a `needs` job: a case without offers and requests, in canonical JSON.

    Raises:
        Refused: findings of the documents.
    """
    return canonical_json(_bare_case(network, schedule, day, str(region_id), ClearingRules()))


def case_from(
    network: str,
    schedule: str,
    session: MarketSession,
    assets: Iterable[FlexAsset],
    offers: Iterable[FlexOffer],
    requests: Iterable[FlexRequest],
    operator: PartyId,
    day_ahead_eur_per_mwh: Series | None = None,
    withdrawn_at: Mapping[str, datetime] = NEVER,
    called: Iterable[Activation] = (),
) -> bytes:
    """A session as a `flexdesk.case/1` in canonical JSON, offers and requests in the order of their ids.

    day_ahead_eur_per_mwh : [n_steps], needed where the session prices energy; withdrawn_at : by the id of an order
    whose rest was withdrawn, in a continuous session; called : what the DSO has called of offers by itself, which
    the network has to bear whatever is cleared

    Raises:
        Refused: findings of the documents; `no_prices`.
    """
    by_id = {asset.id: asset for asset in assets}
    offers, requests = tuple(offers), tuple(requests)
    rated = session.clearing is not ClearingMode.CONTINUOUS
    sharing = {
        line.asset_id for offer in offers if rated and offer.commodity is Commodity.Q for line in offer.lines
    }
    case = _bare_case(
        network, schedule, session.delivery_day, str(operator), session.rules, _changes(called, by_id)
    )
    if session.energy is EnergyPricing.PRICED:
        case["coupling_price_eur_per_mwh"] = _coupling_prices(session, day_ahead_eur_per_mwh)
    lines = [(line_id(offer, line), offer, line) for offer in offers for line in offer.lines]
    case["offers"] = [
        _offer(name, offer, line, by_id[line.asset_id], line.asset_id in sharing)
        for name, offer, line in sorted(lines, key=lambda entry: entry[0])
    ]
    case["requests"] = [_request(request) for request in sorted(requests, key=lambda request: request.id)]
    if session.clearing is ClearingMode.CONTINUOUS:
        _add_moments(case, requests, withdrawn_at)
    return canonical_json(case)


def _add_moments(
    case: dict[str, Any], requests: Iterable[FlexRequest], withdrawn_at: Mapping[str, datetime]
) -> None:
    """A continuous session is a sequence: when each request came and when rests were withdrawn."""
    came = {request.id: request.published_at for request in requests}
    for entry in case["requests"]:
        entry["submitted_at"] = _instant(came[entry["id"]])
    for entry in (*case["offers"], *case["requests"]):
        gone = withdrawn_at.get(entry["id"].partition("/")[0])
        if gone is not None:
            entry["withdrawn_at"] = _instant(gone)


def _offer(name: str, offer: FlexOffer, line: OfferLine, asset: FlexAsset, shares_rating: bool) -> dict[str, Any]:
    """A line as the case has it. The asset is named by its unit, so that the baseline counts in its rating, which
    all its offers share once one of them is of Q (continuous clearing takes each step as an order of its own)."""
    quantity, price = SERIES[offer.commodity]
    rating = asset.s_max_mva if shares_rating else None
    return {
        "id": name,
        "party": offer.party_id,
        "asset": asset.unit_id,
        "bus": asset.bus,
        "commodity": offer.commodity.value,
        "direction": offer.direction.value,
        "submitted_at": _instant(offer.submitted_at),
        quantity: floats(line.quantity_mw),
        price: floats(offer.price_eur_per_mwh),
        **({} if rating is None else {"s_max_mva": float(rating)}),
        **_terms(offer.terms),
    }


def _terms(terms: OfferTerms) -> dict[str, Any]:
    """The terms that are set; an offer without them is written as before there were any."""
    sizes = {name: getattr(terms, name) for name in ("min_acceptance", "max_energy_mwh", "ramp_mw_per_step")}
    return ({"block": True} if terms.block else {}) | {name: float(size) for name, size in sizes.items() if size}


def _request(request: FlexRequest) -> dict[str, Any]:
    quantity, price = SERIES[request.commodity]
    return {
        "id": request.id,
        "party": request.dso_id,
        "buses": list(request.buses),
        "commodity": request.commodity.value,
        "direction": request.direction.value,
        quantity: floats(request.quantity_mw),
        price: float(request.price_cap_eur_per_mwh),
    }


def outcome_from(
    result: bytes, session: MarketSession, offers: Iterable[FlexOffer], requests: Iterable[FlexRequest]
) -> ClearingOutcome:
    """Inverse of `case_from`: awards, explanations, unmet need of each request and the result's figures."""
    document = result_document(result)
    facts = result_facts(result)
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    if facts.status == NOT_CLEARED:
        return ClearingOutcome(
            status=NOT_CLEARED, reason=facts.reason, awards=(), explanations={}, unmet_mw={}, facts=facts
        )
    entries: Mapping[str, Any] = document["awards"]
    ordered = sorted(offers, key=lambda offer: offer.id)
    awards = [
        award_of(session, offer, line, entries[line_id(offer, line)]) for offer in ordered for line in offer.lines
    ]
    return ClearingOutcome(
        status=facts.status,
        reason=facts.reason,
        awards=tuple(settled(awards, facts.payments_eur)),
        explanations={offer.id: _explanations(offer, entries) for offer in ordered},
        unmet_mw={request.id: _missing_mw(document, request, n_steps) for request in requests},
        facts=facts,
    )


def keeps_trades(result: bytes, told: BookFacts) -> bool:
    """Whether a `clearing` job's result begins with the trades that were told while the session was open."""
    return keeps(told, result_document(result)) if told.trades else True


def line_id(offer: FlexOffer, line: OfferLine) -> str:
    """The engine's name of one line of an offer."""
    return f"{offer.id}/{line.asset_id}"


def _explanations(offer: FlexOffer, entries: Mapping[str, Any]) -> tuple[Explanation, ...]:
    said = (explanation_of(line, entries[line_id(offer, line)]) for line in offer.lines)
    return tuple(explanation for explanation in said if explanation is not None)


def _coupling_prices(session: MarketSession, day_ahead_eur_per_mwh: Series | None) -> list[float]:
    if day_ahead_eur_per_mwh is None:
        day = f"{session.delivery_day:%d.%m.%Y}"
        sentence = f"Energy has the day-ahead price, and {day} has no day-ahead prices yet; upload them."
        raise refuse("no_prices", "energy", sentence)
    return floats(day_ahead_eur_per_mwh)


def _changes(called: Iterable[Activation], assets: Mapping[AssetId, FlexAsset]) -> Changes:
    """By unit and commodity, what is called of it, [n_steps]."""
    changes: dict[tuple[str, Commodity], Series] = {}
    for call in called:
        key = (assets[call.asset_id].unit_id, call.commodity)
        changes[key] = add_series([call.p_mw, *([changes[key]] if key in changes else ())], len(call.p_mw))
    return changes


def _bare_case(
    network: str,
    schedule: str,
    day: date,
    operator: str,
    rules: ClearingRules,
    changes: Changes = MappingProxyType({}),
) -> dict[str, Any]:
    facts = networks.read(network)
    planned = schedules.read(network, schedule, day)
    delivery = DeliveryDay(day=day)
    minutes = int(MTU.total_seconds()) // 60
    return {
        "schema": "flexdesk.case/1",
        "grid": facts.block,
        "time": {"start": _instant(delivery.start), "mtu_minutes": minutes, "n_steps": delivery.n_steps},
        "baseline": {"units": [_baseline_unit(unit, planned, changes) for unit in facts.units]},
        "coupling_price_eur_per_mwh": 0.0,
        "offers": [],
        "requests": [],
        "options": {
            "clearing": rules.clearing.value,
            "physics": "ac",
            "payment": rules.payment.value,
            "energy": rules.energy.value,
            "operator": operator,
            "unmet_price_eur_per_mwh": float(MAX_PRICE_EUR_PER_MWH),
            "seed": 0,
        },
    }


def _baseline_unit(unit: networks.UnitFacts, planned: schedules.ScheduleFacts, changes: Changes) -> dict[str, Any]:
    """The case format counts a load's consumption and everything else's injection."""
    entry: dict[str, Any] = {"id": unit.unit_id, "bus": unit.bus, "kind": unit.kind}
    for field, by_unit, commodity in (
        ("p_mw", planned.p_mw, Commodity.P),
        ("q_mvar", planned.q_mvar, Commodity.Q),
    ):
        values: Series = by_unit.get(unit.unit_id, ())
        change = changes.get((unit.unit_id, commodity), ())
        values = add_series(filter(None, (values, change)), len(change)) if change else values
        if any(values):
            consumed = unit.kind == "load"
            entry[field] = floats([Decimal(0) - value for value in values] if consumed else values)
    return entry


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _missing_mw(document: Mapping[str, Any], request: FlexRequest, n_steps: int) -> Series:
    """What stays missing of a request, [n_steps]: what no offer served, on the network the virtual change."""
    served = _served(document, request.id)
    if served is None:
        virtual = [entry for entry in document["unmet"] if entry.get("request") == request.id]
        quantity, _ = SERIES[request.commodity]
        return series(_sums([(entry["step"], entry[quantity]) for entry in virtual], n_steps))
    taken = _sums([(entry["step"], entry["quantity"]) for entry in served], n_steps)
    return series(asked - q for asked, q in zip(request.quantity_mw, taken, strict=True))


def _served(document: Mapping[str, Any], request_id: RequestId) -> Sequence[Mapping[str, Any]] | None:
    """A request's part of an auction or its matches; None on the network, where requests only cap prices."""
    if "matches" in document:
        return [match for match in document["matches"] if match["request"] == request_id]
    return document["served"][request_id] if "served" in document else None


def _sums(amounts: Iterable[tuple[int, float]], n_steps: int) -> list[Decimal]:
    sums = [Decimal(0)] * n_steps
    for step, amount in amounts:
        sums[step] += exact(amount)
    return sums
