"""Sessions, requests, offers, awards and activations."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.persistence.columns import (
    EUR,
    EUR_PER_MWH,
    MW,
    day,
    decimals,
    enum,
    exact,
    flag,
    from_whole,
    instant,
    key,
    series,
    structure,
    to_whole,
    wholes,
)
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.market import (
    Activation,
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    GateKind,
    MarketSession,
    OfferLine,
)
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.terms import NO_TERMS, OfferTerms
from domain.ids import AssetId
from domain.lifecycle import (
    ActivationState,
    AwardState,
    OfferState,
    RequestState,
    ReviewState,
    SessionState,
)


def _lines_to(lines: tuple[OfferLine, ...]) -> list[dict[str, Any]]:
    return [
        {"asset_id": line.asset_id, "quantity_w": wholes(line.quantity_mw, MW, f"lines[{i}].quantity_mw")}
        for i, line in enumerate(lines)
    ]


def _lines_from(data: list[dict[str, Any]]) -> tuple[OfferLine, ...]:
    return tuple(
        OfferLine(asset_id=AssetId(line["asset_id"]), quantity_mw=decimals(line["quantity_w"], MW))
        for line in data
    )


def _terms_to(terms: OfferTerms) -> dict[str, Any]:
    """Only what is set; an offer without terms has none."""
    sizes = {name: getattr(terms, name) for name in _TERMS_OF_SIZE}
    return ({"block": True} if terms.block else {}) | {
        stored: to_whole(sizes[name], MW.places, f"terms.{name}")
        for name, stored in _TERMS_OF_SIZE.items()
        if sizes[name] != getattr(NO_TERMS, name)
    }


_TERMS_OF_SIZE = {
    "min_acceptance": "min_acceptance_ppm",
    "max_energy_mwh": "max_energy_wh",
    "ramp_mw_per_step": "ramp_w_per_step",
}


def _terms_from(data: dict[str, Any]) -> OfferTerms:
    sizes = {
        name: from_whole(data[stored], MW.places) for name, stored in _TERMS_OF_SIZE.items() if stored in data
    }
    return replace(NO_TERMS, block="block" in data, **sizes)


def _explanations_to(explanations: tuple[Explanation, ...]) -> list[dict[str, Any]]:
    return [
        {
            "asset_id": entry.asset_id,
            "kind": entry.kind,
            "element": entry.element,
            "step": entry.step,
            "local_price_cents_per_mwh": _cents(entry.local_price_eur_per_mwh),
            "accepted_if_cents_per_mwh": _cents(entry.accepted_if_eur_per_mwh),
            "exact": entry.exact,
        }
        for entry in explanations
    ]


def _cents(price: Decimal | None) -> int | None:
    return None if price is None else to_whole(price, EUR_PER_MWH.places, "explanations")


def _explanations_from(data: list[dict[str, Any]]) -> tuple[Explanation, ...]:
    return tuple(
        Explanation(
            asset_id=AssetId(entry["asset_id"]),
            kind=entry["kind"],
            element=entry["element"],
            step=entry["step"],
            local_price_eur_per_mwh=_eur(entry["local_price_cents_per_mwh"]),
            accepted_if_eur_per_mwh=_eur(entry["accepted_if_cents_per_mwh"]),
            exact=entry["exact"],
        )
        for entry in data
    )


def _eur(cents: int | None) -> Decimal | None:
    return None if cents is None else from_whole(cents, EUR_PER_MWH.places)


entity(
    MarketSession,
    "sessions",
    key(),
    text_("region_id", references="regions.id"),
    day("delivery_day"),
    instant("opens_at"),
    instant("gate_closes_at"),
    instant("publishes_at"),
    enum("clearing", ClearingMode),
    enum("payment", PaymentRule),
    enum("energy", EnergyPricing),
    enum("state", SessionState),
    text_("job_id", nullable=True),
    text_("reason"),
    index=[["region_id", "delivery_day"], ["delivery_day"], ["state"]],
)

entity(
    Gate,
    "gates",
    key(),
    text_("session_id", references="sessions.id"),
    enum("kind", GateKind),
    instant("due_at"),
    flag("done"),
    unique=[["session_id", "kind", "due_at_us"]],
    index=[["done", "due_at_us"]],
)

entity(
    FlexRequest,
    "requests",
    key(),
    text_("dso_id", references="parties.id"),
    text_("region_id", references="regions.id"),
    text_("session_id", references="sessions.id"),
    text_("congestion_point"),
    structure("buses", "buses", to_data=list, from_data=tuple),
    enum("direction", Direction),
    series("quantity_mw", MW),
    exact("price_cap_eur_per_mwh", EUR_PER_MWH),
    instant("deadline"),
    instant("published_at"),
    enum("commodity", Commodity),
    enum("state", RequestState),
    series("unmet_mw", MW),
    enum("review", ReviewState),
    text_("review_note"),
    index=[["session_id"], ["region_id"], ["dso_id"]],
)

entity(
    FlexOffer,
    "offers",
    key(),
    text_("party_id", references="parties.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    enum("direction", Direction),
    structure("lines", "lines", to_data=_lines_to, from_data=_lines_from),
    series("price_eur_per_mwh", EUR_PER_MWH),
    instant("submitted_at"),
    enum("commodity", Commodity),
    structure("terms", "terms", to_data=_terms_to, from_data=_terms_from),
    structure("explanations", "explanations", to_data=_explanations_to, from_data=_explanations_from),
    enum("state", OfferState),
    index=[["session_id"], ["party_id"], ["region_id"]],
)

entity(
    Award,
    "awards",
    key(),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("offer_id", references="offers.id"),
    text_("asset_id", references="assets.id"),
    text_("party_id", references="parties.id"),
    enum("direction", Direction),
    series("accepted_mw", MW),
    series("price_eur_per_mwh", EUR_PER_MWH),
    exact("payment_eur", EUR),
    enum("commodity", Commodity),
    exact("make_whole_eur", EUR),
    flag("direct"),
    enum("state", AwardState),
    index=[["session_id"], ["party_id"], ["offer_id"]],
)

entity(
    Activation,
    "activations",
    key(),
    text_("award_id", references="awards.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    text_("asset_id", references="assets.id"),
    series("p_mw", MW),
    enum("commodity", Commodity),
    text_("call_id"),
    instant("called_at", nullable=True),
    text_("answer_id"),
    instant("answered_at", nullable=True),
    enum("state", ActivationState),
    text_("reason"),
    unique=[["award_id"]],
    index=[["session_id"], ["party_id"], ["call_id"], ["answer_id"]],
)
