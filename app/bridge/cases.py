"""Market sessions to the engine's cases and results back to the market; each way beside its inverse.

Every (offer, line) is one engine offer named `OFFERID/ASSETID`. Sessions clear as redispatch on the AC network
(energy ignored, paid as bid), the DSO being the operator that pays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any

from app.bridge import networks, schedules
from app.bridge.numbers import HOURS_PER_STEP, floats, price, series, watts
from app.bridge.outcomes import ClearingOutcome, ProofView, ResultFacts, UnmetRow
from app.bridge.packing import unpack
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import Award, FlexOffer, FlexRequest, MarketSession, OfferLine
from domain.ids import AssetId, AwardId, PartyId, RegionId, RequestId
from domain.time import MTU, DeliveryDay
from domain.units import CENT, MAX_PRICE_EUR_PER_MWH, Series
from engine import canonical_json

NOT_CLEARED = "not_cleared"

OPTIONS = {
    "clearing": "network",
    "physics": "ac",
    "payment": "pay_as_bid",
    "energy": "ignored",
    "unmet_price_eur_per_mwh": float(MAX_PRICE_EUR_PER_MWH),
    "seed": 0,
}


def needs_inputs(network: str, schedule: str, region_id: RegionId, day: date) -> bytes:
    """Inputs of a `needs` job: a case without offers and requests, in canonical JSON.

    Raises:
        Refused: findings of the documents.
    """
    return canonical_json(_bare_case(network, schedule, day, str(region_id)))


def case_from(
    network: str,
    schedule: str,
    session: MarketSession,
    assets: Iterable[FlexAsset],
    offers: Iterable[FlexOffer],
    requests: Iterable[FlexRequest],
    operator: PartyId,
) -> bytes:
    """A session as a `flexdesk.case/1` in canonical JSON, offers and requests in the order of their ids.

    Raises:
        Refused: findings of the documents.
    """
    bus_of = {asset.id: asset.bus for asset in assets}
    case = _bare_case(network, schedule, session.delivery_day, str(operator))
    lines = [(line_id(offer, line), offer, line) for offer in offers for line in offer.lines]
    case["offers"] = [
        {
            "id": name,
            "party": offer.party_id,
            "asset": line.asset_id,
            "bus": bus_of[line.asset_id],
            "commodity": "P",
            "direction": offer.direction.value,
            "submitted_at": _instant(offer.submitted_at),
            "quantity_mw": floats(line.quantity_mw),
            "price_eur_per_mwh": floats(offer.price_eur_per_mwh),
        }
        for name, offer, line in sorted(lines, key=lambda entry: entry[0])
    ]
    case["requests"] = [
        {
            "id": request.id,
            "party": request.dso_id,
            "buses": list(request.buses),
            "commodity": "P",
            "direction": request.direction.value,
            "quantity_mw": floats(request.quantity_mw),
            "price_eur_per_mwh": float(request.price_cap_eur_per_mwh),
        }
        for request in sorted(requests, key=lambda request: request.id)
    ]
    return canonical_json(case)


def outcome_from(
    result: bytes, session: MarketSession, offers: Iterable[FlexOffer], requests: Iterable[FlexRequest]
) -> ClearingOutcome:
    """Inverse of `case_from`: awards, unmet need of each request and the result's figures."""
    document = result_document(result)
    facts = result_facts(result)
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    if facts.status == NOT_CLEARED:
        return ClearingOutcome(status=NOT_CLEARED, reason=facts.reason, awards=(), unmet_mw={}, facts=facts)
    awards = [
        _award(session, offer, line, document["awards"][line_id(offer, line)])
        for offer in sorted(offers, key=lambda offer: offer.id)
        for line in offer.lines
    ]
    return ClearingOutcome(
        status=facts.status,
        reason=facts.reason,
        awards=tuple(_settled(awards, facts.payments_eur)),
        unmet_mw={request.id: _unmet_mw(document["unmet"], request.id, n_steps) for request in requests},
        facts=facts,
    )


def line_id(offer: FlexOffer, line: OfferLine) -> str:
    """The engine's name of one line of an offer."""
    return f"{offer.id}/{line.asset_id}"


def result_document(result: bytes) -> dict[str, Any]:
    """The `flexdesk.result/1` document in the result of a `clearing` job."""
    document: dict[str, Any] = unpack(result)[0]["result"]
    return document


@lru_cache(maxsize=32)
def result_facts(result: bytes) -> ResultFacts:
    """The figures of a `clearing` job's result; cached."""
    document = result_document(result)
    objective = document["objective_eur"]
    solve = document["solve"]
    return ResultFacts(
        status=document["status"],
        reason=document["reason"] or "",
        objective_eur=None if objective is None else price(objective),
        unmet=tuple(_unmet_row(entry) for entry in document["unmet"]),
        payments_eur={party: Decimal(amount) for party, amount in document["payments"].items()},
        proof=_proof(document["proof"]),
        n_needs_before=len(document["needs"]),
        case_sha256=solve["case_sha256"],
        result_sha256=solve["result_sha256"],
        solve_seconds=round(sum(solve["seconds"].values()), 3),
    )


def _bare_case(network: str, schedule: str, day: date, operator: str) -> dict[str, Any]:
    facts = networks.read(network)
    planned = schedules.read(network, schedule, day)
    delivery = DeliveryDay(day=day)
    minutes = int(MTU.total_seconds()) // 60
    return {
        "schema": "flexdesk.case/1",
        "grid": facts.block,
        "time": {"start": _instant(delivery.start), "mtu_minutes": minutes, "n_steps": delivery.n_steps},
        "baseline": {"units": [_baseline_unit(unit, planned) for unit in facts.units]},
        "coupling_price_eur_per_mwh": 0.0,
        "offers": [],
        "requests": [],
        "options": {**OPTIONS, "operator": operator},
    }


def _baseline_unit(unit: networks.UnitFacts, planned: schedules.ScheduleFacts) -> dict[str, Any]:
    """The case format counts a load's consumption and everything else's injection."""
    entry: dict[str, Any] = {"id": unit.unit_id, "bus": unit.bus, "kind": unit.kind}
    for field, by_unit in (("p_mw", planned.p_mw), ("q_mvar", planned.q_mvar)):
        values: Series = by_unit.get(unit.unit_id, ())
        if any(values):
            consumed = unit.kind == "load"
            entry[field] = floats([Decimal(0) - value for value in values] if consumed else values)
    return entry


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _award(session: MarketSession, offer: FlexOffer, line: OfferLine, entry: Mapping[str, Any]) -> Award:
    accepted = series(entry["accepted"])
    worth = sum((p * q for p, q in zip(offer.price_eur_per_mwh, accepted, strict=True)), Decimal(0))
    return Award(
        id=_award_id(offer, line.asset_id),
        session_id=session.id,
        region_id=session.region_id,
        offer_id=offer.id,
        asset_id=line.asset_id,
        party_id=offer.party_id,
        direction=offer.direction,
        accepted_mw=accepted,
        price_eur_per_mwh=offer.price_eur_per_mwh,
        payment_eur=worth * HOURS_PER_STEP,
    )


def _award_id(offer: FlexOffer, asset_id: AssetId) -> AwardId:
    """The same for the same offer and asset, so that a result taken over twice is found out."""
    return AwardId("AW-" + hashlib.sha256(f"{offer.id}/{asset_id}".encode()).hexdigest()[:12])


def _settled(awards: Sequence[Award], payments_eur: Mapping[str, Decimal]) -> list[Award]:
    """Exact payments brought to cents so that each party's awards add up to its payment: all rounded down, the
    missing cents to the largest remainders (Hare and Niemeyer), ties by offer and asset."""
    rounded = {a.id: a.payment_eur.quantize(CENT, rounding=ROUND_FLOOR) for a in awards}
    for party in sorted({award.party_id for award in awards}):
        own = [award for award in awards if award.party_id == party and any(award.accepted_mw)]
        missing = payments_eur[party] - sum((rounded[award.id] for award in own), Decimal(0))
        by_rest = sorted(own, key=lambda a: rounded[a.id] - a.payment_eur)
        for award in by_rest[: int(missing / CENT)]:
            rounded[award.id] += CENT
    return [replace(award, payment_eur=rounded[award.id]) for award in awards]


def _unmet_mw(unmet: Sequence[Mapping[str, Any]], request_id: RequestId, n_steps: int) -> Series:
    missing = [Decimal(0)] * n_steps
    for entry in unmet:
        if entry.get("request") == request_id:
            missing[entry["step"]] += watts(entry["quantity_mw"])
    return tuple(missing)


def _unmet_row(entry: Mapping[str, Any]) -> UnmetRow:
    """A limit that stays passed, or a change at a bus that no offer made (limit 0)."""
    if "element" in entry:
        return UnmetRow(**{key: entry[key] for key in ("element", "kind", "step", "value", "limit", "reason")})
    kind = f"{entry['commodity']} {entry['direction']}"
    value = entry.get("quantity_mw", entry.get("quantity_mvar"))
    return UnmetRow(
        element=entry["bus"], kind=kind, step=entry["step"], value=value, limit=0.0, reason=entry["reason"]
    )


def _proof(proof: Mapping[str, Any] | None) -> ProofView | None:
    if proof is None or proof["vm_min_pu"] is None:
        return None
    worst = proof["worst"]
    return ProofView(
        clean=proof["clean"],
        vm_min_pu=proof["vm_min_pu"],
        vm_max_pu=proof["vm_max_pu"],
        max_loading_percent=proof["max_loading_percent"],
        worst="" if worst is None else f"{worst['element']}: {worst['value']:g} of {worst['limit']:g}",
    )
