"""The composer's form: session, assets, direction, quarter hours, price, and what the market says to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import SessionRow
from domain.errors import Finding, refuse
from domain.flexibility.commodity import Commodity
from views.pages.dso_parts import link_button
from views.state.common import local
from views.state.supply_desk import confirmed_in, open_sessions, problems_of
from views.state.supply_facts import SupplyFacts
from views.widgets import ProblemList, empty_state, panel, text
from views.widgets.forms import Problem

POWERS = {f"{c.units.word.capitalize()}, {c.units.power}": c.value for c in Commodity}

UNRATED = "No chosen asset is registered with a rating in MVA, so there is no reactive power to offer."


class Terms:
    """Holds the widgets; `on_choice()` after session, assets, commodity or direction were chosen by hand.

    The page listens to price and buttons itself.
    """

    def __init__(self, power: str, direction: str, on_choice: Callable[[], None]) -> None:
        self._on_choice = on_choice
        self._drawing = False
        stretched = {"sizing_mode": "stretch_width", "margin": (6, 12)}
        wide = {"size": "small", **stretched}
        half = {"size": "small", "sizing_mode": "stretch_width"}
        self.session = pmu.Select(label="Session", options={}, **wide)
        self.rules = text("", "muted", margin=(0, 12, 4, 12))
        self.assets = pmu.MultiChoice(label="Assets", options=[], **stretched)
        self.power = pmu.RadioButtonGroup(options=POWERS, value=power, **wide)
        self.unrated = text(UNRATED, "muted", margin=(0, 12, 4, 12))
        directions = {"Down: less injection": "down", "Up: more injection": "up"}
        self.direction = pmu.RadioButtonGroup(options=directions, value=direction, **wide)
        self.first = pmu.Select(label="From", options={}, margin=(6, 4, 6, 12), **half)
        self.last = pmu.Select(label="To", options={}, margin=(6, 12, 6, 4), **half)
        self.fill_mw = pmu.TextInput(label="Quantity, MW", value="", placeholder="0.250", **wide)
        self.price = pmu.TextInput(label="Price, EUR/MWh", value="", placeholder="45.00", **wide)
        small = {"variant": "outlined", "size": "small", "margin": (0, 4)}
        self.fill_one = pmu.Button(label="Set", **small)
        self.fill_left = pmu.Button(label="All that is left", **small)
        self.fill_need = pmu.Button(label="As requested", **small)
        self.clear = pmu.Button(label="Clear", **small)
        self.submit = pmu.Button(
            label="Submit offer",
            variant="contained",
            icon="send",
            disabled=True,
            margin=(8, 12),
            sizing_mode="stretch_width",
        )
        self.verdict = text("", "body", margin=(4, 12))
        self._problems = ProblemList(
            {"session": self.session, "assets": self.assets, "quantity": self.fill_mw, "price": self.price}
        )
        for widget in (self.session, self.assets, self.power, self.direction):
            widget.param.watch(self._on_chosen, "value")

    def laid_out(self) -> pn.viewable.Viewable:
        """The form as a panel."""
        beside = self._problems.beside
        terms = panel(
            "Terms",
            beside("session"),
            self.rules,
            beside("assets"),
            self.power,
            self.unrated,
            self.direction,
            pn.Row(self.first, self.last, sizing_mode="stretch_width", margin=0),
            beside("quantity"),
            pn.Row(self.fill_one, self.fill_left, self.fill_need, self.clear, margin=(0, 8, 8, 8)),
            beside("price"),
            self._problems.view,
            self.verdict,
            self.submit,
        )
        terms.param.update(sizing_mode="fixed", width=380)
        return terms

    # -- what can be chosen ---------------------------------------------------------------------------------

    def offer_sessions(self, facts: SupplyFacts, wanted: str | None) -> None:
        """The open sessions to choose from; the wanted one stays chosen while it is open."""
        options = {_session_words(row): row.session.id for row in open_sessions(facts)}
        value = wanted if wanted in options.values() else next(iter(options.values()), None)
        self._put(self.session, options=options, value=value)

    def offer_assets(self, facts: SupplyFacts, row: SessionRow) -> None:
        """The confirmed assets to choose from; those chosen stay so, else the first is. Above them the rules."""
        self.rules.object = text(f"{row.session.rules.words()}.", "muted").object
        names = {f"{a.name} ({a.kind.value}, {a.bus})": a.id for a in confirmed_in(facts, row)}
        kept = [a for a in (self.assets.value or []) if a in names.values()]
        self._put(self.assets, options=names, value=kept or list(names.values())[:1])

    def offer_steps(self, labels: Sequence[str]) -> None:
        """The quarter hours to choose from, all of them chosen."""
        n = len(labels)
        ends = [*labels[1:], "24:00"]
        self.first.param.update(options={label: k for k, label in enumerate(labels)}, value=0)
        self.last.param.update(options={label: k for k, label in enumerate(ends)}, value=n - 1)

    def point(self, power: str, direction: str) -> None:
        self._put(self.power, value=power)
        self._put(self.direction, value=direction)

    def count_in(self, commodity: Commodity, rated: bool) -> None:
        """Name the units that are typed; say where no chosen asset has a rating that leaves room for Q."""
        self.unrated.visible = commodity is Commodity.Q and not rated
        self.fill_mw.label = f"Quantity, {commodity.units.power}"
        self.price.label = f"Price, {commodity.units.price}"

    def stretch(self) -> tuple[int, int]:
        """First and last quarter hour. Raises `Refused` when they are the wrong way round."""
        first, last = int(self.first.value), int(self.last.value)
        if last < first:
            raise refuse("out_of_range", "quantity_mw", "The end is before the start.")
        return first, last

    def _put(self, widget: Any, **values: Any) -> None:
        """Change a widget without this being a choice."""
        self._drawing = True
        widget.param.update(**values)
        self._drawing = False

    def _on_chosen(self, _event: Any) -> None:
        if not self._drawing:
            self._on_choice()

    # -- what is said ---------------------------------------------------------------------------------------

    def say(self, findings: Sequence[Finding], quiet: bool = False) -> None:
        """Show findings beside the fields; `quiet` while nothing has been entered yet."""
        self.submit.disabled = bool(findings)
        if quiet:
            self._problems.show([])
            self.tell("Give quantity and price; the market checks as you go.", "muted")
            return
        self._problems.show([Problem(field, sentence) for field, sentence in problems_of(findings)])
        words = f"▲ {len(findings)} to mend before it can be sent." if findings else "✓ The market would take it."
        self.tell(words)

    def tell(self, words: str, style: str = "body") -> None:
        """The verdict alone."""
        self.verdict.object = text(words, style).object

    def forgive(self) -> None:
        """No field has a problem any more."""
        self._problems.show([])

    def stop(self, sentence: str) -> None:
        """Nothing can be sent, for a reason that stands beside the session."""
        self._problems.show([Problem("session", sentence)])
        self.submit.disabled = True


def lacking(facts: SupplyFacts) -> str:
    """What an offer cannot be composed without: "session", "asset", or "" when there are both."""
    rows = open_sessions(facts)
    if not rows:
        return "session"
    return "" if any(confirmed_in(facts, row) for row in rows) else "asset"


def instead(lacks: str, facts: SupplyFacts) -> pn.viewable.Viewable:
    """What stands in the form's place while a session or an asset is lacking."""
    if lacks == "session":
        book = link_button("Go to the portfolio", "/supply", "outlined")
        said = empty_state("No session is open for offers now.", _next_words(facts), book)
    else:
        register = link_button("Register an asset", "/supply/assets")
        words = "A DSO has to confirm an asset before it can be offered."
        said = empty_state("You have no confirmed asset.", words, register)
    return panel("Compose an offer", said)


def _next_words(facts: SupplyFacts) -> str:
    ahead = sorted(row.session.opens_at for row in facts.sessions if row.session.opens_at > facts.now)
    return f"The next one opens on {local(ahead[0])}." if ahead else "The market operator plans sessions."


def _session_words(row: SessionRow) -> str:
    gate = local(row.session.gate_closes_at, "%H:%M")
    return f"{row.region.name}, {row.session.delivery_day:%d %b} (gate {gate})"
