"""What a direct call takes of an offer, and how an award is split: nothing appears and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.flexibility.assets import Direction
from domain.flexibility.calls import Run, drawn, runs, split_award, with_again, without, worth_eur
from domain.flexibility.market import Award, OfferLine
from domain.flexibility.settlement import clearing_payments
from domain.ids import AssetId, AwardId, OfferId, PartyId, RegionId, SessionId
from domain.units import add_series, total

WATTS = st.integers(0, 5_000_000).map(lambda watts: Decimal(watts).scaleb(-6))
SERIES = st.lists(WATTS, min_size=4, max_size=4).map(tuple)
D = Decimal


def lines(*quantities: tuple[Decimal, ...]) -> tuple[OfferLine, ...]:
    return tuple(OfferLine(asset_id=AssetId(f"A{n}"), quantity_mw=q) for n, q in enumerate(quantities))


def award(**changes: object) -> Award:
    values: dict[str, object] = {
        "id": AwardId("AW-1"),
        "session_id": SessionId("MS-1"),
        "region_id": RegionId("R1"),
        "offer_id": OfferId("FO-1"),
        "asset_id": AssetId("A0"),
        "party_id": PartyId("esp1"),
        "direction": Direction.UP,
        "accepted_mw": (D(1), D(2)),
        "price_eur_per_mwh": (D(40), D(60)),
        "payment_eur": D("40.01"),
    }
    return Award(**values | changes)  # type: ignore[arg-type]


def test_runs_are_stretches_in_which_nothing_changes() -> None:
    power = tuple(map(D, (0, 1, 1, 2, 0, 2)))
    price = tuple(map(D, (5, 5, 6, 6, 6, 6)))
    assert list(runs(power, price)) == [
        Run(first=1, last=2, values=(D(1), D(5))),
        Run(first=2, last=3, values=(D(1), D(6))),
        Run(first=3, last=4, values=(D(2), D(6))),
        Run(first=5, last=6, values=(D(2), D(6))),
    ]


@given(SERIES, SERIES, SERIES)
def test_what_is_drawn_is_what_was_asked_and_comes_back_whole(
    first: tuple[Decimal, ...], second: tuple[Decimal, ...], asked: tuple[Decimal, ...]
) -> None:
    held = lines(first, second)
    parts = drawn(held, asked)
    enough = all(a <= f + s for a, f, s in zip(asked, first, second, strict=True))
    assert (parts is not None) == enough
    if parts is not None:
        assert add_series([part.quantity_mw for part in parts], 4) == asked
        left = without(held, parts)
        assert all(q >= 0 for line in left for q in line.quantity_mw)
        assert with_again(left, parts) == held


@given(st.integers(0, 1_000_000), st.integers(0, 2_000_000), st.integers(-10_000, 10_000))
def test_a_split_award_pays_what_it_paid(first: int, second: int, cents: int) -> None:
    whole = award(payment_eur=D(cents).scaleb(-2), make_whole_eur=D("0.03"))
    part_mw = (D(first).scaleb(-6), D(second).scaleb(-6))
    if not any(part_mw):
        return
    rest, part = split_award(whole, part_mw, AwardId("AW-2"))
    both = [part] if rest is None else [rest, part]
    assert total([a.payment_eur for a in both]) == whole.payment_eur
    assert total([a.make_whole_eur for a in both]) == whole.make_whole_eur
    assert add_series([a.accepted_mw for a in both], 2) == whole.accepted_mw


def test_the_whole_of_an_award_is_not_split() -> None:
    assert split_award(award(), (D(1), D(2)), AwardId("AW-2")) == (None, award())


def test_direct_calls_are_paid_beside_what_the_clearing_told() -> None:
    called = award(id=AwardId("AW-2"), direct=True, payment_eur=worth_eur((D(1), D(2)), (D(40), D(60))))
    assert called.payment_eur == D("40.00")
    told = {PartyId("esp1"): D("40.01"), PartyId("dso1"): D("-40.01")}
    paid = clearing_payments([award(), called], told, PartyId("dso1"))
    assert paid == {"esp1": D("80.01"), "dso1": D("-80.01")}
    assert clearing_payments([replace(award()), called], {}, PartyId("dso1")) == paid
    assert clearing_payments([called], {PartyId("esp2"): D(1), PartyId("dso1"): D(-1)}, PartyId("dso1")) == {
        "esp2": D(1),
        "dso1": D(-41),
        "esp1": D(40),
    }
