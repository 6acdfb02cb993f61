"""Figures from plain data: what is drawn, what is marked, what changes in place."""

from __future__ import annotations

import fakes
import numpy as np
import pytest
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document

from views import theme
from views.plots import book, element_day, gridmap, merit_order, models, step, timeline
from views.spreadsheets import csv_safe

N_STEP = 96


@pytest.fixture
def grid() -> models.GridTopology:
    return models.GridTopology(
        bus_name=["Station", "North", "East"],
        bus_lon_degree=np.array([10.0, 10.0, 10.1]),
        bus_lat_degree=np.array([53.0, 53.1, 53.0]),
        bus_vm_min_pu=np.full(3, 0.965),
        bus_vm_max_pu=np.full(3, 1.055),
        branch_name=["Line N", "Line E"],
        branch_from=np.array([0, 0]),
        branch_to=np.array([1, 2]),
        branch_max_loading_percent=np.array([100.0, 100.0]),
        substation=[0],
    )


@pytest.fixture
def day() -> models.GridDay:
    loading = np.full((N_STEP, 2), 50.0)
    vm = np.full((N_STEP, 3), 1.0)
    loading[40] = [120.0, 99.0]
    vm[40] = [1.0, 1.07, 0.95]
    return models.GridDay(loading_percent=loading, vm_pu=vm)


def test_coordinates_are_kilometres(grid):
    xy = grid.xy_km()
    assert xy.dtype == np.float32
    assert xy[1, 1] - xy[0, 1] == pytest.approx(11.12, abs=0.01)  # 0.1 degree of latitude
    assert xy[2, 0] - xy[0, 0] == pytest.approx(11.12 * np.cos(np.radians(53.05)), abs=0.01)


def test_map_marks_overload_by_beads_and_voltage_by_triangles(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP, 40))
    assert len(plot.overloaded.data["x0"]) == 1
    assert plot.beads.glyph.line_dash == [3, 7]
    assert plot.violated.data["marker"] == ["triangle", "inverted_triangle"]
    assert plot.violated.data["high"].tolist() == [1, 0]
    assert plot.lines.data["loading"].dtype == np.float32
    quiet = gridmap.gridmap(grid, day, step.step_state(N_STEP, 0))
    assert len(quiet.overloaded.data["x0"]) == len(quiet.violated.data["x"]) == 0


def test_map_preloads_the_day_row_by_row(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP))
    flat = plot.all_loading.data["v"]
    assert flat.dtype == np.float32
    np.testing.assert_array_equal(flat[40 * 2 : 41 * 2], [120.0, 99.0])


def test_map_names_the_limits_at_its_colour_bars(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP))
    assert plot.loading_bar.major_label_overrides[100] == "100 limit"
    assert plot.voltage_bar.major_label_overrides[1.055] == "1.055 max"
    assert plot.voltage_bar.major_label_overrides[0.965] == "0.965 min"


def test_overlay_and_theme_switch_in_place(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP))
    mapper, figure = plot.loading_bar.color_mapper, plot.figure
    assert plot.segments.glyph.line_color["field"] == "loading"
    plot.set_overlay("voltage")
    plot.restyle("dark")
    dark = theme.tokens("dark")
    assert plot.dots.glyph.fill_color["field"] == "vm"
    assert plot.segments.glyph.line_color == dark.normal
    assert plot.segments.nonselection_glyph is plot.segments.glyph  # recoloured while something is selected
    assert (plot.loading_bar.visible, plot.voltage_bar.visible) == (False, True)
    assert plot.loading_bar.color_mapper is mapper
    assert plot.figure is figure
    assert mapper.palette[-1] == dark.critical


def test_bus_wins_over_its_lines_when_both_are_tapped(grid, day):
    plot, seen = gridmap.gridmap(grid, day, step.step_state(N_STEP)), []
    plot.on_select(lambda kind, position: seen.append((kind, position)))
    plot.buses.selected.indices = [2]
    plot.lines.selected.indices = [1]
    plot.select("branch", 0)
    assert seen == [("bus", 2), ("branch", 0)]


def test_hover_escapes_names(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP))
    tips = [tip for tool in plot.figure.tools if hasattr(tool, "tooltips") for tip in tool.tooltips or []]
    assert ("Branch", "@name") in tips
    assert not any("safe" in text for _, text in tips)


def test_map_refuses_a_day_of_another_grid(grid, day):
    plot = gridmap.gridmap(grid, day, step.step_state(N_STEP))
    with pytest.raises(ValueError, match="loading_percent"):
        plot.set_day(models.GridDay(loading_percent=np.zeros((N_STEP, 3)), vm_pu=day.vm_pu))
    with pytest.raises(ValueError, match="vm_pu"):
        plot.set_day(models.GridDay(loading_percent=day.loading_percent, vm_pu=np.zeros((N_STEP, 2))))


def test_topology_refuses_arrays_of_unequal_length(grid):
    with pytest.raises(ValueError, match="bus_lat_degree"):
        models.GridTopology(**{**grid.__dict__, "bus_lat_degree": np.zeros(2)})


def test_every_figure_goes_into_one_document(grid, day):
    state, labels = step.step_state(N_STEP, 40), fakes.LABELS
    worst = models.WorstOfDay(value=day.loading_percent.max(1), label="Highest loading", unit="%", limit=100.0)
    element = models.ElementDay(
        name="Line N", quantity="Loading", unit="%", value=day.loading_percent[:, 0], upper=100.0
    )
    document = Document()
    for figure in (
        gridmap.gridmap(grid, day, state).figure,
        timeline.timeline(worst, state, labels).figure,
        element_day.element_day(element, state, labels).figure,
    ):
        document.add_root(figure)
    document.validate()
    assert document.get_model_by_name("fd-step") is state
    assert "fd-lines" in serialize_json(document.to_json())


def test_timeline_says_the_value_and_marks_the_worst():
    value = np.linspace(50, 145, N_STEP)
    worst = models.WorstOfDay(value=value, label="Highest loading", unit="%", limit=100.0)
    plot = timeline.timeline(worst, step.step_state(N_STEP, 95), fakes.LABELS)
    assert plot.readout.text == "▲ 23:45  145.0 %"
    marks = plot.worst.data["mark"]
    assert np.flatnonzero(~np.isnan(marks)).tolist() == [95]
    assert plot.worst.data["over"][0] == 100.0
    plot.set_worst(models.WorstOfDay(value=np.full(N_STEP, 1.02), label="Highest voltage", unit="pu", limit=1.055))
    assert plot.limit.location == 1.055
    assert np.isnan(plot.worst.data["mark"]).all()


@pytest.mark.parametrize("n_step", [92, 100])
def test_days_of_the_clock_change(n_step):
    worst = models.WorstOfDay(value=np.ones(n_step), label="Highest voltage", unit="pu", limit=1.055)
    labels = [f"step {k}" for k in range(n_step)]
    state = step.step_state(n_step, 200)
    assert (state.step, state.last) == (n_step - 1, n_step - 1)
    assert len(timeline.timeline(worst, state, labels).worst.data["value"]) == n_step
    with pytest.raises(ValueError, match="one entry per step"):
        timeline.timeline(worst, state, labels[:-1])


def test_hour_ticks_skip_a_repeated_hour():
    labels = ["00:00", "00:15", "03:00", "03:15", "03:00", "06:00"]
    assert step.hour_ticks(labels) == {0.0: "00:00", 2.0: "03:00", 5.0: "06:00"}


def test_element_day_shows_another_element_in_the_same_figure():
    labels, state = fakes.LABELS, step.step_state(N_STEP)
    bus = models.ElementDay(
        name="Bus 7", quantity="Voltage", unit="pu", value=np.full(N_STEP, 1.06), lower=0.965, upper=1.055
    )
    plot = element_day.element_day(bus, state, labels)
    assert plot.upper.location == 1.055
    assert plot.lower.visible
    assert not plot.awards.visible
    award = np.zeros(N_STEP)
    award[10] = -2.0
    plot.show(
        models.ElementDay(
            name="Line 3", quantity="Loading", unit="%", value=np.full(N_STEP, 80.0), upper=100.0, award_p_mw=award
        )
    )
    assert plot.figure.title.text == "Line 3"
    assert not plot.lower.visible
    assert plot.awards.visible
    assert plot.figure.extra_y_ranges["award"].end == 2.5
    with pytest.raises(ValueError, match="award_p_mw"):
        plot.show(models.ElementDay(name="x", quantity="x", unit="x", value=np.ones(96), award_p_mw=np.ones(95)))


def test_merit_order_sorts_by_price_then_name_and_cumulates():
    order = models.MeritOrder(
        name=["b", "c", "a"],
        p_mw=np.array([1.0, 2.0, 0.5]),
        price_eur_per_mwh=np.array([50.0, 20.0, 50.0]),
        awarded_p_mw=np.array([0.0, 2.0, 0.25]),
        required_p_mw=2.25,
    )
    columns = merit_order.merit_columns(order)
    assert columns["name"].tolist() == ["c", "a", "b"]
    assert columns["right"].tolist() == [2.0, 2.5, 3.5]
    assert columns["awarded_to"].tolist() == [2.0, 2.25, 2.5]
    plot = merit_order.merit_order(order)
    assert plot.need.location == 2.25
    assert plot.offered.glyph.hatch_pattern == "/"


def test_merit_order_of_no_offers_is_an_empty_chart():
    empty = models.MeritOrder(name=[], p_mw=np.array([]), price_eur_per_mwh=np.array([]))
    plot = merit_order.merit_order(empty)
    assert len(plot.source.data["price"]) == 0
    assert not plot.need.visible


def test_book_aligns_numbers_right_and_gives_states_a_symbol():
    columns = [book.Column("p", "MW", "mw"), book.Column("state", "State", "state", width_px=120)]
    options = book.tabulator_options(columns)
    assert options["text_align"] == {"p": "right", "state": "left"}
    assert options["widths"] == {"state": 120}
    assert book.state_text("partly_awarded") == "◐ partly awarded"
    assert book.state_text("unheard of") == "· unheard of"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_csv_text_never_runs_as_a_formula(text):
    assert csv_safe(text) == "'" + text
    assert csv_safe(-1.5) == -1.5
    assert csv_safe("Line 1") == "Line 1"
