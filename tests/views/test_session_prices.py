"""Prices on the desks: sums that add up, the map centred on the coupling price, the stack of parts, and rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import fakes
import numpy as np
import pytest
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.models import HoverTool, TapTool
from opened import Silence

from domain.commands import SetClearingRules
from domain.flexibility.explanation import Explanation
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule
from domain.lifecycle import SessionState
from views import news, theme
from views.pages import drawing
from views.pages.context import BoundDesk, PageContext
from views.pages.fmo_session import PAGES
from views.pages.fmo_session_rules import RulesTab
from views.pages.session_prices import PricesTab
from views.pages.themes import Themes
from views.plots.gridmap import gridmap
from views.plots.models import BusPrices, PriceDay, WorstOfDay
from views.plots.price_layer import price_layer
from views.plots.price_parts import PARTS, price_parts
from views.plots.step import step_state
from views.plots.timeline import timeline
from views.state import rules_words
from views.state.fmo_session import SessionRoom
from views.state.records import operator_pays_eur, why_record
from views.state.session_prices import bus_rows, farthest_bus, on_the_map, spread, sum_in_words

NOON = 48
PRICES = fakes.nodal_prices()


def context(desk: fakes.FakeDesk, said: list[tuple[str, str]] | None = None) -> PageContext:
    hub = Silence()
    notify = (lambda text, kind: said.append((kind, text))) if said is not None else (lambda *_: None)
    return PageContext(desk=BoundDesk(desk, fakes.principal("fmo")), live=hub, location=hub, notify=notify)


def room_of(desk: fakes.FakeDesk) -> SessionRoom:
    room = SessionRoom(BoundDesk(desk, fakes.principal("fmo")))
    room.id = "MS-north"
    room.refresh()
    return room


def cleared(**changes: object) -> fakes.FakeDesk:
    desk = fakes.cleared(fakes.FakeDesk(prices_at_buses=PRICES))
    for name, value in changes.items():
        setattr(desk, name, value)
    return desk


class TestSums:
    def test_the_words_add_up_and_leave_out_what_is_nothing(self) -> None:
        """Bus B4 at noon: 50 - 6 - 48 is -4; there is no congestion."""
        words = sum_in_words(PRICES.p, 4, NOON, "12:00", "EUR/MWh")
        assert words == (
            "12:00: -4.00 EUR/MWh = energy 50.00 − losses 6.00 − voltage 48.00. "
            "A change up is worth -4.00, a change down 4.00."
        )
        assert "= no part." in sum_in_words(PRICES.q, 0, NOON, "12:00", "EUR/Mvarh")

    def test_buses_by_how_far_their_price_ranges(self) -> None:
        rows = bus_rows(PRICES, PRICES.p)
        assert [row.bus for row in rows] == ["B4", "B3", "B2", "B1", "B0"]
        assert (rows[0].low, rows[0].high, rows[0].most) == (-4.0, 50.0, "voltage")
        assert (rows[-1].low, rows[-1].high, rows[-1].most) == (50.0, 50.0, "–")
        assert farthest_bus(PRICES) == "B4"
        assert spread(PRICES.p)[NOON] == 54.0

    def test_buses_without_a_price_are_nan_on_the_map(self) -> None:
        total = on_the_map(PRICES, PRICES.p, fakes.grid_map("north"))
        assert total.shape == (96, 6)
        assert np.isnan(total[:, 5]).all()
        assert total[NOON, 4] == -4.0


def a_map():
    return gridmap(
        drawing.topology(fakes.grid_map("north")),
        drawing.grid_day(fakes.day_state(1.05, 70)),
        step_state(96, NOON),
    )


class TestFigures:
    def day(self) -> BusPrices:
        total = on_the_map(PRICES, PRICES.p, fakes.grid_map("north"))
        return BusPrices(total=total, centre=np.linspace(20, 60, 96), unit="EUR/MWh")

    def test_the_scale_is_centred_on_the_coupling_price_of_the_step(self) -> None:
        day = self.day()
        layer = price_layer(a_map(), day)
        centre = float(day.centre[NOON])
        assert (layer.mapper.low + layer.mapper.high) / 2 == pytest.approx(centre)
        reach = float(np.nanmax(np.abs(day.total - day.centre[:, None])))
        assert layer.mapper.high - centre == pytest.approx(reach)
        assert layer.buses.data["price"][4] == np.float32(-4.0)
        assert len(layer.prices.data["v"]) == 96 * 6
        assert layer.prices.tags == [pytest.approx(reach)]

    def test_all_prices_alike_still_have_a_scale(self) -> None:
        flat = BusPrices(total=np.zeros((96, 6)), centre=np.zeros(96), unit="EUR/Mvarh")
        layer = price_layer(a_map(), flat)
        assert (layer.mapper.low, layer.mapper.high) == (-1.0, 1.0)
        layer.show(replace(self.day(), unit="EUR/MWh"))
        assert layer.mapper.high > 1.0
        assert "EUR/MWh" in layer.bar.title

    def test_the_middle_is_quiet_and_both_ends_differ(self) -> None:
        for name in ("light", "dark"):
            palette = theme.price_palette(name)
            assert palette[len(palette) // 2] == theme.tokens(name).faint
            assert (palette[0], palette[-1]) == (theme.tokens(name).low, theme.tokens(name).high)

    def test_the_map_under_prices_has_no_colours_and_no_legend_of_its_own(self) -> None:
        """One scale on one map: what the lines' colours would mean is on the grid's own map."""
        drawn = a_map()
        assert (drawn.loading_bar.visible, drawn.voltage_bar.visible) == (True, False)
        layer = price_layer(drawn, self.day())
        for name in ("light", "dark"):
            drawn.restyle(name)
            assert (drawn.loading_bar.visible, drawn.voltage_bar.visible, layer.bar.visible) == (
                False,
                False,
                True,
            )
            normal = theme.tokens(name).normal
            assert (drawn.segments.glyph.line_color, drawn.dots.glyph.fill_color) == (normal, normal)

    def test_taps_and_hovers_are_the_dots(self) -> None:
        drawn = a_map()
        layer = price_layer(drawn, self.day())
        seen: list[int] = []
        layer.on_select(seen.append)
        layer.select(3)
        layer.buses.selected.indices = []  # a tap beside all buses
        assert (seen, layer.buses.selected.indices) == ([3, 3], [3])
        told = [tool.renderers for tool in drawn.figure.tools if isinstance(tool, HoverTool | TapTool)]
        assert told == [[drawn.segments], [layer.dots], [layer.dots]]

    def test_a_day_of_another_grid_is_refused(self) -> None:
        with pytest.raises(ValueError, match="n_step, n_bus"):
            price_layer(a_map(), replace(self.day(), total=np.zeros((96, 5))))

    def price_day(self) -> PriceDay:
        parts = {"energy": np.full(96, 50.0), "loss": np.full(96, -6.5), "congestion": np.full(96, 4.0)}
        parts["voltage"] = np.full(96, -59.0)
        return PriceDay(total=sum(parts.values()), parts=parts, unit="EUR/MWh")

    def test_the_stack_reaches_up_by_what_raises_and_down_by_what_lowers(self) -> None:
        plot = price_parts(self.price_day(), fakes.LABELS, step_state(96))
        data = plot.source.data
        ends = {part: (data[f"{part}_bottom"][0], data[f"{part}_top"][0]) for part in PARTS}
        assert ends == {
            "energy": (0.0, 50.0),
            "loss": (0.0, -6.5),
            "congestion": (50.0, 54.0),
            "voltage": (-6.5, -65.5),
        }
        assert plot.figure.y_range.start < -65.5
        assert plot.figure.y_range.end > 54.0

    def test_a_part_that_is_nothing_leaves_the_legend(self) -> None:
        day = self.price_day()
        plot = price_parts(day, fakes.LABELS, step_state(96))
        assert all(item.visible for item in plot.items.values())
        plot.show(replace(day, parts={**day.parts, "energy": np.zeros(96)}, unit="EUR/Mvarh"))
        assert not plot.items["energy"].visible
        assert plot.figure.yaxis[0].axis_label == "EUR/Mvarh"
        with pytest.raises(ValueError, match="96 steps"):
            plot.show(replace(day, total=np.zeros(92)))

    def test_a_slider_without_a_limit_marks_nothing(self) -> None:
        worst = WorstOfDay(value=np.arange(96.0), label="Farthest", unit="EUR/MWh", limit=np.nan)
        slider = timeline(worst, step_state(96, 7), fakes.LABELS)
        assert slider.readout.text == "01:45  7.00 EUR/MWh"
        assert slider.caption.text == "Farthest, EUR/MWh"
        assert np.isnan(slider.worst.data["over"]).all()
        assert np.isnan(slider.worst.data["mark"]).all()
        assert (slider.figure.y_range.start, slider.figure.y_range.end) == (-0.45 * 95, 95 + 0.35 * 95)


class TestPricesTab:
    def tab(self, desk: fakes.FakeDesk, **state: str) -> tuple[SessionRoom, PricesTab]:
        room = room_of(desk)
        room.param.update(**state)
        return room, PricesTab(room, step_state(96, NOON), Themes("light"))

    def test_without_a_bus_in_the_link_the_farthest_is_looked_at(self) -> None:
        room, tab = self.tab(cleared())
        assert room.bus == "B4"
        assert tab._bus.value == "B4"
        assert tab._layer.buses.selected.indices == [4]
        assert "Bus B4 at 12:00: -4.00 EUR/MWh" in tab._sum.object
        document = Document()
        document.add_root(tab._map.figure)
        document.add_root(tab._chart.figure)
        assert serialize_json(document.to_json())

    @pytest.mark.parametrize("linked", ["B2", "<b>", "B5"])
    def test_a_link_to_a_bus_is_followed_where_it_has_a_price(self, linked: str) -> None:
        room, tab = self.tab(cleared(), bus=linked)
        assert room.bus == (linked if linked == "B2" else "B4")
        assert tab._bus.value == room.bus

    def test_choosing_a_bus_by_tap_table_or_list_is_the_same(self) -> None:
        room, tab = self.tab(cleared())
        tab._layer.buses.selected.indices = [2]
        assert (room.bus, tab._bus.value) == ("B2", "B2")
        tab._bus.value = "B1"
        assert (room.bus, tab._layer.buses.selected.indices) == ("B1", [1])
        tab._on_row({"bus": "B3"})
        assert (room.bus, tab._chart.source.data["total"][NOON]) == ("B3", 50 - 4.5 - 36)

    def test_reactive_prices_change_the_unit_everywhere(self) -> None:
        room, tab = self.tab(cleared())
        tab._commodity.value = "q"
        assert room.commodity == "q"
        assert "EUR/Mvarh" in tab._sum.object
        assert tab._slider.worst.tags == ["EUR/Mvarh", 2]
        assert not tab._chart.items["energy"].visible

    def test_prices_of_active_power_alone_offer_no_choice(self) -> None:
        room, tab = self.tab(cleared(prices_at_buses=fakes.nodal_prices(reactive=False)), commodity="q")
        assert (room.commodity, tab._commodity.visible) == ("p", False)

    def test_a_step_that_settles_is_kept_and_told(self) -> None:
        room, tab = self.tab(cleared())
        tab._on_step(0)
        assert room.step == 0
        assert "at 00:00: 50.00 EUR/MWh = energy 50.00" in tab._sum.object

    def test_prices_come_with_the_result_and_are_not_drawn_twice(self) -> None:
        desk = fakes.FakeDesk()
        room, tab = self.tab(desk)
        assert tab._map is None
        fakes.cleared(desk)
        desk.prices_at_buses = PRICES
        room.refresh()
        tab.draw()
        drawn = tab._map
        assert drawn is not None
        room.refresh()
        tab.draw()
        assert tab._map is drawn

    def test_an_old_result_has_no_prices_and_says_so(self) -> None:
        _, tab = self.tab(cleared(prices_at_buses=None))
        assert tab._map is None
        assert "This result has no prices at buses." in str(tab.view[0][-1][0].object)


class TestRulesTab:
    def tab(self, desk: fakes.FakeDesk) -> tuple[SessionRoom, RulesTab]:
        room = room_of(desk)
        return room, RulesTab(context(desk), room)

    def test_rules_are_set_after_the_question(self) -> None:
        desk = fakes.FakeDesk()
        _, tab = self.tab(desk)
        assert tab._set.disabled
        tab._selects["payment"].value = PaymentRule.NODAL
        assert not tab._set.disabled
        tab._on_set(None)
        assert desk.done == []
        assert "paid nodal prices" in tab._dialog._question.object
        tab._dialog._on_confirm(None)
        ((_, command),) = desk.done
        assert command == SetClearingRules(
            session_id="MS-north",
            clearing=ClearingMode.NETWORK,
            payment=PaymentRule.NODAL,
            energy=EnergyPricing.IGNORED,
        )

    def test_what_does_not_go_together_cannot_be_set_and_says_why(self) -> None:
        _, tab = self.tab(fakes.FakeDesk())
        tab._selects["clearing"].value = ClearingMode.CONTINUOUS
        assert tab._set.disabled
        assert "choose nodal prices" in tab._problems._beside["payment"].object
        tab._selects["payment"].value = PaymentRule.NODAL
        assert not tab._set.disabled
        assert tab._problems._beside["payment"].object == ""

    def test_after_the_gate_they_are_read_only(self) -> None:
        _, tab = self.tab(cleared())
        assert all(select.disabled for select in tab._selects.values())
        assert not tab._set.visible
        assert "In force since the gate closed: Network clearing" in tab._state.object

    def test_a_choice_under_way_survives_news_and_gives_way_to_new_rules(self) -> None:
        desk = fakes.FakeDesk()
        room, tab = self.tab(desk)
        tab._selects["payment"].value = PaymentRule.VCG
        room.refresh()
        tab.draw()
        assert tab.chosen.payment is PaymentRule.VCG
        desk.sessions["north"] = replace(desk.sessions["north"], clearing=ClearingMode.REQUESTS)
        room.refresh()
        tab.draw()
        assert tab.chosen == ClearingRules(clearing=ClearingMode.REQUESTS)

    def test_priced_energy_without_prices_is_warned_of(self) -> None:
        _, tab = self.tab(fakes.FakeDesk(prices=[]))
        tab._selects["energy"].value = EnergyPricing.PRICED
        assert "no day-ahead prices yet" in tab._words["energy"].object
        _, tab = self.tab(fakes.FakeDesk())
        tab._selects["energy"].value = EnergyPricing.PRICED
        assert "no day-ahead prices" not in tab._words["energy"].object

    @pytest.mark.parametrize(
        ("kind", "tables"),
        [
            (ClearingMode, (rules_words.MODES, rules_words.MODE_WORDS)),
            (PaymentRule, (rules_words.PAYMENTS, rules_words.PAYMENT_WORDS)),
            (EnergyPricing, (rules_words.ENERGIES, rules_words.ENERGY_WORDS)),
        ],
    )
    def test_every_choice_has_its_words(self, kind: type, tables: tuple[dict, ...]) -> None:
        for table in tables:
            assert set(table) == set(kind)


class TestRoom:
    def test_the_whole_room_opens_in_every_state(self) -> None:
        for state in SessionState:
            desk = cleared()
            desk.sessions["north"] = fakes.session_of("north", state)
            content = PAGES[0].build(context(desk))
            assert content.owner is not None

    def test_news_of_rules_reaches_the_open_room(self) -> None:
        desk = fakes.FakeDesk()
        page = context(desk)
        content = PAGES[0].build(page)
        desk.sessions["north"] = replace(desk.sessions["north"], payment=PaymentRule.VCG)
        page.live.tell(news.MARKET)
        assert content.owner._page._rules.chosen.payment is PaymentRule.VCG

    def test_what_the_operator_pays_is_its_own_amount(self) -> None:
        room = room_of(cleared())
        assert operator_pays_eur(room.result, room.row.region) == Decimal("160.00")

    def test_an_explanation_stands_with_its_offer(self) -> None:
        room = room_of(fakes.FakeDesk())
        why = Explanation(asset_id="FA-esp2", kind="voltage", element="B5", step=NOON)
        record = why_record(room.offers[1], why, "Held back by voltage at bus B5 at 12:00.", room.assets)
        assert record["party"] == "Hofstrom"
        assert record["price"] == "55.50"
        assert record["why"].startswith("Held back")
