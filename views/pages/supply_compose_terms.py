"""The composer's form: what is offered where, at which price and on which terms, and what is wrong beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import SessionRow
from domain.errors import Finding, Refused, refuse
from domain.flexibility.commodity import Commodity
from domain.flexibility.terms import OfferTerms
from domain.units import Series
from views.pages.dso_parts import link_button
from views.pages.later import in_turn
from views.state.common import local
from views.state.dso_drafts import parse_decimal
from views.state.supply_desk import confirmed_in, open_sessions
from views.state.supply_facts import SupplyFacts
from views.state.supply_findings import problems_of
from views.widgets import ProblemList, empty_state, panel, text, toggles
from views.widgets.forms import Problem

POWERS = {f"{c.units.word.capitalize()}, {c.units.power}": c.value for c in Commodity}
ONE, EACH = "one", "each"
UNRATED = "No chosen asset is registered with a rating in MVA, so there is no reactive power to offer."
PERCENT = Decimal(100)


class Terms:
    """Holds the widgets; `on_choice()` after session, assets, commodity or direction were chosen by hand.

    The page listens to prices, terms and buttons itself.
    """

    def __init__(self, power: str, direction: str, on_choice: Callable[[], None]) -> None:
        self._on_choice = on_choice
        self._drawing = False
        stretched = {"sizing_mode": "stretch_width", "margin": (6, 12)}
        wide = {"size": "small", **stretched}
        half = {"size": "small", "sizing_mode": "stretch_width", "margin": (6, 4)}
        self.session = pmu.Select(label="Session", options={}, **wide)
        self.rules = text("", "muted", margin=(0, 12, 4, 12))
        self.assets = pmu.MultiChoice(label="Assets", options=[], **stretched)
        self.power = toggles("Power", options=POWERS, value=power, **wide)
        self.unrated = text(UNRATED, "muted", margin=(0, 12, 4, 12))
        directions = {"Down: less injection": "down", "Up: more injection": "up"}
        self.direction = toggles("Direction", options=directions, value=direction, **wide)
        self.first = pmu.Select(label="From", options={}, size="small", width=92, margin=(6, 4, 6, 12))
        self.last = pmu.Select(label="To", options={}, size="small", width=92, margin=(6, 4))
        self.fill_mw = pmu.TextInput(
            label="Quantity, MW", value="", placeholder="0.250", size="small", width=130, margin=(6, 4)
        )
        self.price = pmu.TextInput(label="Price, EUR/MWh", value="", placeholder="45.00", **wide)
        modes = {"One price": ONE, "Price per quarter hour": EACH}
        self.price_mode = toggles("How it is priced", options=modes, value=ONE, **wide)
        self.block = pmu.Switch(label="Block: all of it or nothing", value=False, margin=(6, 12))
        self.least = pmu.TextInput(label="Least share taken, %", value="", placeholder="0", **half)
        self.budget = pmu.TextInput(label="Energy at most, MWh", value="", placeholder="no limit", **half)
        self.ramp = pmu.TextInput(label="Ramp, MW per step", value="", placeholder="no limit", **half)
        self.share = pmu.TextInput(label="Reactive share, %", value="", placeholder="0", **half)
        self.share_price = pmu.TextInput(label="Its price, EUR/Mvarh", value="", placeholder="5.00", **half)
        small = {"variant": "outlined", "size": "small", "margin": (10, 4)}
        self.fill_one = pmu.Button(label="Set", **small)
        self.fill_left = pmu.Button(label="All that is left", **small)
        self.fill_need = pmu.Button(label="As requested", **small)
        self.clear = pmu.Button(label="Clear", **small)
        self._problems = ProblemList(
            {
                "session": self.session,
                "assets": self.assets,
                "quantity": self.fill_mw,
                "price": self.price,
                "block": self.block,
                "min_acceptance": self.least,
                "max_energy_mwh": self.budget,
                "ramp_mw_per_step": self.ramp,
                "reactive_share": self.share,
                "reactive_price": self.share_price,
            }
        )
        for widget in (self.session, self.assets, self.power, self.direction):
            widget.param.watch(in_turn(self._on_chosen), "value")

    def laid_out(self) -> tuple[pn.viewable.Viewable, pn.viewable.Viewable, pn.viewable.Viewable]:
        """What is offered, as a panel over the charts; the tools under them; price and terms as a panel."""
        beside = self._problems.beside
        choice = pn.Row(
            pn.Column(beside("session"), self.rules, sizing_mode="stretch_width", margin=0),
            pn.Column(beside("assets"), sizing_mode="stretch_width", margin=0),
            pn.Column(self.power, self.direction, self.unrated, sizing_mode="stretch_width", margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        quantity = beside("quantity")
        quantity.param.update(sizing_mode=None, width=146)
        fill = (self.fill_one, self.fill_left, self.fill_need, self.clear)
        tools = pn.Row(self.first, self.last, quantity, *fill, sizing_mode="stretch_width", margin=(0, 8))
        terms = panel(
            "Price and terms",
            self.price_mode,
            beside("price"),
            beside("block"),
            _pair(beside("min_acceptance"), beside("max_energy_mwh")),
            _pair(beside("ramp_mw_per_step"), pn.Spacer(sizing_mode="stretch_width")),
            _pair(beside("reactive_share"), beside("reactive_price")),
            self._problems.view,
        )
        return panel("What is offered", choice), tools, terms

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
        """Name the units that are typed; allow what goes with the commodity and the assets' ratings."""
        active = commodity is Commodity.P
        self.unrated.visible = not active and not rated
        self.fill_mw.label = f"Quantity, {commodity.units.power}"
        self.price.label = f"Price, {commodity.units.price}"
        self.budget.disabled = self.ramp.disabled = not active
        self.share.disabled = self.share_price.disabled = not (active and rated)

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

    # -- price and terms -------------------------------------------------------------------------------------

    @property
    def one_price(self) -> bool:
        return bool(self.price_mode.value == ONE)

    def typed_price(self) -> Decimal:
        """Raises `Refused` when it cannot be read."""
        return parse_decimal(self.price.value, "price_eur_per_mwh", "a price")

    def put_price(self, price: Series) -> None:
        """Show a price that was drawn or set: in the field where there is one for all."""
        one = len(set(price)) == 1
        self._put(self.price_mode, value=ONE if one else EACH)
        if one:
            self._put(self.price, value=f"{price[0]:f}")

    def read(self) -> OfferTerms:
        """The terms as they are entered. Raises `Refused` with all that cannot be read."""
        fields = (
            (self.least, "terms.min_acceptance", "a share in percent"),
            (self.budget, "terms.max_energy_mwh", "an energy"),
            (self.ramp, "terms.ramp_mw_per_step", "a ramp"),
        )
        values, found = _read_all(fields)
        if found:
            raise Refused(found)
        least, budget, ramp = values
        return OfferTerms(
            block=bool(self.block.value),
            min_acceptance=(least or Decimal(0)) / PERCENT,
            max_energy_mwh=budget,
            ramp_mw_per_step=ramp,
        )

    def read_share(self) -> tuple[Decimal, Decimal] | None:
        """Share 0..1 and price of the reactive part; None without one. Raises `Refused` when it cannot be read."""
        if self.share.disabled or not self.share.value.strip():
            return None
        fields = (
            (self.share, "reactive_share", "a share in percent"),
            (self.share_price, "reactive_price", "a price for the reactive power"),
        )
        (share, price), found = _read_all(fields)
        if share == 0:
            return None
        if share is not None and not 0 < share <= PERCENT:
            sentence = "Give a share from 0 to 100 percent."
            found.append(Finding(code="out_of_range", field="reactive_share", sentence=sentence))
        if price is None and not found:
            sentence = "Give the reactive power a price."
            found.append(Finding(code="missing", field="reactive_price", sentence=sentence))
        if found or share is None or price is None:
            raise Refused(found)
        return share / PERCENT, price

    def put(self, terms: OfferTerms) -> None:
        """Enter terms."""
        self._put(self.block, value=terms.block)
        least = terms.min_acceptance * PERCENT
        for widget, value in ((self.least, least or None), (self.budget, terms.max_energy_mwh)):
            self._put(widget, value="" if value is None else f"{value.normalize():f}")
        ramp = terms.ramp_mw_per_step
        self._put(self.ramp, value="" if ramp is None else f"{ramp.normalize():f}")

    @property
    def entered(self) -> tuple[Any, ...]:
        """The widgets whose change makes another offer."""
        return (
            *(self.price, self.price_mode, self.block, self.least, self.budget, self.ramp),
            *(self.share, self.share_price),
        )

    @property
    def busy(self) -> bool:
        """Whether a value is being put in rather than entered."""
        return self._drawing

    # -- what is said ---------------------------------------------------------------------------------------

    def show(self, findings: Sequence[Finding]) -> None:
        """Findings beside their fields; none clears the form."""
        self._problems.show([Problem(field, sentence) for field, sentence in problems_of(findings)])

    def stop(self, sentence: str) -> None:
        """A reason that stands beside the session."""
        self._problems.show([Problem("session", sentence)])


def _pair(left: Any, right: Any) -> pn.Row:
    return pn.Row(left, right, sizing_mode="stretch_width", margin=(0, 8))


def _read_all(fields: Sequence[tuple[Any, str, str]]) -> tuple[list[Decimal | None], list[Finding]]:
    """The numbers of the fields, None for an empty one; what cannot be read as findings."""
    values: list[Decimal | None] = []
    found: list[Finding] = []
    for widget, field, what in fields:
        try:
            typed = widget.value.strip()
            values.append(parse_decimal(typed, field, what) if typed else None)
        except Refused as refused:
            values.append(None)
            found += refused.findings
    return values, found


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
