"""Hand-written results come back as awards, explanations, prices and facts; what is null is handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import N_STEPS, PRICES, WHY, document, packed, parts

from app.bridge import cases, results
from app.bridge.outcomes import ClearingOutcome
from domain.flexibility.assets import Direction
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession, OfferLine
from domain.ids import AssetId, OfferId, PartyId, RegionId, RequestId, SessionId
from domain.units import total

AT = datetime(2016, 7, 24, 8, tzinfo=UTC)
R1 = RegionId("R1")
SESSION = MarketSession(
    id=SessionId("S1"),
    region_id=R1,
    delivery_day=date(2016, 7, 25),
    opens_at=AT,
    gate_closes_at=AT,
    publishes_at=AT,
)


def offer(name: str, party: str, *assets: str) -> FlexOffer:
    return FlexOffer(
        id=OfferId(name),
        party_id=PartyId(party),
        session_id=SESSION.id,
        region_id=R1,
        direction=Direction.DOWN,
        lines=tuple(OfferLine(asset_id=AssetId(asset), quantity_mw=(Decimal(1),) * N_STEPS) for asset in assets),
        price_eur_per_mwh=(Decimal("12.00"),) * N_STEPS,
        submitted_at=AT,
    )


O1, O2 = offer("O1", "esp1", "A"), offer("O2", "esp1", "B", "C")


def at(step: int, value: float, other: float = 0.0) -> list[float]:
    return [value if k == step else other for k in range(N_STEPS)]


def outcome(offers: Sequence[FlexOffer], result: dict[str, Any]) -> ClearingOutcome:
    return cases.outcome_from(packed(result), SESSION, offers, ())


def test_an_award_is_paid_its_price_times_energy_and_its_make_whole() -> None:
    """0.4 MW for a quarter hour at 15.123456 EUR/MWh is 1.5123456 EUR; with 0.25 EUR make-whole 1.7623456."""
    entry = {"accepted": at(50, 0.4), "price": at(50, 15.123456), "make_whole_eur": "0.25"}
    (award,) = outcome([O1], document({"O1/A": entry}, {"esp1": "1.76"})).awards
    assert award.price_eur_per_mwh[50] == Decimal("15.12")
    assert (award.payment_eur, award.make_whole_eur) == (Decimal("1.76"), Decimal("0.25"))
    assert award.accepted_mw[50] == Decimal("0.4")


def test_without_a_price_of_its_own_the_offers_price_was_paid() -> None:
    entry = {"accepted": at(50, 0.4), "price": None}
    (award,) = outcome([O1], document({"O1/A": entry}, {"esp1": "1.20"})).awards
    assert award.price_eur_per_mwh == O1.price_eur_per_mwh
    assert award.payment_eur == Decimal("1.20")
    gaps: Any = {"accepted": at(50, 0.4), "price": at(50, 20.0, other=None)}  # type: ignore[arg-type]
    (award,) = outcome([O1], document({"O1/A": gaps}, {"esp1": "2.00"})).awards
    assert (award.price_eur_per_mwh[0], award.price_eur_per_mwh[50]) == (Decimal("12.00"), Decimal("20.00"))


def test_what_vcg_pays_beside_prices_goes_by_energy() -> None:
    """The bids cost 0.30 and 0.90 EUR; the party gets 4.80, so 3.60 more: a quarter and three quarters of it."""
    entries = {
        "O2/B": {"accepted": at(50, 0.1), "price": None},
        "O2/C": {"accepted": at(50, 0.3), "price": None},
    }
    awards = outcome([O2], document(entries, {"esp1": "4.80", "dso1": "-4.80"})).awards
    assert {award.asset_id: award.payment_eur for award in awards} == {"B": Decimal("1.20"), "C": Decimal("3.60")}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    mw=st.lists(st.integers(0, 999_999), min_size=3, max_size=3),
    eur=st.lists(st.floats(-500, 500), min_size=3, max_size=3),
    paid=st.integers(-100_000, 100_000),
)
def test_a_partys_awards_add_up_to_its_payment_in_cents(mw: list[int], eur: list[float], paid: int) -> None:
    names = ("O1/A", "O2/B", "O2/C")
    entries = {
        name: {"accepted": at(50, w / 1e6), "price": at(50, p)} for name, w, p in zip(names, mw, eur, strict=True)
    }
    payment = Decimal(paid).scaleb(-2) if any(mw) else Decimal(0)
    awards = outcome([O1, O2], document(entries, {"esp1": str(payment)})).awards
    assert total([award.payment_eur for award in awards]) == payment
    assert all(award.payment_eur == round(award.payment_eur, 2) for award in awards)
    assert all(award.payment_eur == 0 for award in awards if not any(award.accepted_mw))


def test_the_price_that_would_have_been_accepted_is_rounded_down() -> None:
    found = outcome([O1, O2], document({"O1/A": {"why": WHY}, "O2/B": {}, "O2/C": {}}, {})).explanations
    assert found[O2.id] == ()
    (why,) = found[O1.id]
    assert (why.asset_id, why.kind, why.element, why.step, why.exact) == ("A", "voltage", "3", 50, True)
    assert (why.local_price_eur_per_mwh, why.accepted_if_eur_per_mwh) == (Decimal("15.50"), Decimal("15.49"))


def test_an_explanation_without_a_limit_or_a_price() -> None:
    why = {"element": None, "kind": None, "step": None, "local_price": None, "accepted_if": None, "exact": False}
    ((found,),) = outcome([O1], document({"O1/A": {"why": why}}, {})).explanations.values()
    assert (found.kind, found.element, found.step, found.exact) == ("", "", None, False)
    assert (found.local_price_eur_per_mwh, found.accepted_if_eur_per_mwh) == (None, None)


def test_prices_with_their_parts_by_bus() -> None:
    prices = results.nodal_prices(packed(document({}, {}, prices=PRICES)))
    assert prices is not None
    assert prices.bus_ids == ("1", "2", "3")
    assert prices.p.total.shape == (N_STEPS, 3)
    assert prices.p.total[7].tolist() == [50.0, 36.5, -15.5]
    assert np.allclose(prices.p.energy + prices.p.loss + prices.p.congestion + prices.p.voltage, prices.p.total)
    assert prices.q is not None
    assert not prices.q.energy.any()
    assert prices.q.total[0].tolist() == pytest.approx([0.0, -4.1, -8.2])
    own = prices.at({"3", "9"})
    assert (own.bus_ids, own.p.voltage[0].tolist()) == (("3",), [-59.0])
    assert prices.at(set()).p.total.shape == (N_STEPS, 0)


@pytest.mark.parametrize("none", [None, {}, {"p_eur_per_mwh": {}}])
def test_a_result_without_prices(none: Any) -> None:
    assert results.nodal_prices(packed(document({}, {}, prices=none))) is None


def test_prices_of_active_power_alone() -> None:
    prices = results.nodal_prices(packed(document({}, {}, prices={"p_eur_per_mwh": {"1": parts(50, 0, 0, 0)}})))
    assert prices is not None
    assert prices.q is None
    assert prices.at({"1"}).q is None


def test_facts_with_and_without_bound_gap_and_welfare() -> None:
    facts = results.result_facts(packed(document({}, {"coupling": "3.75", "dso1": "-3.75"}, gap=2.5e-4)))
    assert (facts.objective_eur, facts.lower_bound_eur) == (Decimal("41.73"), Decimal("41.72"))
    assert (facts.welfare_eur, facts.gap) == (None, 2.5e-4)
    assert facts.payments_eur == {"coupling": Decimal("3.75"), "dso1": Decimal("-3.75")}
    served = results.result_facts(packed(document({}, {}, welfare_eur=663.864, lower_bound_eur=None)))
    assert (served.welfare_eur, served.lower_bound_eur, served.gap) == (Decimal("663.86"), None, None)


REQUEST = FlexRequest(
    id=RequestId("R1"),
    dso_id=PartyId("dso1"),
    region_id=R1,
    session_id=SESSION.id,
    congestion_point="End",
    buses=("3",),
    direction=Direction.DOWN,
    quantity_mw=(Decimal("0.5"),) * N_STEPS,
    price_cap_eur_per_mwh=Decimal(180),
    deadline=AT,
    published_at=AT,
)


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({}, ("0", "0")),
        (
            {"unmet": [{"request": "R1", "step": 50, "quantity_mw": 0.25}, {"element": "3", "step": 50}]},
            ("0.25", "0"),
        ),
        ({"served": {"R1": [{"step": 50, "quantity": 0.2}, {"step": 50, "quantity": 0.3}]}}, ("0", "0.5")),
        ({"served": {"R1": []}}, ("0.5", "0.5")),
        (
            {
                "matches": [
                    {"request": "R1", "step": 50, "quantity": 0.1},
                    {"request": "R2", "step": 50, "quantity": 1},
                ]
            },
            ("0.4", "0.5"),
        ),
    ],
)
def test_what_stays_missing_of_a_request(more: dict[str, Any], missing: tuple[str, str]) -> None:
    result = document({}, {}, **more)
    if "unmet" in more:
        result["unmet"][1] |= {"kind": "voltage", "value": 1.06, "limit": 1.05, "reason": "no_offer"}
        result["unmet"][0] |= {"bus": "3", "commodity": "P", "direction": "down", "reason": "above_cap"}
    found = cases.outcome_from(packed(result), SESSION, (), (REQUEST,)).unmet_mw[REQUEST.id]
    assert (found[50], found[51]) == (Decimal(missing[0]), Decimal(missing[1]))


def test_what_a_change_is_worth_in_each_direction() -> None:
    """On the network the price and its opposite; an auction adds what its balance is worth."""
    alone = results.nodal_prices(packed(document({}, {}, prices=PRICES)))
    assert alone is not None
    assert (alone.p.up[0, 2], alone.p.down[0, 2]) == (-15.5, 15.5)
    balance = {name: {"up": [30.0] * N_STEPS, "down": [20.0] * N_STEPS} for name in PRICES}
    auction = results.nodal_prices(packed(document({}, {}, prices={**PRICES, "balance": balance})))
    assert auction is not None
    assert (auction.p.up[0, 2], auction.p.down[0, 2], auction.p.total[0, 2]) == (14.5, 35.5, -15.5)


def test_pivotal_parties() -> None:
    assert results.result_facts(packed(document({}, {}, pivotal=["esp1"]))).pivotal == ("esp1",)
    assert results.result_facts(packed(document({}, {}))).pivotal == ()


def test_a_result_that_names_no_such_line_is_not_taken() -> None:
    with pytest.raises(KeyError):
        outcome([replace(O1, id=OfferId("O9"))], document({"O1/A": {}}, {}))
