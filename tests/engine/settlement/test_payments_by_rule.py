"""Payments of every rule: exact cents, sum zero with operator and coupling, prices as published."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pytest

from engine import clear
from engine.market.continuous.outcome import Match
from engine.market.payments import pay_matches

CENT = Decimal("0.01")
AT = datetime(2026, 7, 25, 9, tzinfo=UTC)


@pytest.fixture
def offers(offer):
    return [
        offer("A", "3", [0.3, 0.1, 0.3], [10.0, 12.345, 11.0], party="ESP-A"),
        offer("B", "2", 2.0, [40.01, 40.02, 40.03], party="ESP-B"),
        offer("C", "2", 2.0, 90.0, party="ESP-C"),
    ]


@pytest.fixture
def three_steps(feeder, offers, read):
    def make(**options: Any) -> Any:
        p_mw = [2.5, 2.45, 2.55]
        return read(feeder(p_mw=p_mw, n_steps=3, offers=offers, **options))

    return make


def _sum(payments):
    return sum(map(Decimal, payments.values()))


def _owed(case, result, party) -> Decimal:
    """Price times accepted change times hours, from the published figures alone."""
    hours = Decimal(case.time.mtu_minutes) / 60
    return sum(
        (
            Decimal(str(price)) * Decimal(str(accepted)) * hours
            for offer in case.offers
            if offer.party == party
            for price, accepted in zip(
                result["awards"][offer.id]["price"], result["awards"][offer.id]["accepted"], strict=True
            )
        ),
        start=Decimal(0),
    )


@pytest.mark.parametrize("payment", ["pay_as_bid", "nodal"])
@pytest.mark.parametrize("energy", ["priced", "ignored"])
def test_parties_get_price_times_accepted_change(payment, energy, three_steps):
    case = three_steps(payment=payment, energy=energy, coupling_price=50.0)
    result = clear(case).result
    for party in ("ESP-A", "ESP-B", "ESP-C"):
        cents = _owed(case, result, party).quantize(CENT, rounding=ROUND_HALF_EVEN)
        assert Decimal(result["payments"][party]) == cents
    assert Decimal(result["payments"]["ESP-B"]) > 0
    assert _sum(result["payments"]) == 0
    assert (Decimal(result["payments"]["coupling"]) > 0) == (energy == "priced")


def test_nodal_price_of_a_lowering_offer_is_the_negative_of_its_bus(three_steps):
    case = three_steps(payment="nodal", energy="priced", coupling_price=50.0)
    result = clear(case).result
    prices = result["prices"]["p_eur_per_mwh"]
    for offer in case.offers:
        assert result["awards"][offer.id]["price"] == [-price for price in prices[offer.bus]["total"]]
    for bus in prices.values():
        parts = [[Decimal(str(v)) for v in bus[p]] for p in ("energy", "loss", "congestion", "voltage")]
        assert [sum(column) for column in zip(*parts, strict=True)] == [Decimal(str(v)) for v in bus["total"]]
    assert prices["HV"]["total"] == [50.0] * 3


def test_nodal_pays_no_offer_less_than_it_asks_and_some_more(three_steps):
    case = three_steps(payment="nodal")
    result = clear(case).result
    own = clear(three_steps(payment="pay_as_bid")).result["payments"]
    for party in ("ESP-A", "ESP-B"):
        assert Decimal(result["payments"][party]) >= Decimal(own[party])
    assert Decimal(result["payments"]["ESP-A"]) > Decimal(own["ESP-A"])


def test_a_block_that_would_lose_is_made_whole(feeder, offer, read):
    """Two steps, a need in one: the block's other step is worth nothing, so prices alone do not cover it."""
    block = offer("BLOCK", "3", 1.9, 30.0, party="ESP", block=True)
    rest = offer("REST", "3", 0.1, 5.0, party="OTHER")
    case = read(feeder(p_mw=[2.5, 2.0], n_steps=2, offers=[block, rest], payment="nodal"))
    result = clear(case).result
    award = result["awards"]["BLOCK"]
    assert award["accepted"] == [1.9, 1.9]
    asked = Decimal("1.9") * 30 * 2 / 4
    paid = sum(Decimal(str(p)) * Decimal("1.9") / 4 for p in award["price"])
    assert paid < asked
    assert Decimal(award["make_whole_eur"]) == (asked - paid).quantize(CENT, rounding=ROUND_HALF_EVEN)
    assert Decimal(result["payments"]["ESP"]) == asked
    assert _sum(result["payments"]) == 0


def test_storage_is_paid_its_net_injection_under_nodal_prices(feeder, read):
    storage = {
        "id": "S", "party": "ESP", "asset": "BAT", "bus": "3", "commodity": "storage", "price_eur_per_mwh": 2.0,
        "p_charge_max_mw": 1.0, "p_discharge_max_mw": 1.0, "energy_mwh": 1.0, "energy_start_mwh": 0.2,
        "energy_end_mwh": 0.2, "efficiency_charge": 0.9, "efficiency_discharge": 0.9,
    }  # fmt: skip
    case = read(feeder(p_mw=[2.5, 0.5], n_steps=2, offers=[storage], payment="nodal"))
    result = clear(case).result
    net, price = result["awards"]["S"]["accepted"], result["awards"]["S"]["price"]
    assert net[0] < 0 < net[1]
    total = result["prices"]["p_eur_per_mwh"]["3"]["total"]
    assert price == total
    paid = sum(Decimal(str(x)) * Decimal(str(p)) for x, p in zip(net, price, strict=True)) / 4
    whole = Decimal(result["awards"]["S"]["make_whole_eur"])
    assert Decimal(result["payments"]["ESP"]) == (paid + whole).quantize(CENT, rounding=ROUND_HALF_EVEN)


def test_matches_are_paid_at_their_price_and_sum_to_zero(feeder, offer, read):
    request = {
        "id": "R", "party": "DSO-2", "buses": ["2"], "commodity": "P", "direction": "down",
        "quantity_mw": 1.0, "price_eur_per_mwh": 80.0,
    }  # fmt: skip
    case = read(feeder(offers=[offer("A", "3", 1.0, 10.0, party="ESP")], requests=[request]))
    matches = [Match(k, "A", "R", "2", 0, q, 33.335, False, AT) for k, q in enumerate((0.2, 0.1))]
    payments = pay_matches(case, matches)
    assert payments == {"ESP": "2.50", "DSO-2": "-2.50", "coupling": "0.00", "DSO": "0.00"}


def test_more_decimals_than_six_are_paid_exactly(feeder, offer, read):
    case = read(feeder(offers=[offer("A", "3", 2.0, 40.123456789, party="ESP")], payment="pay_as_bid"))
    result = clear(case).result
    assert Decimal(result["payments"]["ESP"]) == _owed(case, result, "ESP").quantize(CENT)
    assert result["awards"]["A"]["price"] == [40.123456789]


def test_an_auction_pays_offers_and_charges_requests_at_their_places(feeder, offer, read):
    request = {
        "id": "R", "party": "BUYER", "buses": ["2"], "commodity": "P", "direction": "up",
        "quantity_mw": 0.2, "price_eur_per_mwh": 180.0,
    }  # fmt: skip
    for payment in ("nodal", "pay_as_bid"):
        case = read(
            feeder(
                p_mw=0.5,
                offers=[offer("A", "3", 0.5, 20.0, "up", party="ESP")],
                requests=[request],
                clearing="requests",
                payment=payment,
                energy="priced",
                coupling_price=50.0,
            )
        )
        result = clear(case).result
        served = result["served"]["R"]
        assert [entry["quantity"] for entry in served] == pytest.approx([0.2], abs=1e-6)
        paid = Decimal(str(served[0]["price"])) * Decimal(str(served[0]["quantity"])) / 4
        assert Decimal(result["payments"]["BUYER"]) == -paid.quantize(CENT, rounding=ROUND_HALF_EVEN)
        assert Decimal(result["payments"]["ESP"]) == _owed(case, result, "ESP").quantize(CENT)
        assert _sum(result["payments"]) == 0
        assert result["awards"]["A"]["price"][0] >= 20.0 - 1e-6
        assert served[0]["price"] <= 180.0
        assert payment == "nodal" or (result["awards"]["A"]["price"], served[0]["price"]) == ([20.0], 180.0)
        assert np.isfinite(result["awards"]["A"]["price"]).all()
