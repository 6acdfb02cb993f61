"""A session becomes a case, the case is cleared, and the result comes back as awards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.bridge import cases, offline, packing, results, states, work
from app.bridge.numbers import price, watts
from domain.errors import Refused
from domain.flexibility.assets import AssetKind, Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession, OfferLine
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import AssetId, OfferId, PartyId, RegionId, RequestId, SessionId
from domain.units import Series, total

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"
NETWORK = (EXAMPLES / "three-bus.json").read_text()
SCHEDULE = (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
DAY = date(2016, 7, 25)
AT = datetime(2016, 7, 24, 8, tzinfo=UTC)
NOON = 50
R1 = RegionId("R1")
SESSION = MarketSession(
    id=SessionId("S1"), region_id=R1, delivery_day=DAY, opens_at=AT, gate_closes_at=AT, publishes_at=AT
)


def silent(stage: str, share: float) -> None:
    assert 0.0 <= share <= 1.0, stage


def flat(value: str) -> Series:
    return (Decimal(value),) * 96


def asset(unit: str, bus: str = "Solar park") -> FlexAsset:
    return FlexAsset(
        id=AssetId(f"FA-{unit}"),
        owner_id=PartyId("esp1"),
        region_id=R1,
        unit_id=unit,
        bus=bus,
        name=unit,
        kind=AssetKind.PV,
        p_min_mw=Decimal(0),
        p_max_mw=Decimal(5),
    )


ASSETS = (asset("PV-1"), asset("BAT-1"), asset("LD-1", "Village"))


def offer(name: str, party: str, units: Sequence[str], mw: str, eur: str) -> FlexOffer:
    return FlexOffer(
        id=OfferId(name),
        party_id=PartyId(party),
        session_id=SESSION.id,
        region_id=R1,
        direction=Direction.DOWN,
        lines=tuple(OfferLine(asset_id=AssetId(f"FA-{unit}"), quantity_mw=flat(mw)) for unit in units),
        price_eur_per_mwh=flat(eur),
        submitted_at=AT,
    )


def request(cap: str) -> FlexRequest:
    return FlexRequest(
        id=RequestId("FR-1"),
        dso_id=PartyId("dso1"),
        region_id=R1,
        session_id=SESSION.id,
        congestion_point="Solar park",
        buses=("Solar park",),
        direction=Direction.DOWN,
        quantity_mw=flat("3"),
        price_cap_eur_per_mwh=Decimal(cap),
        deadline=AT,
        published_at=AT,
    )


def cleared(offers: Sequence[FlexOffer], requests: Sequence[FlexRequest] = ()) -> tuple[bytes, bytes]:
    case = cases.case_from(NETWORK, SCHEDULE, SESSION, ASSETS, offers, requests, PartyId("dso1"))
    return case, work.run("clearing", case, silent)


def test_the_case_names_every_line_and_does_not_depend_on_the_order() -> None:
    two = (
        offer("FO-2", "esp2", ["BAT-1"], "0.5", "20.00"),
        offer("FO-1", "esp1", ["PV-1", "LD-1"], "0.2", "30.00"),
    )
    case = cases.case_from(NETWORK, SCHEDULE, SESSION, ASSETS, two, (), PartyId("dso1"))
    assert case == cases.case_from(NETWORK, SCHEDULE, SESSION, ASSETS, two[::-1], (), PartyId("dso1"))
    document: dict[str, Any] = json.loads(case)
    assert [entry["id"] for entry in document["offers"]] == ["FO-1/FA-LD-1", "FO-1/FA-PV-1", "FO-2/FA-BAT-1"]
    assert document["options"]["operator"] == "dso1"
    assert document["options"]["energy"] == "ignored"
    load = next(unit for unit in document["baseline"]["units"] if unit["id"] == "LD-1")
    assert min(load["p_mw"]) > 0


def test_the_case_has_the_sessions_rules_and_the_days_prices() -> None:
    rules = {"clearing": ClearingMode.REQUESTS, "payment": PaymentRule.VCG, "energy": EnergyPricing.PRICED}
    session = replace(SESSION, **rules)  # type: ignore[arg-type]
    prices = tuple(Decimal(step) - Decimal("10.5") for step in range(96))
    operator = PartyId("dso1")
    document = json.loads(cases.case_from(NETWORK, SCHEDULE, session, ASSETS, (), (), operator, prices))
    assert document["options"].items() >= {"clearing": "requests", "payment": "vcg", "energy": "priced"}.items()
    assert document["coupling_price_eur_per_mwh"][:2] == [-10.5, -9.5]
    with pytest.raises(Refused, match="no_prices"):
        cases.case_from(NETWORK, SCHEDULE, session, ASSETS, (), (), operator)
    ignored = json.loads(cases.case_from(NETWORK, SCHEDULE, SESSION, ASSETS, (), (), operator, prices))
    assert ignored["coupling_price_eur_per_mwh"] == 0.0


def test_awards_are_the_cheapest_cure_and_add_up_to_the_payments() -> None:
    offers = (
        offer("FO-1", "esp1", ["PV-1"], "2", "30.01"),
        offer("FO-2", "esp2", ["BAT-1", "LD-1"], "0.333333", "7.77"),
    )
    _, result = cleared(offers)
    outcome = cases.outcome_from(result, SESSION, offers, ())
    assert outcome.status == "cleared"
    assert outcome.proof_clean
    by_asset = {award.asset_id: award for award in outcome.awards}
    assert by_asset[AssetId("FA-BAT-1")].accepted_mw[NOON] == Decimal("0.333333")
    assert 0 < by_asset[AssetId("FA-PV-1")].accepted_mw[NOON] < 2
    assert by_asset[AssetId("FA-PV-1")].accepted_mw[0] == 0
    for party in ("esp1", "esp2"):
        own = sum((a.payment_eur for a in outcome.awards if a.party_id == party), Decimal(0))
        assert own == outcome.facts.payments_eur[party] > 0
    assert all(award.payment_eur == price(award.payment_eur) for award in outcome.awards)


def test_unmet_need_is_told_by_request_and_by_element() -> None:
    dear = offer("FO-1", "esp1", ["PV-1"], "2", "90.00")
    _, result = cleared([dear], [request("50.00")])
    outcome = cases.outcome_from(result, SESSION, [dear], [request("50.00")])
    assert outcome.status == "cleared_with_unmet"
    assert outcome.unmet_mw[RequestId("FR-1")][NOON] > Decimal("0.5")
    assert outcome.unmet_mw[RequestId("FR-1")][0] == 0
    kinds = {(row.element, row.kind) for row in outcome.facts.unmet}
    assert {("Solar park", "voltage"), ("Solar park", "P down")} <= kinds
    assert not any(any(award.accepted_mw) for award in outcome.awards)


def test_an_offer_of_another_session_cannot_slip_in() -> None:
    offers = [offer("FO-1", "esp1", ["PV-1"], "2", "30.00")]
    _, result = cleared(offers)
    with pytest.raises(KeyError):
        cases.outcome_from(result, SESSION, [replace(offers[0], id=OfferId("FO-9"))], ())


def test_state_before_and_after_and_the_same_bytes_again() -> None:
    offers = [offer("FO-1", "esp1", ["PV-1"], "2", "30.00")]
    case, result = cleared(offers)
    decoded = states.decode(states.after_from(result), R1)
    assert decoded.after is not None
    assert decoded.before.vm_pu[NOON].max() > 1.05 + 1e-3
    assert decoded.after.vm_pu.max() < 1.05 + 1e-5
    assert decoded.after.needs == ()
    assert decoded.grid.region_id == R1
    assert not decoded.after.vm_pu.flags.writeable
    again = results.result_document(work.run("clearing", case, silent))
    assert again["solve"]["result_sha256"] == results.result_facts(result).result_sha256


def test_needs_propose_the_change_that_cures() -> None:
    result = work.run("needs", cases.needs_inputs(NETWORK, SCHEDULE, R1, DAY), silent)
    payload = states.before_from(result)
    decoded = states.decode(payload, R1)
    (need,) = decoded.before.needs
    assert (need.element, need.kind, need.limit) == ("Solar park", "voltage", 1.05)
    assert states.n_needs(payload) == need.n_steps
    assert need.worst_value == pytest.approx(decoded.before.vm_pu[need.worst_step].max())
    (alone,) = (row for row in decoded.proposed if row.plan is states.Plan.P)
    assert (alone.commodity, alone.direction) == (Commodity.P, "down")
    assert set(alone.buses) == {"Village", "Solar park"}
    steps = [step for step, value in enumerate(alone.quantity_mw) if value]
    assert (steps[0], steps[-1]) == (need.first_step, need.last_step)
    (same,) = (row for row in decoded.proposed if row.plan is states.Plan.PQ)
    assert same == replace(alone, plan=states.Plan.PQ), "where R is above X a Mvar does less than a MW"


def test_needs_propose_reactive_power_where_it_does_more() -> None:
    """Each plan cures the day; with Q the sum of MWh and Mvarh is smaller."""
    grid = json.loads(NETWORK)
    for branch in grid["branches"]:
        branch["x_ohm"] = 2 * branch["r_ohm"]
    result = work.run("needs", cases.needs_inputs(json.dumps(grid), SCHEDULE, R1, DAY), silent)
    proposed = states.decode(states.before_from(result), R1).proposed
    plans = {plan: [row for row in proposed if row.plan is plan] for plan in states.Plan}
    assert {row.commodity for row in plans[states.Plan.P]} == {Commodity.P}
    assert Commodity.Q in {row.commodity for row in plans[states.Plan.PQ]}
    changed = {plan: sum(total(row.quantity_mw) for row in rows) for plan, rows in plans.items()}
    assert 0 < changed[states.Plan.PQ] < changed[states.Plan.P]


def test_a_proposal_stored_before_there_was_reactive_power_is_of_active_power() -> None:
    result = work.run("needs", cases.needs_inputs(NETWORK, SCHEDULE, R1, DAY), silent)
    meta, arrays = packing.unpack(states.before_from(result))
    meta["proposed"] = [
        {key: value for key, value in row.items() if key not in ("commodity", "plan")}
        for row in meta["proposed"]
        if row["plan"] == "P"
    ]
    (old,) = states.decode(packing.pack(meta, arrays), R1).proposed
    assert (old.commodity, old.plan) == (Commodity.P, states.Plan.P)


def test_a_schedule_without_solution_is_refused() -> None:
    rows = [line.split(",") for line in SCHEDULE.splitlines()]
    row = next(r for r in rows if r[0] == "LD-1")
    row[2] = "900"
    heavy = "\n".join(",".join(r) for r in rows)
    with pytest.raises(Refused, match="no solution"):
        work.run("needs", cases.needs_inputs(NETWORK, heavy, R1, DAY), silent)


def test_foreign_bytes_are_not_unpickled() -> None:
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, meta=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        packing.unpack(buffer.getvalue())


def test_rounding() -> None:
    assert str(watts(-1e-9)) == "0.000000"
    assert watts(0.0000005) == Decimal("0")
    assert watts(0.0000015) == Decimal("0.000002")
    assert price(2.675) == Decimal("2.68")
    assert price(Decimal("0.125")) == Decimal("0.12")


def test_a_case_file_clears_and_replays_offline(tmp_path: Path) -> None:
    case, result = cleared([offer("FO-1", "esp1", ["PV-1"], "2", "30.00")])
    document = offline.clear_case(case, tmp_path)
    assert document["solve"]["result_sha256"] == results.result_facts(result).result_sha256
    assert offline.replay_case(case, offline.result_bytes(document), tmp_path).same_bytes
    document["objective_eur"] += 1
    assert not offline.replay_case(case, offline.result_bytes(document), tmp_path).stored_intact
    with pytest.raises(Refused):
        offline.replay_case(case, b"{}", tmp_path)
    with pytest.raises(Refused):
        offline.clear_case(b"\xff", tmp_path)
    with pytest.raises(Refused):
        offline.clear_case(b'{"schema": "flexdesk.case/1"}', tmp_path)
