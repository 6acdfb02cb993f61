"""Rules of delivery by hand-computed cases, baselines, days of summer time, and balance for random deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.flexibility.assets import AssetKind, Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import DeliveryRule, Terms, terms_findings, words
from domain.flexibility.delivery import Delivery, Measured, change_of, deliveries, share
from domain.flexibility.market import Activation, Award
from domain.flexibility.metering import MeterReading, PodMapping, mapped, pod_findings
from domain.flexibility.reference import (
    BaselineMethod,
    PastDay,
    Reference,
    ReferenceInputs,
    comparable_days,
    reference,
)
from domain.flexibility.settlement import (
    COUPLING,
    LineKind,
    Statement,
    award_line,
    differences,
    split,
    statements,
)
from domain.ids import ActivationId, AssetId, AwardId, OfferId, PartyId, PodId, RegionId, SessionId, StatementId
from domain.lifecycle import ActivationState
from domain.time import DeliveryDay

D = Decimal
DSO = PartyId("dso1")
ASSET = FlexAsset(
    id=AssetId("A1"),
    owner_id=PartyId("esp1"),
    region_id=RegionId("R1"),
    unit_id="u",
    bus="b",
    name="Park",
    kind=AssetKind.PV,
    p_min_mw=D(0),
    p_max_mw=D(4),
)


def award(
    accepted: Sequence[str],
    price: str = "40.00",
    *,
    payment: str | None = None,
    direction: Direction = Direction.DOWN,
    name: str = "W1",
    party: str = "esp1",
    commodity: Commodity = Commodity.P,
) -> Award:
    """An award of a few quarter hours; paid its price unless told otherwise."""
    quantities = tuple(D(q) for q in accepted)
    by_price = sum(quantities, D(0)) * D(price) / 4
    return Award(
        id=AwardId(name),
        session_id=SessionId("S1"),
        region_id=RegionId("R1"),
        offer_id=OfferId("O1"),
        asset_id=ASSET.id,
        party_id=PartyId(party),
        direction=direction,
        accepted_mw=quantities,
        price_eur_per_mwh=(D(price),) * len(quantities),
        payment_eur=D(payment) if payment else by_price,
        commodity=commodity,
    )


def delivery(of: Award, delivered: Sequence[str], terms: Terms) -> Delivery:
    return Delivery(award=of, terms=terms, delivered_mw=tuple(D(d) for d in delivered), basis="", remarks=())


# -- rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "delivered", "deduction", "penalty"),
    [
        # 2 MW for two quarter hours at 40: 40.00 EUR. 0.5 MW of the first is missing: 0.125 MWh.
        (Terms(rule=DeliveryRule.PAY_DELIVERED), ("1.5", "2"), "5.00", "0.00"),
        (Terms(rule=DeliveryRule.PENALTY, penalty_eur_per_mwh=D("60.00")), ("1.5", "2"), "5.00", "7.50"),
        (Terms(rule=DeliveryRule.ALL_OR_NOTHING), ("1.5", "2"), "20.00", "0.00"),
        # 0.5 of 2 MW is a quarter: tolerated at 25 %, not at 24 %.
        (Terms(rule=DeliveryRule.PAY_DELIVERED, tolerance_share=D("0.25")), ("1.5", "2"), "0.00", "0.00"),
        (Terms(rule=DeliveryRule.PAY_DELIVERED, tolerance_share=D("0.24")), ("1.5", "2"), "5.00", "0.00"),
        (Terms(rule=DeliveryRule.PENALTY, penalty_eur_per_mwh=D("90.01")), ("0", "0"), "40.00", "90.01"),
    ],
)
def test_each_rule_by_hand(terms: Terms, delivered: tuple[str, str], deduction: str, penalty: str) -> None:
    line = award_line(delivery(award(("2", "2")), delivered, terms))
    assert (line.deduction_eur, line.penalty_eur) == (D(deduction), D(penalty))
    assert line.amount_eur == D("40.00") - D(deduction) - D(penalty)


def test_what_is_paid_beside_prices_goes_by_energy() -> None:
    """A make-whole of 12 EUR over 1 and 3 MW: half of the first quarter hour missing takes 5.00 and 1.50."""
    of = award(("1", "3"), payment="52.00")
    line = award_line(delivery(of, ("0.5", "3"), Terms()))
    assert line.deduction_eur == D("6.50")
    assert line.amount_eur == D("45.50")


def test_cents_are_rounded_half_to_even() -> None:
    """Missing 0.5 of 1 MW at 0.20 EUR/MWh is 2.5 cents, at 0.60 it is 7.5 cents."""
    down = [award_line(delivery(award(("1",), p, payment="1.00"), ("0.5",), Terms())) for p in ("0.20", "0.60")]
    assert [line.deduction_eur for line in down] == [D("0.50"), D("0.50")]
    exact = [award_line(delivery(award(("0.2",), p), ("0.1",), Terms())).deduction_eur for p in ("1.00", "3.00")]
    assert exact == [D("0.02"), D("0.08")]  # 2.5 and 7.5 cents


def test_terms_in_words_and_their_findings() -> None:
    said = words(Terms(rule=DeliveryRule.PENALTY, tolerance_share=D("0.05"), penalty_eur_per_mwh=D("60")))
    assert "penalty of 60.00 EUR" in said
    assert "up to 5 % missing counts as delivered" in said
    bad = Terms(tolerance_share=D("1.1"), penalty_eur_per_mwh=D("-1"))
    assert [f.field for f in terms_findings(bad)] == ["tolerance_share", "penalty_eur_per_mwh"]
    assert [f.code for f in terms_findings(Terms(penalty_eur_per_mwh=D(5)))] == ["rules_conflict"]


# -- delivered ----------------------------------------------------------------------------------------------------


def test_delivered_is_metered_less_baseline_in_the_direction_of_the_call() -> None:
    down, up = award(("2", "2", "2", "2")), award(("2", "2", "2", "2"), direction=Direction.UP)
    metered = (D("2"), D("3"), D("5"), D("1"))
    change = change_of(metered, (D(4),) * 4)
    assert share([down], change)[down.id] == (D(2), D(1), D(0), D(2))  # a wrong way is nothing, more is not paid
    assert share([up], tuple(-c for c in change if c is not None))[up.id] == (D(2), D(1), D(0), D(2))


def test_several_awards_of_an_asset_share_what_is_missing() -> None:
    small, large = award(("1",), name="W1"), award(("3",), name="W2")
    assert share([small, large], (D("-2"),)) == {"W1": (D("0.500000"),), "W2": (D("1.500000"),)}
    up, down = award(("3",), name="W1", direction=Direction.UP), award(("1",), name="W2")
    assert share([up, down], (D("2"),)) == {"W1": (D(3),), "W2": (D(1),)}
    assert share([up, down], (D("1.5"),)) == {"W1": (D("2.500000"),), "W2": (D(1),)}
    assert share([up, down], (D("2.5"),)) == {"W1": (D(3),), "W2": (D("0.500000"),)}


def measured(
    metered: Sequence[str | None],
    *,
    baseline: str | None = "4",
    commodity: Commodity = Commodity.P,
    pod: str = "P",
) -> Measured:
    """An asset's day of a few quarter hours."""
    values = tuple(None if m is None else D(m) for m in metered)
    reading = MeterReading(
        id="m",
        pod_id=PodId("P"),
        delivery_day=date(2016, 7, 25),
        revision=1,
        p_mw=values,
        reported_by=DSO,
        reported_at=datetime(2016, 7, 26, tzinfo=UTC),
    )
    planned = None if baseline is None else (D(baseline),) * len(values)
    used = Reference(
        method=BaselineMethod.NOMINATION, p_mw=planned, source="schedule", reason="" if planned else "Nothing."
    )
    metered_of = values if commodity is Commodity.P else ()
    return Measured(
        asset=ASSET,
        commodity=commodity,
        pod_id=pod,
        reading=reading if metered else None,
        reference=used,
        change=change_of(metered_of, planned),
    )


def kinds(found: Sequence[Delivery]) -> list[tuple[str, bool]]:
    return [(remark.kind, remark.blocking) for one in found for remark in one.remarks]


def test_the_validation_names_what_it_finds() -> None:
    of = award(("2", "2"))
    assert kinds(list(deliveries(measured(("2", "2")), [of], {}, Terms()))) == []
    assert kinds(list(deliveries(measured(("2", "3")), [of], {}, Terms()))) == [("under-delivery", False)]
    gap = list(deliveries(measured(("2", None)), [of], {}, Terms()))
    assert kinds(gap) == [("gap", True), ("under-delivery", False)]
    assert gap[0].delivered_mw == (D(2), D(0))
    assert kinds(list(deliveries(measured(("2", "-9")), [of], {}, Terms()))) == [("implausible", True)]
    assert kinds(list(deliveries(measured(("4.4", "2"), baseline="6.4"), [of], {}, Terms())))[:1] == []
    assert ("baseline", True) in kinds(list(deliveries(measured(("2", "2"), baseline=None), [of], {}, Terms())))
    missing = replace(measured(("2", "2")), reading=None, change=())
    assert kinds(list(deliveries(missing, [of], {}, Terms()))) == [("reading missing", True)]
    unmapped = replace(missing, pod_id="")
    assert kinds(list(deliveries(unmapped, [of], {}, Terms()))) == [("no point of delivery", True)]


def test_a_refused_call_delivers_nothing_and_leaves_the_others_alone() -> None:
    first, second = award(("2",), name="W1"), award(("1",), name="W2")
    call = Activation(
        id=ActivationId("C"),
        award_id=first.id,
        session_id=SessionId("S1"),
        region_id=RegionId("R1"),
        party_id=PartyId("esp1"),
        asset_id=ASSET.id,
        p_mw=(D(-2),),
        state=ActivationState.REFUSED,
    )
    found = list(deliveries(measured(("3",)), [first, second], {first.id: call}, Terms()))
    assert [one.delivered_mw for one in found] == [(D(0),), (D(1),)]
    assert kinds(found) == [("refused", False)]


def test_reactive_power_without_a_meter_is_settled_as_awarded() -> None:
    of = award(("2",), commodity=Commodity.Q)
    (found,) = deliveries(measured(("3",), commodity=Commodity.Q), [of], {}, Terms())
    assert found.delivered_mw == (D(2),)
    assert kinds([found]) == [("as awarded", False)]


# -- baselines ----------------------------------------------------------------------------------------------------


def past(day: date, value: str, **changes: object) -> PastDay:
    n_steps = DeliveryDay(day=day).n_steps
    return replace(PastDay(day=day, p_mw=(D(value),) * n_steps, called=False), **changes)  # type: ignore[arg-type]


def inputs(day: date, days: Sequence[PastDay]) -> ReferenceInputs:
    flat = (D("9"),) * DeliveryDay(day=day).n_steps
    return ReferenceInputs(day=day, schedule_p_mw=flat, nominated_p_mw=None, forecast=None, past=days)


MONDAY = date(2016, 7, 25)


def test_comparable_days_are_the_five_most_recent_working_days_without_a_call() -> None:
    days = [past(MONDAY - timedelta(days=n), str(n)) for n in range(1, 20)]
    days[5] = replace(days[5], called=True)  # 19 July
    days[6] = replace(days[6], p_mw=(None, *days[6].p_mw[1:]))  # 18 July has a gap
    series, source = comparable_days(inputs(MONDAY, days))
    assert source == "Mean of 14.07., 15.07., 20.07., 21.07., 22.07."
    assert series == (D("6.600000"),) * 96  # (3 + 4 + 5 + 10 + 11) / 5


def test_too_few_comparable_days_say_so_and_the_nomination_stands_in() -> None:
    days = [
        past(MONDAY - timedelta(days=n), "1") for n in (3, 4, 5, 6, 2, 46)
    ]  # one is a Saturday, one too long ago
    found = reference(inputs(MONDAY, days), BaselineMethod.COMPARABLE_DAYS)
    assert found.method is BaselineMethod.NOMINATION
    assert found.source == "The DSO's schedule"
    assert found.reason.startswith("Only 4 of the 5 comparable working days")
    assert "No forecast" in reference(inputs(MONDAY, ()), BaselineMethod.FORECAST).reason


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_comparable_days_follow_the_local_clock_over_summer_time() -> None:
    """Each weekend day is metered with its own quarter hours' local hour as value."""

    def hours(day: date) -> PastDay:
        of = DeliveryDay(day=day)
        return PastDay(day=day, p_mw=tuple(D(of.label(step)[:2]) for step in range(of.n_steps)), called=False)

    for day, n_steps in ((SPRING, 92), (AUTUMN, 100), (date(2026, 4, 5), 96)):
        of = DeliveryDay(day=day)
        assert of.n_steps == n_steps
        days = [hours(day - timedelta(days=n)) for n in range(1, 30)]
        series, source = comparable_days(inputs(day, days))
        assert series is not None, source
        assert [f"{value:.0f}" for value in series] == [str(int(of.label(step)[:2])) for step in range(n_steps)]


@pytest.mark.parametrize(("day", "n_steps"), [(SPRING, 92), (AUTUMN, 100)])
def test_a_day_of_92_or_100_quarter_hours_is_settled(day: date, n_steps: int) -> None:
    of = award(("1",) * n_steps)
    line = award_line(delivery(of, ("1",) * (n_steps - 1) + ("0",), Terms()))
    assert line.cleared_eur == D(10) * n_steps
    assert line.amount_eur == D(10) * (n_steps - 1)
    assert line.awarded_mwh == D(n_steps) / 4


# -- statements ---------------------------------------------------------------------------------------------------


def test_delivered_in_full_the_statements_are_the_clearings_payments() -> None:
    first, second = award(("2",), name="W1"), award(("1",), name="W2", party="esp2")
    payments = {PartyId("esp1"): D("21.50"), PartyId("esp2"): D(10), DSO: D("-40.00"), COUPLING: D("8.50")}
    lines = statements([delivery(first, ("2",), Terms()), delivery(second, ("1",), Terms())], payments, DSO)
    assert {p: sum(line.amount_eur for line in of) for p, of in lines.items()} == {
        p: amount for p, amount in payments.items() if p != COUPLING
    }
    assert [(line.kind, line.amount_eur) for line in lines[DSO]] == [
        (LineKind.PURCHASE, D("-31.50")),
        (LineKind.COUPLING, D("-8.50")),
    ]
    assert [line.kind for line in lines[PartyId("esp1")]] == [LineKind.AWARD, LineKind.BESIDE]


def test_several_buyers_get_back_by_what_they_paid() -> None:
    of = award(("2",))
    payments = {PartyId("esp1"): D(20), DSO: D(-5), PartyId("brp1"): D(-15)}
    lines = statements([delivery(of, ("0.99",), Terms())], payments, DSO)
    refunds = {p: line.amount_eur for p, found in lines.items() for line in found if line.kind is LineKind.REFUND}
    assert refunds == {DSO: D("2.53"), PartyId("brp1"): D("7.57")}  # 10.10 by 1 and 3: 2.525, 7.575
    assert split(D("0.05"), [D(1), D(1), D(1)]) == [D("0.02"), D("0.02"), D("0.01")]


quantities = st.lists(st.integers(0, 4_000_000).map(lambda w: D(w).scaleb(-6)), min_size=4, max_size=4)
prices = st.integers(-5_000, 50_000).map(lambda c: D(c).scaleb(-2))
terms = st.builds(
    Terms,
    rule=st.sampled_from(DeliveryRule),
    tolerance_share=st.integers(0, 100).map(lambda p: D(p) / 100),
    penalty_eur_per_mwh=st.integers(0, 30_000).map(lambda c: D(c).scaleb(-2)),
)


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Delivery], dict[PartyId, Decimal]]:
    """Awards of three parties with random deliveries, and a clearing's payments that sum to zero."""
    found, payments = [], {DSO: D(0), COUPLING: D(draw(st.integers(-10_000, 10_000))).scaleb(-2)}
    for number in range(draw(st.integers(1, 5))):
        party = PartyId(draw(st.sampled_from(["esp1", "esp2", "agg1"])))
        accepted, metered = draw(quantities), draw(quantities)
        paid = D(draw(st.integers(-50_000, 500_000))).scaleb(-2)
        of = award(
            [str(q) for q in accepted], str(draw(prices)), payment=str(paid), name=f"W{number}", party=party
        )
        delivered = tuple(min(a, m) for a, m in zip(accepted, metered, strict=True))
        found.append(Delivery(award=of, terms=draw(terms), delivered_mw=delivered, basis="", remarks=()))
        payments[party] = payments.get(party, D(0)) + paid
    if draw(st.booleans()):
        payments[PartyId("brp1")] = D(draw(st.integers(-90_000, 0))).scaleb(-2)
    payments[DSO] = -sum(amount for party, amount in payments.items() if party != DSO)
    return found, payments


@settings(max_examples=150, deadline=None)
@given(markets())
def test_statements_balance_to_the_cent_for_any_delivery(
    market: tuple[list[Delivery], dict[PartyId, Decimal]],
) -> None:
    found, payments = market
    lines = statements(found, payments, DSO)
    amounts = [line.amount_eur for of in lines.values() for line in of]
    assert sum(amounts, payments[COUPLING]) == 0
    assert all(amount == amount.quantize(D("0.01")) for amount in amounts)
    cleared = {party: sum((line.cleared_eur for line in of), D(0)) for party, of in lines.items()}
    assert cleared == {p: payments.get(p, D(0)) for p in cleared}
    whole = [replace(one, delivered_mw=one.award.accepted_mw) for one in found]
    undiminished = statements(whole, payments, DSO)
    assert {p: sum((line.amount_eur for line in of), D(0)) for p, of in undiminished.items()} == {
        p: payments.get(p, D(0)) for p in undiminished
    }


def statement(*lines: Delivery) -> Statement:
    return Statement(
        id=StatementId("T"),
        session_id=SessionId("S1"),
        region_id=RegionId("R1"),
        party_id=PartyId("esp1"),
        revision=1,
        lines=tuple(award_line(line) for line in lines),
        computed_at=datetime(2016, 7, 26, tzinfo=UTC),
    )


def test_the_difference_of_versions_is_told_line_by_line() -> None:
    first, second = award(("2",), name="W1"), award(("1",), name="W2")
    before = statement(delivery(first, ("2",), Terms()), delivery(second, ("1",), Terms()))
    after = statement(delivery(first, ("1",), Terms()))
    found = differences(before, after)
    assert [(d.line.award_id, d.quantity_mwh, d.amount_eur) for d in found] == [
        ("W1", D("-0.25"), D("-10.00")),
        ("W2", D("-0.25"), D("-10.00")),
    ]
    assert differences(None, after) == ()


# -- points of delivery -------------------------------------------------------------------------------------------


def test_a_point_of_delivery_stands_for_one_asset_from_a_day_on() -> None:
    def mapping(asset: str, since: date) -> PodMapping:
        return PodMapping(id=f"{since}", pod_id=PodId("P"), asset_id=AssetId(asset), valid_from=since)

    both = (mapping("A2", date(2016, 7, 10)), mapping("A1", date(2016, 7, 1)))
    found = {day: mapped(both, date(2016, 7, day)).get(PodId("P")) for day in (1, 9, 10)}
    assert {day: m.asset_id if m else None for day, m in found.items()} == {1: "A1", 9: "A1", 10: "A2"}
    assert mapped(both, date(2016, 6, 30)) == {}


@pytest.mark.parametrize("code", ["", "ab", "x" * 41, "-abc", "a b c", "=SUM(A1)", "a/b/c", "abc\n", "ÄÖÜ"])
def test_codes_that_are_none(code: str) -> None:
    assert [finding.code for finding in pod_findings(code)] == ["malformed"]


def test_an_eic_is_a_code() -> None:
    assert pod_findings("11YVTSO---12345Z") == []
