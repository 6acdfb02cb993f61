"""What to change on the day: lines out, units at another power, trial offers, offers of the book left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import OfferRow, UnitRow
from domain.commands import AskWhatIf
from domain.errors import Refused
from domain.flexibility.assets import Direction
from domain.flexibility.what_if import TrialOffer, UnitChange
from domain.ids import OfferId
from domain.time import DeliveryDay
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.common import short, step_labels
from views.state.dso_drafts import parse_decimal
from views.state.dso_facts import Place
from views.state.spans import plural
from views.state.what_if import change_words, offer_words
from views.widgets import Book, ProblemList, panel, text
from views.widgets.forms import Problem

HOW = {"Scale its power, %": "scale", "Set its power, MW": "set", "Offer up": "up", "Offer down": "down"}
COLUMNS = (Column("what", "Changed", min_px=200),)
SEALED = "The book is sealed until the gate closes: until then you can try offers of your own making."


class Question:
    """The form; `command(here)` is what it asks, `on_ask` is called by its button. Lay out `view`."""

    def __init__(self, on_ask: Callable[[], None]) -> None:
        self._parts: list[UnitChange | TrialOffer] = []
        self._day: DeliveryDay | None = None
        self.lines = pmu.MultiChoice(label="Lines out of service", options=[], sizing_mode="stretch_width")
        self.removed = pmu.MultiChoice(label="Offers left out", options={}, sizing_mode="stretch_width")
        self._sealed = text(SEALED, "muted", margin=(4, 12))
        self.unit = pmu.AutocompleteInput(
            label="Load, generator or storage",
            options=[],
            size="small",
            min_characters=0,
            search_strategy="includes",
            sizing_mode="stretch_width",
        )
        self.how = pmu.Select(label="What to do", options=HOW, value="scale", size="small", width=190)
        self.amount = pmu.TextInput(label="How much", value="150", size="small", width=110)
        self.price = pmu.TextInput(label="Price, EUR/MWh", value="50", size="small", width=130, visible=False)
        self.first = pmu.Select(label="From", options={}, size="small", width=110)
        self.last = pmu.Select(label="Until the end of", options={}, size="small", width=130)
        self._problems = ProblemList({"unit": self.unit, "amount": self.amount, "price": self.price})
        self._add = pmu.Button(
            label="Add this change", icon="add", variant="outlined", size="small", on_click=in_turn(self._on_add)
        )
        self._drop = pmu.Button(
            label="Take it back", variant="text", size="small", disabled=True, on_click=in_turn(self._on_drop)
        )
        self.ask = pmu.Button(
            label="What if?", icon="play_circle", variant="contained", on_click=in_turn(lambda _event: on_ask())
        )
        self._picked = 0
        self.book = Book(COLUMNS, height_px=120, on_pick=self._on_pick)
        self.said = ProblemList({})
        self.how.param.watch(self._on_how, "value")
        hours = pn.Row(self.first, self.last, sizing_mode="stretch_width", margin=0)
        amounts = pn.Row(
            self._problems.beside("amount"), self._problems.beside("price"), sizing_mode="stretch_width", margin=0
        )
        self.view = panel(
            "Change something",
            self.lines,
            self._problems.beside("unit"),
            self.how,
            amounts,
            hours,
            pn.Row(self._add, self._drop, margin=(4, 8)),
            self.book.view,
            self.removed,
            self._sealed,
            self.said.view,
            pn.Row(self.ask, margin=(4, 8, 8, 8)),
        )
        self._draw()

    def offer_choices(
        self, here: Place, lines: Sequence[str], units: Sequence[UnitRow], offers: Sequence[OfferRow] | None
    ) -> None:
        """What the region and day have to choose from; what was chosen stays where it is still there."""
        labels = step_labels(here.delivery)
        if self._day != here.delivery:
            self._day = here.delivery
            steps = {label: k for k, label in reversed(list(enumerate(labels)))}
            steps = dict(sorted(steps.items(), key=lambda item: item[1]))
            self.first.param.update(options=steps, value=40)
            self.last.param.update(options=steps, value=59)
        if list(lines) != self.lines.options:
            self.lines.options = list(lines)
        names = [unit.unit_id for unit in units]
        if names != self.unit.options:
            self.unit.options = names
        self.removed.visible, self._sealed.visible = offers is not None, offers is None
        book = {f"{row.party.name}, {short(row.offer.id)}": row.offer.id for row in offers or ()}
        if book != self.removed.options:
            self.removed.options = book

    def take_out(self, line: str) -> None:
        """Begin with a line out."""
        if line in self.lines.options:
            self.lines.value = [line]

    def command(self, here: Place) -> AskWhatIf:
        """What is asked."""
        return AskWhatIf(
            region_id=here.region.id,
            delivery_day=here.day,
            lines_out=tuple(self.lines.value),
            changes=tuple(part for part in self._parts if isinstance(part, UnitChange)),
            added=tuple(part for part in self._parts if isinstance(part, TrialOffer)),
            removed=tuple(OfferId(offer_id) for offer_id in self.removed.value),
        )

    def _part(self) -> UnitChange | TrialOffer:
        """What the fields say. Raises `Refused` for a number that cannot be read."""
        unit, steps = str(self.unit.value or ""), (int(self.first.value), int(self.last.value))
        amount = parse_decimal(self.amount.value, "amount", "how much")
        if self.how.value in ("up", "down"):
            return TrialOffer(
                unit_id=unit,
                direction=Direction(self.how.value),
                first_step=steps[0],
                last_step=steps[1],
                quantity_mw=amount,
                price_eur_per_mwh=parse_decimal(self.price.value, "price", "the price"),
            )
        scales = self.how.value == "scale"
        return UnitChange(
            unit_id=unit,
            first_step=steps[0],
            last_step=steps[1],
            scale_percent=amount if scales else None,
            p_mw=None if scales else amount,
        )

    def _on_add(self, _event: Any) -> None:
        if self.unit.value not in self.unit.options:
            self._problems.show([Problem("unit", "Choose one of the region's units.")])
            return
        try:
            part = self._part()
        except Refused as refused:
            self._problems.show([Problem(f.field, f.sentence) for f in refused.findings])
            return
        self._problems.show([])
        self._parts.append(part)
        self._draw()

    def _on_drop(self, _event: Any) -> None:
        if self._picked < len(self._parts):
            del self._parts[self._picked]
        self._picked = 0
        self._draw()

    def _on_pick(self, record: Any) -> None:
        self._picked = record["k"]

    def _on_how(self, event: Any) -> None:
        self.price.visible = event.new in ("up", "down")
        self.amount.label = {"scale": "How much, %"}.get(event.new, "How much, MW")

    def _draw(self) -> None:
        day = self._day
        rows = [
            {"what": offer_words(p, day) if isinstance(p, TrialOffer) else change_words(p, day), "k": k}
            for k, p in enumerate(self._parts)
            if day is not None
        ]
        self.book.show(rows)
        self.book.view.visible = bool(rows)
        self._drop.disabled = not rows
        self._drop.label = "Take it back" if len(rows) < 2 else f"Take one of {plural(len(rows), 'change')} back"
