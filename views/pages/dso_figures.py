"""The control room's key figures: the grid at the moment looked at, and the market's volumes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.queries.models import DayState, GridView
from domain.flexibility.commodity import Commodity
from domain.units import Series, energy_mwh, total
from views.state.common import count, number, with_reactive
from views.state.dso_facts import MarketFacts, Place
from views.state.dso_room import extremes, peak_mw
from views.state.records import operator_pays_eur
from views.widgets import KeyFigure


def key_figures(here: Place, view: GridView, shown: DayState, facts: MarketFacts) -> list[KeyFigure]:
    """The strip at the top: the grid at the moment looked at, and the market's volumes."""
    return [*_grid_figures(here, view, shown), *_market_figures(here, facts)]


def _grid_figures(here: Place, view: GridView, shown: DayState) -> list[KeyFigure]:
    far, label = extremes(shown, view.grid), here.delivery.label
    limits = f"{np.median(view.grid.vm_min_pu):.3f}–{np.median(view.grid.vm_max_pu):.3f}"
    of_kind = {kind: sum(need.kind == kind for need in shown.needs) for kind in ("voltage", "loading")}
    loading = far.loading_percent
    severity = next(
        (s for s, above in (("critical", 100), ("alarm", 90), ("watch", 75)) if loading > above), "normal"
    )
    return [
        KeyFigure(
            "Highest loading",
            number(loading, 1),
            "%",
            f"{far.loading_at[0]} at {label(far.loading_at[1])}",
            severity,  # type: ignore[arg-type]
        ),
        KeyFigure(
            "Voltage band",
            f"{far.vm_min_pu:.3f}–{far.vm_max_pu:.3f}",
            "pu",
            f"Limits {limits} pu",
            "critical" if far.voltage_outside else "normal",
        ),
        KeyFigure(
            "Open needs",
            str(len(shown.needs)),
            "",
            f"{of_kind['voltage']} voltage, {of_kind['loading']} loading",
            "alarm" if shown.needs else "normal",
        ),
    ]


def _market_figures(here: Place, facts: MarketFacts) -> list[KeyFigure]:
    live = facts.live_requests
    requested = _volume(
        "Requested, peak", [(r.commodity, r.quantity_mw) for r in live], f"in {count(len(live), 'request')}"
    )
    return [requested, _offered(facts), *_outcome(here, facts)]


def _volume(label: str, series: Sequence[tuple[Commodity, Series]], note: str) -> KeyFigure:
    """The peak of the active power; energy of both commodities in the note."""
    of = {c: [values for commodity, values in series if commodity is c] for c in Commodity}
    energy = {c: total([energy_mwh(values) for values in of[c]]) for c in Commodity}
    words = with_reactive(f"{number(energy[Commodity.P])} MWh", energy[Commodity.Q])
    return KeyFigure(label, number(peak_mw(of[Commodity.P]), 3), "MW", f"{words} {note}")


def _offered(facts: MarketFacts) -> KeyFigure:
    if facts.offers is None:
        return KeyFigure("Offered, peak", "–", "", "Sealed until the gate closes")
    offers = [row.offer for row in facts.offers]
    lines = [(offer.commodity, line.quantity_mw) for offer in offers for line in offer.lines]
    return _volume("Offered, peak", lines, f"in {count(len(offers), 'offer')}")


def _outcome(here: Place, facts: MarketFacts) -> list[KeyFigure]:
    if facts.result is None:
        return [
            KeyFigure("Awarded, peak", "–", "", "After publication"),
            KeyFigure("Unmet", "–", "", "After publication"),
        ]
    result = facts.result
    n_unmet = len({(row.element, row.kind) for row in result.unmet})
    note = (
        "Every need is cured"
        if not n_unmet
        else f"Elements: {', '.join(sorted({r.element for r in result.unmet}))}"
    )
    awards = [(row.award.commodity, row.award.accepted_mw) for row in result.awards]
    return [
        _volume("Awarded, peak", awards, f"for {number(operator_pays_eur(result, here.region))} EUR"),
        KeyFigure("Unmet", str(n_unmet), "", note, "critical" if n_unmet else "good"),
    ]
