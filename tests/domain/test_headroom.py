"""What an asset of each kind can change around its baseline, checked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flexibility.assets import AssetKind, Direction, FlexAsset, headroom
from domain.flexibility.commodity import Commodity
from domain.ids import AssetId, PartyId, RegionId

D = Decimal


def asset(kind: AssetKind, low: str, high: str, share: str = "1", s_max: str | None = None) -> FlexAsset:
    return FlexAsset(
        id=AssetId("FA-1"),
        owner_id=PartyId("esp1"),
        region_id=RegionId("R1"),
        unit_id="U",
        bus="1",
        name="U",
        kind=kind,
        p_min_mw=D(low),
        p_max_mw=D(high),
        flexible_share=D(share),
        s_max_mva=None if s_max is None else D(s_max),
    )


CASES = [
    (asset(AssetKind.PV, "0", "4"), "3", "0", "3"),
    (asset(AssetKind.WIND, "1", "4"), "3", "0", "2"),
    (asset(AssetKind.HYDRO, "1", "4"), "3", "1", "2"),
    (asset(AssetKind.BIOMASS, "0", "4"), "0", "4", "0"),
    (asset(AssetKind.STORAGE, "-1", "1"), "0.25", "0.75", "1.25"),
    (asset(AssetKind.LOAD, "-2", "0", "0.5"), "-1", "0.5", "0.5"),
    (asset(AssetKind.PV, "0", "4"), "5", "0", "5"),
    (asset(AssetKind.HYDRO, "2", "4"), "1", "3", "0"),
]


@pytest.mark.parametrize(("plant", "p_mw", "up", "down"), CASES, ids=lambda value: getattr(value, "kind", value))
def test_by_hand(plant: FlexAsset, p_mw: str, up: str, down: str) -> None:
    room = headroom(plant, (D(p_mw),))
    assert (room.up_mw, room.down_mw) == ((D(up),), (D(down),))
    assert room.of(Direction.UP) == (D(up),)
    assert room.of(Direction.DOWN) == (D(down),)


def test_the_stricter_baseline_counts_in_each_step() -> None:
    plant = asset(AssetKind.STORAGE, "-1", "1")
    room = headroom(plant, (D("0.5"), D("-0.5")), (D("-0.5"), D("0.5")))
    assert room.up_mw == room.down_mw == (D("0.5"), D("0.5"))


RATED = [
    ("5", "3", "0", "4", "4"),
    ("5", "3", "1", "3", "5"),
    ("5", "-4", "-1.5", "4.5", "1.5"),
    ("5", "5", "0", "0", "0"),
    ("5", "6", "0.5", "0", "0.5"),
    (None, "3", "0", "0", "0"),
]


@pytest.mark.parametrize(("s_max", "p_mw", "q_mvar", "up", "down"), RATED)
def test_reactive_power_is_what_the_rating_leaves(
    s_max: str | None, p_mw: str, q_mvar: str, up: str, down: str
) -> None:
    """3, 4 and 5 make a right angle; beyond the rating, what is there can only be taken back."""
    plant = asset(AssetKind.STORAGE, "-6", "6", s_max=s_max)
    room = headroom(plant, (D(p_mw),), q_mvar=(D(q_mvar),))
    assert room.of(Direction.UP, Commodity.Q) == room.up_mvar == (D(up),)
    assert room.of(Direction.DOWN, Commodity.Q) == room.down_mvar == (D(down),)
    assert room.of(Direction.UP) == (D(6) - D(p_mw),)
    stricter = headroom(plant, (D(p_mw),), (D("4.999999"),), q_mvar=(D(q_mvar),))
    assert stricter.up_mvar[0] <= D(up)


def test_parts_of_a_watt_are_cut_off() -> None:
    room = headroom(asset(AssetKind.LOAD, "-1", "0", "0.333333"), (D("-0.5"),))
    assert room.up_mw == (D("0.166666"),)


@given(
    st.sampled_from(AssetKind),
    st.lists(st.decimals(-10, 10, places=6), min_size=1, max_size=5),
    st.decimals(0, 1, places=3),
)
def test_it_is_never_negative_and_more_baselines_never_widen_it(
    kind: AssetKind, values: list[Decimal], share: Decimal
) -> None:
    plant = asset(kind, "-3", "5", str(share))
    alone = headroom(plant, (values[0],))
    together = headroom(plant, *((value,) for value in values))
    assert D(0) <= together.up_mw[0] <= alone.up_mw[0]
    assert D(0) <= together.down_mw[0] <= alone.down_mw[0]
