"""Why an offer was not accepted in full, in one sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation, sentence
from domain.ids import AssetId
from domain.time import DeliveryDay

DAY = DeliveryDay(day=date(2016, 7, 25))


def explained(day: DeliveryDay = DAY, **why: Any) -> str:
    if "price" in why:
        why["accepted_if_eur_per_mwh"] = Decimal(why.pop("price"))
    if "local" in why:
        why["local_price_eur_per_mwh"] = Decimal(why.pop("local"))
    return sentence(Explanation(asset_id=AssetId("FA-1"), **why), day)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (
            {"kind": "voltage", "element": "18", "step": 49, "local": "15.5", "price": "15.49"},
            "At this price not needed: would have been accepted at 15.49 EUR/MWh or less, "
            "limited by voltage at bus 18 at 12:15.",
        ),
        (
            {"kind": "loading", "element": "L7", "step": 0, "price": "-3"},
            "At this price not needed: would have been accepted at -3.00 EUR/MWh or less, "
            "limited by the loading of L7 at 00:00.",
        ),
        (
            {"kind": "voltage", "element": "18", "step": 49, "price": "12.30", "exact": False},
            "At this price not needed: breaks even at 12.30 EUR/MWh at the clearing's prices, "
            "limited by voltage at bus 18 at 12:15.",
        ),
        (
            {"kind": "marginal", "element": "18", "step": 49, "local": "15.5"},
            "Accepted in part: it sets the price at 12:15, 15.50 EUR/MWh, and more was not needed.",
        ),
        (
            {"kind": "paradox", "step": 49},
            "Left out as a whole although the prices would pay it: "
            "with it, the market as a whole would have cost more.",
        ),
        ({"kind": ""}, "Not accepted in full; no single limit decided it."),
        (
            {"kind": "", "price": "8"},
            "At this price not needed: would have been accepted at 8.00 EUR/MWh or less.",
        ),
        ({"kind": "voltage", "element": "18", "step": 49}, "Held back by voltage at bus 18 at 12:15."),
        (
            {"kind": "marginal", "step": 49, "exact": False},
            "Not matched in full: no counter-order was left that met its price at 12:15.",
        ),
        (
            {"kind": "something new", "step": 49, "price": "1"},
            "At this price not needed: would have been accepted at 1.00 EUR/MWh or less.",
        ),
    ],
)
def test_sentences(why: dict[str, Any], words: str) -> None:
    assert explained(**why) == words


def test_the_hour_is_the_local_one_of_the_day() -> None:
    """On the day of 100 quarter hours step 12 is the second 02:00."""
    words = explained(DeliveryDay(day=date(2026, 10, 25)), kind="voltage", element="B", step=12, price="1")
    assert words.endswith("at 02:00.")


@pytest.mark.parametrize("kind", ["voltage", "marginal"])
@pytest.mark.parametrize("exact", [True, False])
def test_prices_of_reactive_power_have_their_own_unit(kind: str, exact: bool) -> None:
    said = Explanation(
        asset_id=AssetId("A"),
        kind=kind,
        element="3",
        step=50,
        local_price_eur_per_mwh=Decimal(4),
        accepted_if_eur_per_mwh=Decimal(4),
        exact=exact,
    )
    for commodity in Commodity:
        words = sentence(said, DeliveryDay(day=date(2016, 7, 25)), commodity)
        assert f"4.00 {commodity.units.price}" in words.replace(",", "")
