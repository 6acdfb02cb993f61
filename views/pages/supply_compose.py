"""The composer: what is offered over the quarter hours, beside what is possible and what is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import panel as pn

from app.queries.models import OfferTrial, SessionRow
from domain.errors import Refused
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.ids import OfferId
from domain.units import Series
from views import news
from views.pages.context import Content, PageContext
from views.pages.later import in_turn
from views.pages.supply_compose_chart import DayChart, Drawn, OfferSums
from views.pages.supply_compose_judge import Judge
from views.pages.supply_compose_reading import priced, read_offer
from views.pages.supply_compose_sender import Sender
from views.pages.supply_compose_terms import Terms, instead, lacking
from views.pages.supply_compose_verdict import Verdict, laid_out
from views.pages.themes import Themes
from views.shell import Key
from views.state.common import step_labels
from views.state.dso_drafts import parse_decimal
from views.state.supply_composer import Composition, at_most, fill, fill_with, in_cents, in_watts
from views.state.supply_desk import LINK, Bench, ComposerState, GoingPrices, bench, going_prices, open_sessions
from views.state.supply_facts import SupplyFacts, supply_facts
from views.state.supply_start import start_again, start_from

ZERO = Decimal(0)
KEYS = (Key("↑ ↓", "More or less in the chosen quarter hour"), Key("Shift ↑ ↓", "Ten times as much"))


class ComposerPage:
    """What is offered at the top, the charts under it, verdict, price and terms at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ComposerState()
        context.location.sync(self.state, LINK)
        self.themes = Themes(context.theme)
        self.facts: SupplyFacts = supply_facts(context.desk)
        self.quantity_mw: Series = ()
        self.price_eur_per_mwh: Series = ()
        self.replaces: tuple[OfferId, ...] = ()
        self._bench: Bench | None = None
        self._going = GoingPrices()
        self._drawing = self._missed = False
        self._lacks: str | None = None
        self._terms = terms = Terms(self.state.power, self.state.direction, self._renew)
        self.session, self.assets = terms.session, terms.assets
        self.power, self.direction = terms.power, terms.direction
        self.first, self.last, self.fill_mw, self.price = terms.first, terms.last, terms.fill_mw, terms.price
        self._verdict = Verdict(self._on_smallest_change)
        self.submit, self.verdict = self._verdict.submit, self._verdict.words
        self._judge = Judge(context.desk, terms, self._verdict, self._on_tried)
        self._sender = Sender(context, self._on_sent, lambda refused: self._judge.say(list(refused.findings)))
        self.dialog = self._sender.dialog
        choice, tools, form = terms.laid_out()
        drawn = Drawn(
            quantity=self._on_drawn, price=self._on_price_drawn, step=self._on_step, drawing=self._on_drawing
        )
        self._day = DayChart(self.themes, drawn, tools)
        self._sums = OfferSums()
        left = pn.Column(choice, self._day.view, sizing_mode="stretch_width", margin=0)
        left.styles = {"min-width": "0"}
        beside = pn.Row(left, laid_out(self._verdict, form), sizing_mode="stretch_width", margin=0)
        self._form = (self._sums.view, beside)
        self._page = pn.Column(sizing_mode="stretch_width", margin=0)
        self._listen()
        self._start()
        context.live.subscribe(self._on_news, {news.MARKET, news.ASSETS, news.GRID})

    def _listen(self) -> None:
        for widget in self._terms.entered:
            widget.param.watch(in_turn(self._on_entered), "value")
        for button, handler in (
            (self._terms.fill_one, self._on_fill),
            (self._terms.fill_left, self._on_fill_left),
            (self._terms.fill_need, self._on_fill_need),
            (self._terms.clear, lambda _event: self._set_quantity((ZERO,) * len(self.quantity_mw))),
            (self.submit, self._on_submit),
        ):
            button.on_click(in_turn(handler))

    def main(self) -> list[Any]:
        return [self._page, self.dialog.view]

    def _fit_page(self) -> None:
        """The form, or what is missing for one; it is laid out anew only when that has changed."""
        lacks = lacking(self.facts)
        if lacks != self._lacks:
            self._lacks = lacks
            self._page[:] = [instead(lacks, self.facts)] if lacks else list(self._form)

    # -- what is chosen -------------------------------------------------------------------------------------

    @property
    def row(self) -> SessionRow | None:
        return next((r for r in open_sessions(self.facts) if r.session.id == self.session.value), None)

    @property
    def chosen(self) -> list[FlexAsset]:
        return [a for a in self.facts.assets if a.id in (self.assets.value or [])]

    @property
    def kind(self) -> tuple[Commodity, Direction]:
        return Commodity(self.power.value), Direction(self.direction.value)

    def composition(self) -> Composition:
        """The offer as it stands. Raises `Refused` as `read_offer`."""
        prices = self.price_eur_per_mwh
        return read_offer(self._terms, self.row, self._bench, self.quantity_mw, prices, self.replaces)

    def _start(self) -> None:
        """Fill the form: from an offer to change, a request to answer, the link, or with what there is."""
        again = start_again(self.facts, self.state.offer_id, self.state.price)
        start = again or start_from(self.facts, self.state.request_id)
        wanted = start.session_id if start else self.state.session_id
        self._terms.offer_sessions(self.facts, wanted)
        if start:
            self._terms.point(start.power, start.direction)
            self.replaces = start.replaces
        self._renew()
        if start and self.row is not None:
            self.assets.value = [a for a in start.asset_ids if a in self.assets.options.values()]
            self.first.value, self.last.value = start.first, start.last
        if again and self.row is not None:
            self._terms.put(again.terms)
            self.price_eur_per_mwh = again.price_eur_per_mwh
            self._terms.put_price(again.price_eur_per_mwh)
            self._set_quantity(again.quantity_mw)

    # -- drawing --------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        """Session, assets, commodity or direction have changed, or the market has: ask again."""
        self._fit_page()
        row = self.row
        if row is None:
            self._judge.stop()
            return
        self._terms.offer_assets(self.facts, row)
        self.state.param.update(session_id=row.session.id, power=self.power.value, direction=self.direction.value)
        self._terms.count_in(self.kind[0], any(asset.s_max_mva for asset in self.chosen))
        before = self._bench
        self._bench = seen = bench(self._context.desk, row, self.chosen, self.kind, self.facts, self.replaces)
        bus = self.chosen[0].bus if self.chosen else ""
        self._going = going_prices(self._context.desk, row, bus, self.kind, self.facts)
        changed = before is not None and before.commodity is not seen.commodity
        if self._day.fit(seen.day) or changed:
            self.quantity_mw = self.price_eur_per_mwh = (ZERO,) * seen.day.n_steps
            self._terms.offer_steps(step_labels(seen.day))
        self._day.show(seen, self.quantity_mw)
        self._terms.fill_need.disabled = not any(seen.need_mw)
        self._changed()

    def _set_quantity(self, quantity_mw: Series, *, drawn: bool = False) -> None:
        """Another quantity is another offer, also when it is the one that was sent before."""
        self.quantity_mw = quantity_mw
        self._sender.forget()
        self._day.show_quantity(quantity_mw, drawn=drawn)
        self._changed()

    def _changed(self) -> None:
        """The offer is another one: draw its price and sums, have it checked and cleared dry."""
        self._judge.cancel()
        self._day.show_award(None)
        self._draw_price()
        try:
            composition = self.composition()
            command = composition.command()
        except Refused as refused:
            self._draw_sums(None)
            before = self._bench.refusal if self._bench else ()
            self._judge.say([*before, *refused.findings], quiet=not any(self.quantity_mw))
            return
        self._draw_sums(composition)
        if self._sender.has_sent(command):
            self._judge.sent()
        else:
            self._judge.ask(composition)

    def _draw_price(self) -> None:
        try:
            price = priced(self._terms, self.quantity_mw, self.price_eur_per_mwh)
        except Refused:
            price = (ZERO,) * len(self.quantity_mw)
        self.price_eur_per_mwh = price
        self._day.show_price(price, self._going, one=self._terms.one_price)

    def _draw_sums(self, composition: Composition | None, trial: OfferTrial | None = None) -> None:
        revenue_eur = composition.revenue_eur if composition else None
        self._sums.show(self.row, len(self.chosen), self.kind[0], self.quantity_mw, revenue_eur, trial)

    # -- what happens ---------------------------------------------------------------------------------------

    def _on_tried(self, trial: OfferTrial, composition: Composition) -> None:
        self._day.show_award(trial)
        self._draw_sums(composition, trial)

    def _on_drawing(self, drawing: bool) -> None:
        """A drag takes the question under way back; one that changed nothing asks it again."""
        self._drawing = drawing
        if self._missed and not drawing:
            self._missed = False
            self._on_news("", None)
        elif drawing:
            self._judge.drawing()
        elif not self._judge.has_asked:
            self._changed()

    def _on_entered(self, _event: Any) -> None:
        if not self._terms.busy:
            self._changed()

    def _on_drawn(self, quantity: Any) -> None:
        self._set_quantity(in_watts(quantity), drawn=True)

    def _on_price_drawn(self, price: Any) -> None:
        drawn = in_cents(price)
        self._day.take_price(drawn)
        self._set_price(drawn)

    def _set_price(self, price: Series) -> None:
        self.price_eur_per_mwh = price
        self._terms.put_price(price)
        self._changed()

    def _on_step(self, step: int, value_mw: Decimal) -> None:
        self._set_quantity(fill(self.quantity_mw, step, step, value_mw))

    def _on_fill(self, _event: Any) -> None:
        """Quantity, and where each quarter hour has its own price that too, from the first to the last."""
        try:
            stretch = self._terms.stretch()
            if not self._terms.one_price and self.price.value.strip():
                self.price_eur_per_mwh = fill(self.price_eur_per_mwh, *stretch, self._terms.typed_price())
            value = parse_decimal(self.fill_mw.value, "quantity_mw", "a quantity")
        except Refused as refused:
            self._judge.say(list(refused.findings))
            return
        self._set_quantity(fill(self.quantity_mw, *stretch, value))

    def _on_fill_left(self, _event: Any) -> None:
        self._fill_with(self._bench.room_mw if self._bench else None)

    def _on_fill_need(self, _event: Any) -> None:
        seen = self._bench
        self._fill_with(tuple(map(min, seen.need_mw, seen.room_mw)) if seen else None)

    def _fill_with(self, values_mw: Series | None) -> None:
        if values_mw is None:
            return
        try:
            self._set_quantity(fill_with(self.quantity_mw, *self._terms.stretch(), values_mw))
        except Refused as refused:
            self._judge.say(list(refused.findings))

    def _on_smallest_change(self, price: Decimal) -> None:
        self._set_price(at_most(self.price_eur_per_mwh, price))

    # -- sending --------------------------------------------------------------------------------------------

    def _on_submit(self, _event: Any) -> None:
        try:
            names = [asset.name for asset in self.chosen]
            self._sender.ask(self.composition(), names, self._bench.day if self._bench else None)
        except Refused as refused:
            self._judge.say(list(refused.findings))

    def _on_sent(self) -> None:
        self.replaces = ()
        self.state.param.update(offer_id="", price="")
        self.facts = supply_facts(self._context.desk)
        self.quantity_mw = (ZERO,) * len(self.quantity_mw)
        self._renew()
        self._verdict.say("✓ The offer is in the book.")

    def _on_news(self, _topic: str, _value: object) -> None:
        """A session that opened can be chosen, one that closed can not. What is being drawn is not drawn over."""
        if self._drawing:
            self._missed = True
            return
        self.facts = supply_facts(self._context.desk)
        if self.row is None and not self.quantity_mw:
            self._start()
            return
        self._terms.offer_sessions(self.facts, self.session.value)
        self._renew()


def build(context: PageContext) -> Content:
    page = ComposerPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,), keys=KEYS)
