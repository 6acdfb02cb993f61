"""A dry clearing tells what a whole clearing with the offer in the case tells."""

from __future__ import annotations

from typing import Any

import pytest

from engine import InvalidInput, clear, dry_base, dry_clear, dry_together

P_MW = [2.5, 2.4, 0.5]
STORAGE = {
    "id": "X", "party": "S", "asset": "S", "bus": "2", "commodity": "storage",
    "price_eur_per_mwh": [3.0, 3.5, 3.0], "p_charge_max_mw": 0.3,
    "p_discharge_max_mw": 0.3, "energy_mwh": 1.0, "energy_start_mwh": 0.1,
    "energy_end_mwh": 0.15, "efficiency_charge": 0.9, "efficiency_discharge": 0.9,
}  # fmt: skip
TRIALS = {
    "cheaper": lambda offer: offer("X", "3", 0.4, 30.0),
    "dearer": lambda offer: offer("X", "3", 0.4, 70.0),
    "elsewhere": lambda offer: offer("X", "2", 0.4, [20.0, 60.0, 5.0]),
    "paid to be taken": lambda offer: offer("X", "1", 0.4, -5.0),
    "budget": lambda offer: offer("X", "3", 1.0, [30.0, 20.0, 25.0], max_energy_mwh=0.1),
    "block taken": lambda offer: offer("X", "3", 1.0, 10.0, block=True),
    "block left out": lambda offer: offer("X", "3", 1.0, 39.0, block=True),
    "least of a step": lambda offer: offer("X", "3", [1.2, 3.0, 1.0], 30.0, min_acceptance=0.6),
    "storage": lambda offer: STORAGE,
    "inverter": lambda offer: offer("X", "3", 1.0, 10.0, asset="PV", s_max_mva=2.5),
}


@pytest.fixture
def market(feeder, offer):
    def make(*more: Any, **options: Any) -> Any:
        first = [offer("A", "3", 1.2, 40.0), offer("B", "2", 2.0, 50.0)]
        return feeder(p_mw=P_MW, n_steps=3, offers=[*first, *more], payment="nodal", **options)

    return make


@pytest.mark.parametrize("energy", ["ignored", "priced"])
@pytest.mark.parametrize("trial", TRIALS)
def test_it_is_what_a_whole_clearing_gives(trial, energy, market, offer, read):
    document, options = TRIALS[trial](offer), {"energy": energy, "coupling_price": 50.0}
    dry = dry_clear(read(market(**options)), document)
    whole = clear(read(market(document, **options))).result
    award = whole["awards"]["X"]
    assert dry.award["accepted"] == pytest.approx(award["accepted"], abs=2e-5)
    assert dry.award["price"] == pytest.approx(award["price"], abs=2e-3)
    assert float(dry.revenue_eur) == pytest.approx(float(whole["payments"][document["party"]]), abs=0.011)
    assert (dry.why is None) == (award["why"] is None)
    if dry.why is not None:
        assert {k: dry.why[k] for k in ("kind", "element", "step")} == {
            k: award["why"][k] for k in ("kind", "element", "step")
        }


def test_one_base_serves_many_offers_and_is_not_changed(market, offer, read):
    case = read(market())
    base = dry_base(case)
    first = dry_clear(case, TRIALS["cheaper"](offer), base)
    dry_clear(case, TRIALS["block taken"](offer), base)
    assert dry_clear(case, TRIALS["cheaper"](offer), base) == first
    assert any(first.award["accepted"])


def test_vcg_revenue_is_cost_and_saving(market, offer, read):
    document = market() | {"options": market()["options"] | {"payment": "vcg"}}
    trial = offer("X", "3", 0.4, 30.0, party="NEW")
    dry = dry_clear(read(document), trial)
    whole = clear(read(document | {"offers": [*document["offers"], trial]})).result
    assert float(dry.revenue_eur) == pytest.approx(float(whole["payments"]["NEW"]), abs=0.011)


@pytest.mark.parametrize("payment", ["nodal", "pay_as_bid", "vcg"])
def test_several_offers_are_cleared_and_paid_together(payment, market, offer, read):
    document = market() | {"options": market()["options"] | {"payment": payment}}
    trials = [offer("X", "3", 0.4, 30.0, party="NEW"), offer("Y", "2", 0.5, 45.0, party="NEW")]
    case = read(document)
    dry = dry_together(case, trials, dry_base(case))
    whole = clear(read(document | {"offers": [*document["offers"], *trials]})).result
    for name in ("X", "Y"):
        assert dry.awards[name]["accepted"] == pytest.approx(whole["awards"][name]["accepted"], abs=2e-5)
    assert any(dry.awards["X"]["accepted"])
    assert float(dry.revenue_eur) == pytest.approx(float(whole["payments"]["NEW"]), abs=0.011)


def test_a_copperplate_is_tried_too(offer, feeder, read):
    request = {"id": "R", "party": "D", "buses": ["3"], "commodity": "P", "direction": "down"}
    request |= {"quantity_mw": [0.5] * 3, "price_eur_per_mwh": 60.0}
    options = {"clearing": "copperplate", "energy": "ignored"}
    document = feeder(
        p_mw=P_MW, n_steps=3, offers=[offer("A", "3", 0.2, 40.0)], requests=[request], payment="nodal"
    )
    document |= {"options": document["options"] | options}
    dry = dry_clear(read(document), offer("X", "2", 1.0, 30.0))
    whole = clear(read(document | {"offers": [*document["offers"], offer("X", "2", 1.0, 30.0)]})).result
    assert dry.award["accepted"] == pytest.approx(whole["awards"]["X"]["accepted"], abs=2e-5)
    assert dry.award["accepted"] == pytest.approx([0.5] * 3, abs=2e-5)


def test_findings_of_the_offer_are_raised(market, offer, read):
    case = read(market())
    with pytest.raises(InvalidInput) as raised:
        dry_clear(case, offer("A", "nowhere", -1.0, 40.0))
    assert {finding.path for finding in raised.value.findings} >= {"offers[0].bus", "offers[0].quantity_mw"}
    with pytest.raises(InvalidInput) as raised:
        dry_clear(case, offer("A", "3", 1.0, 40.0))
    assert [finding.code for finding in raised.value.findings] == ["duplicate_id"]
