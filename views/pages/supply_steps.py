"""The quarter hours of an offer as a table in which the quantity can be typed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd
import panel as pn

from domain.time import DeliveryDay
from domain.units import Series
from views.plots.book import Column, tabulator_options
from views.state.common import floats
from views.state.spans import span, span_utc
from views.widgets.markup import CSS

COLUMNS = (
    Column("time", "Local time", min_px=110),
    Column("utc", "UTC", min_px=220),
    Column("left", "Left to offer, MW|Mvar", "mw", min_px=150),
    Column("need", "Requested near, MW|Mvar", "mw", min_px=170),
    Column("quantity", "Offer, MW|Mvar ✎", "mw", min_px=130),
)
_EDITORS = {c.key: None for c in COLUMNS} | {"quantity": {"type": "number", "step": 0.001}}


class StepTable:
    """One row per quarter hour; `on_edit(step, value_mw)` after a quantity was typed."""

    def __init__(self, day: DeliveryDay, on_edit: Callable[[int, Decimal], None]) -> None:
        self._on_edit = on_edit
        n = day.n_steps
        frame = pd.DataFrame(
            {
                "time": [span(day, k, k) for k in range(n)],
                "utc": [span_utc(day, k, k) for k in range(n)],
                "left": [0.0] * n,
                "need": [0.0] * n,
                "quantity": [0.0] * n,
            }
        )
        self.view = pn.widgets.Tabulator(
            frame,
            show_index=False,
            selectable=False,
            sortable=False,
            editors=_EDITORS,
            layout="fit_columns",
            theme="simple",
            height=250,
            sizing_mode="stretch_width",
            stylesheets=[CSS],
            margin=(0, 8, 8, 8),
            **tabulator_options(COLUMNS),
        )
        self.view.on_edit(self._on_cell)

    def show(self, left_mw: Series, need_mw: Series, quantity_mw: Series) -> None:
        """Patch the quantities that differ; other assets or another direction bring a new table."""
        after = {"left": floats(left_mw), "need": floats(need_mw), "quantity": floats(quantity_mw)}
        frame = self.view.value
        if any((frame[key] != after[key]).any() for key in ("left", "need")):
            self.view.value = frame.assign(**after)
            return
        before = frame["quantity"].to_numpy()
        cells = [(k, float(v)) for k, v in enumerate(after["quantity"]) if v != before[k]]
        if cells:
            self.view.patch({"quantity": cells})

    def _on_cell(self, event: Any) -> None:
        if event.column != "quantity":
            return
        try:
            value = Decimal(str(event.value))
        except InvalidOperation:
            value = Decimal("NaN")
        self._on_edit(event.row, value)
