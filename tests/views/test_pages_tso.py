"""What the TSO, retailers and balance responsible parties are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import fakes
import numpy as np
import pytest

from domain.time import DeliveryDay
from views.pages.context import BoundDesk
from views.plots.day_series import Curve, day_series
from views.state.portfolio_day import PortfolioDay, region_records, sums
from views.state.portfolio_day import step_records as portfolio_steps
from views.state.tso_coupling import (
    Coupling,
    busiest_step,
    day_records,
    signed,
    step_records,
    total_mwh,
    total_records,
)

NAMES = {"requested_down": "Requested down", "before": "Import before", "after": "Import after"}


def coupling() -> Coupling:
    state = Coupling(BoundDesk(fakes.FakeDesk(), fakes.principal("tso")))
    state.refresh()
    return state


def portfolio(region: str = "") -> PortfolioDay:
    state = PortfolioDay(BoundDesk(fakes.FakeDesk(), fakes.principal("brp1")))
    state.region = region
    state.refresh()
    return state


class TestCoupling:
    def test_opens_on_the_step_where_most_is_asked(self) -> None:
        state = coupling()
        assert (state.day, state.region, state.step) == ("2016-07-25", "north", 44)
        late = replace(state.rows[0], requested_up_mw=tuple(Decimal(step == 90) for step in range(96)))
        assert busiest_step((late,), 96) == 90

    def test_a_region_or_step_that_is_not_there_falls_back(self) -> None:
        state = coupling()
        state.param.update(region="<script>", step=99)
        state.refresh()
        assert (state.region, state.step) == ("north", 44)

    def test_totals_are_energy_by_region_and_their_sum(self) -> None:
        state = coupling()
        north, south, total = total_records(state.rows, state.sessions)
        assert (north["region"], north["bus"], north["state"]) == ("Rural north", "B0", "open")
        assert north["requested_down_mwh"] == south["awarded_down_mwh"] == 2.0
        assert total["requested_down_mwh"] == 4.0
        assert north["before_mwh"] == pytest.approx(float(np.sum(state.rows[0].p_before_mw)) / 4)
        assert total_mwh(state.rows, "requested_down_mw") == Decimal(4)

    def test_what_is_not_known_of_one_region_is_not_summed(self) -> None:
        state = coupling()
        _, south, total = total_records(state.rows, state.sessions)
        assert south["after_mwh"] is None
        assert total["after_mwh"] is None
        after = step_records(state.rows, 48, NAMES)[2]
        assert (after["south"], after["total"]) == (None, None)
        assert after["north"] is not None

    def test_one_quarter_hour_across_the_regions(self) -> None:
        state = coupling()
        asked, before, _ = step_records(state.rows, 50, NAMES)
        assert asked == {"quantity": "Requested down", "north": 0.5, "south": 0.5, "total": 1.0}
        assert before["north"] == pytest.approx(float(state.rows[0].p_before_mw[50]))

    def test_the_day_table_has_every_quarter_hour_with_its_utc(self) -> None:
        state = coupling()
        lines = day_records(state.chosen, state.delivery_day)
        assert len(lines) == 96
        assert (lines[0]["at"], lines[0]["at_utc"]) == ("00:00", "2016-07-24 22:00 UTC")
        assert (lines[44]["requested_down_mw"], lines[43]["requested_down_mw"]) == (0.5, 0.0)

    def test_up_is_positive(self) -> None:
        assert signed((Decimal(1), Decimal(0)), (Decimal(0), Decimal(2))).tolist() == [1.0, -2.0]


class TestPortfolio:
    def test_sums_production_load_and_awards(self) -> None:
        total = sums(portfolio().chosen, 96)
        assert total["production_p_mw"][50] == 1.0
        assert total["load_p_mw"][0] == 0.5
        assert total["awarded_p_mw"][50] == -1.0
        assert total["net_p_mw"][50] == 0.5
        assert total["net_with_awards_p_mw"][50] == -0.5

    def test_one_region_alone_is_half(self) -> None:
        assert sums(portfolio("north").chosen, 96)["production_p_mw"][50] == 0.5
        assert portfolio("<nowhere>").region == ""

    def test_regions_end_in_their_sum(self) -> None:
        north, _, total = region_records(portfolio().rows)
        assert north["production_mwh"] == Decimal(2)
        assert total == {
            "region": "All regions",
            "assets": 6,
            "production_mwh": Decimal(4),
            "load_mwh": Decimal(12),
            "net_mwh": Decimal(-8),
            "awarded_mwh": Decimal(-4),
        }

    def test_steps_carry_prices(self) -> None:
        lines = portfolio_steps(portfolio())
        assert len(lines) == DeliveryDay(day=fakes.DAY).n_steps
        assert (lines[3]["day_ahead"], lines[3]["balancing"]) == (Decimal(33), Decimal(48))

    def test_without_a_session_there_is_nothing_and_no_error(self) -> None:
        state = PortfolioDay(BoundDesk(fakes.FakeDesk(sessions={}), fakes.principal("brp1")))
        state.refresh()
        assert (state.day, state.rows) == ("", ())


class TestDaySeries:
    CURVES = (Curve(key="a", label="A", mark="bar", tone="normal"), Curve(key="b", label="B", mark="dash"))

    def test_what_is_not_there_leaves_chart_and_legend(self) -> None:
        plot = day_series(self.CURVES, fakes.LABELS, "MW")
        plot.show({"a": np.full(96, 2.0), "b": None})
        assert [r.visible for r in plot.renderers] == [item.visible for item in plot.items] == [True, False]
        assert plot.source.data["a"][5] == 2.0
        assert plot.figure.y_range.start <= 0.0 < 2.0 < plot.figure.y_range.end

    def test_a_series_of_another_day_is_refused(self) -> None:
        plot = day_series(self.CURVES, fakes.LABELS, "MW")
        with pytest.raises(ValueError, match="a: expected 96 steps, got 92"):
            plot.show({"a": np.zeros(92)})

    def test_colours_follow_the_theme(self) -> None:
        plot = day_series(self.CURVES, fakes.LABELS, "MW")
        light = plot.renderers[1].glyph.line_color
        plot.restyle("dark")
        assert plot.renderers[1].glyph.line_color != light
