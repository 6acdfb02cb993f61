"""What subscribers may acquire and call up of an offer, and how much of a consumption can be offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, PartyId, SubscriptionId
from domain.marketplace.words import ActivationStatus, PlatformRole
from domain.platform.energy_service import (
    Acquisition,
    CallUp,
    CallUpState,
    Flexibility,
    FlexibilityState,
    acquisition_findings,
    call_up_findings,
    flexibility_findings,
    free_mw,
    given,
)
from domain.platform.potential import Metered, Potential, potential, series_of, windows
from domain.time import DeliveryDay

START = datetime(2026, 11, 23, 16, tzinfo=UTC)
BEFORE = START - timedelta(hours=6)
QUARTER = timedelta(minutes=15)
OFFER = Flexibility(
    id=FlexibilityId("FX-1"),
    provider_id=PartyId("agg"),
    area="North",
    direction=Direction.UP,
    starts_at=START,
    power_mw=(Decimal("0.9"), Decimal("0.5"), Decimal("0.7"), Decimal("0.6")),
    price_eur_per_mwh=Decimal("58.50"),
    acquire_until=START - timedelta(hours=1),
    made_from="96 values of 3 points",
    offered_at=BEFORE,
)


def acquired(
    power_mw: str, status: ActivationStatus | None = ActivationStatus.OK, name: str = "AQ-1"
) -> Acquisition:
    return Acquisition(
        id=AcquisitionId(name),
        flexibility_id=OFFER.id,
        subscription_id=SubscriptionId("BS-1"),
        side=PlatformRole.PROVIDER,
        peer_id=PartyId("tso"),
        power_mw=Decimal(power_mw),
        asked_at=BEFORE,
        status=status,
    )


def call_up(first: int, last: int, power_mw: str, name: str = "CU-1", **changes: object) -> CallUp:
    made = CallUp(
        id=CallUpId(name),
        acquisition_id=AcquisitionId("AQ-1"),
        flexibility_id=OFFER.id,
        subscription_id=SubscriptionId("BS-1"),
        side=PlatformRole.PROVIDER,
        peer_id=PartyId("tso"),
        starts_at=START + first * QUARTER,
        ends_at=START + last * QUARTER,
        power_mw=Decimal(power_mw),
        asked_at=BEFORE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def codes(found: list) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in found}


def test_an_offer_that_holds_and_all_that_can_be_wrong_with_one() -> None:
    assert flexibility_findings(OFFER, BEFORE) == []
    wrong = replace(
        OFFER,
        area=" ",
        power_mw=(Decimal("-1"),),
        starts_at=START + timedelta(minutes=1),
        acquire_until=BEFORE,
        price_eur_per_mwh=Decimal("1.234"),
    )
    assert codes(flexibility_findings(wrong, BEFORE)) == {
        ("missing", "area"),
        ("negative", "power_mw[0]"),
        ("out_of_range", "starts_at"),
        ("deadline_passed", "acquire_until"),
        ("too_many_decimals", "price_eur_per_mwh"),
    }
    late = replace(OFFER, acquire_until=START + QUARTER, power_mw=())
    assert codes(flexibility_findings(late, BEFORE)) == {
        ("out_of_range", "acquire_until"),
        ("wrong_length", "power_mw"),
    }
    naive = replace(OFFER, starts_at=START.replace(tzinfo=None))
    assert codes(flexibility_findings(naive, BEFORE)) == {("naive_time", "starts_at")}


def test_no_more_is_given_than_the_least_quarter_hour_holds() -> None:
    assert free_mw(OFFER, ()) == Decimal("0.5")
    waiting = acquired("0.5", None, "AQ-2")
    assert free_mw(OFFER, (acquired("0.3"), waiting)) == Decimal("0.2"), (
        "what waits for an answer reserves nothing"
    )
    assert given(Decimal("0.2"), Decimal("0.2")) == (ActivationStatus.OK, Decimal("0.2"))
    assert given(Decimal("0.3"), Decimal("0.2")) == (ActivationStatus.PARTIAL, Decimal("0.2"))
    assert given(Decimal("0.3"), Decimal(0)) == (ActivationStatus.KO, Decimal(0))


@pytest.mark.parametrize(
    ("offer", "power", "at", "code"),
    [
        (OFFER, "0", BEFORE, "zero_quantity"),
        (OFFER, "-1", BEFORE, "negative"),
        (OFFER, "NaN", BEFORE, "not_finite"),
        (OFFER, "1", START, "deadline_passed"),
        (replace(OFFER, state=FlexibilityState.WITHDRAWN), "1", BEFORE, "wrong_state"),
    ],
)
def test_what_cannot_be_acquired(offer: Flexibility, power: str, at: datetime, code: str) -> None:
    assert {one.code for one in acquisition_findings(offer, Decimal(power), at)} == {code}


def test_call_ups_at_once_stay_within_what_was_acquired() -> None:
    has = acquired("0.5")
    first, second = call_up(0, 2, "0.3"), call_up(2, 4, "0.4", "CU-2")
    assert call_up_findings(OFFER, has, call_up(1, 3, "0.1", "CU-3"), (first, second), BEFORE) == []
    beyond = call_up_findings(OFFER, has, call_up(1, 3, "0.2", "CU-3"), (first, second), BEFORE)
    assert codes(beyond) == {("not_callable", "power_mw")}, "0.2 beside 0.4 is more than 0.5, beside 0.3 it is not"
    refused = replace(second, state=CallUpState.REFUSED)
    assert call_up_findings(OFFER, has, call_up(1, 3, "0.2", "CU-3"), (first, refused), BEFORE) == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (call_up(0, 2, "0.6"), ("out_of_range", "power_mw")),
        (call_up(0, 2, "0"), ("zero_quantity", "power_mw")),
        (call_up(2, 2, "0.1"), ("out_of_range", "ends_at")),
        (call_up(-1, 2, "0.1"), ("out_of_range", "starts_at")),
        (call_up(3, 5, "0.1"), ("out_of_range", "starts_at")),
        (call_up(0, 2, "0.1", starts_at=START + timedelta(minutes=7)), ("out_of_range", "starts_at")),
    ],
)
def test_what_cannot_be_called_up(wanted: CallUp, code: tuple[str, str]) -> None:
    assert code in codes(call_up_findings(OFFER, acquired("0.5"), wanted, (), BEFORE))


def test_nothing_is_called_up_of_nothing_or_too_late() -> None:
    waiting = acquired("0.5", None)
    assert codes(call_up_findings(OFFER, waiting, call_up(0, 1, "0.1"), (), BEFORE)) == {
        ("wrong_state", "acquisition_id")
    }
    late = call_up_findings(OFFER, acquired("0.5"), call_up(0, 1, "0.1"), (), START)
    assert ("deadline_passed", "starts_at") in codes(late)
    assert call_up(0, 2, "0.3").energy_mwh == Decimal("0.15")


def metered(*energy_kwh: str | None, day: int = 20, step: timedelta = QUARTER) -> Metered:
    values = tuple(None if one is None else Decimal(one) for one in energy_kwh)
    return Metered(starts_at=datetime(2026, 11, day, 16, tzinfo=UTC), step=step, energy_kwh=values)


def test_a_share_of_what_is_consumed_at_that_time_of_day() -> None:
    """50 kWh in a quarter hour are 200 kW; a tenth of them are 0.02 MW."""
    found = potential([metered("50", "25", None)], START, 4, Decimal("0.1"))
    assert found.power_mw == (Decimal("0.02"), Decimal("0.01"), Decimal(0), Decimal(0))
    assert found.n_values == 2


def test_points_add_up_and_days_are_averaged() -> None:
    two_points = [metered("50"), metered("50")]
    assert potential(two_points, START, 1, Decimal("0.1")).power_mw == (Decimal("0.04"),)
    two_days = [metered("50"), metered("100", day=21)]
    assert potential(two_days, START, 1, Decimal("0.1")).power_mw == (Decimal("0.03"),)


def test_longer_steps_are_spread_and_shorter_ones_refused() -> None:
    hourly = potential([metered("400", step=timedelta(hours=1))], START, 5, Decimal("0.1"))
    assert hourly.power_mw == (Decimal("0.04"),) * 4 + (Decimal(0),)
    with pytest.raises(ValueError, match="quarter hours"):
        potential([metered("50", step=timedelta(minutes=10))], START, 1, Decimal("0.1"))


def test_the_time_of_day_is_the_clocks_and_not_utcs() -> None:
    """An evening of summer time tells of the next evening, when winter time has begun; its hour that comes twice
    is as long as any other."""
    evening = datetime(2026, 10, 24, 16, tzinfo=UTC)  # 18:00
    night = datetime(2026, 10, 24, 0, tzinfo=UTC)  # 02:00
    days = [
        Metered(starts_at=at, step=timedelta(minutes=15), energy_kwh=(Decimal(25),) * 4) for at in (evening, night)
    ]
    next_day = DeliveryDay(day=date(2026, 10, 25))
    found = potential(days, next_day.start, next_day.n_steps, Decimal("0.1")).power_mw
    assert len(found) == 100
    offered = [next_day.label(step)[:5] for step, value in enumerate(found) if value]
    assert sorted({label[:2] for label in offered}) == ["02", "18"]
    assert set(found) == {Decimal(0), Decimal("0.01")}
    assert sum(value > 0 for value in found) == 4 + 8
    twice = Metered(starts_at=next_day.start, step=timedelta(minutes=15), energy_kwh=(Decimal(25),) * 100)
    after = DeliveryDay(day=date(2026, 10, 26))
    assert set(potential([twice], after.start, after.n_steps, Decimal("0.1")).power_mw) == {Decimal("0.01")}


def test_stretches_that_are_worth_offering() -> None:
    power = tuple(Decimal(one) for one in ("0.1", "0.3", "0.4", "0", "0.2", "0.3"))
    found = windows(Potential(starts_at=START, power_mw=power, n_values=7), Decimal("0.2"))
    assert [(one.starts_at, one.power_mw) for one in found] == [
        (START + QUARTER, (Decimal("0.3"), Decimal("0.4"))),
        (START + 4 * QUARTER, (Decimal("0.2"), Decimal("0.3"))),
    ]
    assert windows(Potential(starts_at=START, power_mw=power, n_values=7), Decimal(1)) == ()


def test_gaps_stay_gaps() -> None:
    values = {START: Decimal(1), START + 2 * QUARTER: Decimal(3)}
    assert series_of(values, START, 3, QUARTER).energy_kwh == (Decimal(1), None, Decimal(3))
