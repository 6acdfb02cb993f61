"""Books on a page, and their download."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import panel as pn
import panel_material_ui as pmu

from views.plots.book import Column, state_text, tabulator_options
from views.spreadsheets import csv_safe
from views.widgets.markup import CSS
from views.widgets.turns import in_turn

Record = Mapping[str, Any]


class Book:
    """A table of records with stable row order; `show` patches it in place. Lay out `view`.

    rows : "local" for a live book (all rows in the browser), "remote" for history (paged by the server)
    on_pick : called with the picked record, in the document's turn
    """

    def __init__(
        self,
        columns: Sequence[Column],
        records: Sequence[Record] = (),
        *,
        rows: Literal["local", "remote"] = "local",
        height_px: int = 260,
        page_size: int = 50,
        on_pick: Callable[[Record], None] | None = None,
    ) -> None:
        self._columns = list(columns)
        self._records: list[Record] = []
        self._on_pick = None if on_pick is None else in_turn(on_pick)
        paging = {"pagination": "remote", "page_size": page_size} if rows == "remote" else {"pagination": None}
        self.view = pn.widgets.Tabulator(
            self._frame(records),
            show_index=False,
            disabled=True,
            selectable=1 if on_pick else False,
            layout="fit_columns",
            theme="simple",
            height=height_px,
            sizing_mode="stretch_width",
            stylesheets=[CSS],
            margin=(0, 8, 8, 8),
            **paging,
            **tabulator_options(columns),
        )
        self._records = list(records)
        if on_pick is not None:
            self.view.on_click(self._on_click)

    @property
    def records(self) -> list[Record]:
        """What is shown."""
        return self._records

    def show(self, records: Sequence[Record]) -> None:
        """Show these records; unchanged books send nothing, changed cells alone are patched."""
        before, after = self.view.value, self._frame(records)
        self._records = list(records)
        if before.shape != after.shape:
            self.view.value = after
            return
        patch = {
            key: [
                (i, after[key].iloc[i])
                for i in range(len(after))
                if _differs(before[key].iloc[i], after[key].iloc[i])
            ]
            for key in after.columns
        }
        patch = {key: cells for key, cells in patch.items() if cells}
        if patch:
            self.view.patch(patch)

    def mark(self, key: str, value: str) -> Record | None:
        """Select the row whose record has this value, such as the one that a link names, and answer the record;
        no row where none has it. Call it after `show`: rows may have moved."""
        at = [i for i, record in enumerate(self._records) if value and record.get(key) == value][:1]
        if self.view.selection != at:
            self.view.selection = at
        return self._records[at[0]] if at else None

    def csv(self) -> io.BytesIO:
        """What is shown as CSV (UTF-8 with byte order mark), safe to open in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([column.title for column in self._columns])
        for record in self._records:
            writer.writerow([csv_safe(record.get(column.key, "")) for column in self._columns])
        return io.BytesIO(out.getvalue().encode("utf-8-sig"))

    def _frame(self, records: Sequence[Record]) -> pd.DataFrame:
        data = {
            column.key: [_cell(column, record.get(column.key)) for record in records] for column in self._columns
        }
        return pd.DataFrame(data, columns=[column.key for column in self._columns])

    def _on_click(self, event: Any) -> None:
        if self._on_pick is not None and 0 <= event.row < len(self._records):
            self._on_pick(self._records[event.row])


def csv_button(filename: str, content: Callable[[], io.BytesIO], label: str = "CSV") -> pmu.FileDownload:
    """A button that downloads `content()` as asked for at the click."""
    return pmu.FileDownload(
        callback=content, filename=filename, label=label, variant="text", size="small", embed=False, auto=True
    )


def _cell(column: Column, value: Any) -> Any:
    if column.kind == "state":
        return state_text(str(value)) if value else ""
    if column.kind in ("text", "time", "figure"):
        return "" if value is None else str(value)
    return float("nan") if value is None else float(value)


def _differs(a: Any, b: Any) -> bool:
    return a != b and not (pd.isna(a) and pd.isna(b))
