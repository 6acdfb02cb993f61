"""The composer: what is offered over the quarter hours, beside what is possible and what is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import panel as pn

from app.queries.models import OfferCheck, SessionRow
from domain.commands import SubmitOffer
from domain.errors import Finding, Refused, refuse
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.units import Series
from views import news
from views.pages.context import Content, PageContext
from views.pages.later import Later, in_turn
from views.pages.supply_compose_chart import DayChart, OfferSums
from views.pages.supply_compose_terms import Terms, instead, lacking
from views.pages.themes import Themes
from views.state.common import step_labels
from views.state.dso_drafts import parse_decimal
from views.state.supply_composer import Composition, fill, fill_with, in_watts
from views.state.supply_desk import LINK, Bench, ComposerState, bench, check, open_sessions, start_from
from views.state.supply_facts import SupplyFacts, supply_facts

ZERO = Decimal(0)
SENT = "This offer has been sent. Change it to send another."


class ComposerPage:
    """Terms at the left, chart and quarter hours in the middle, the verdict under the terms."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ComposerState()
        context.location.sync(self.state, LINK)
        self.themes = Themes(context.theme)
        self.facts: SupplyFacts = supply_facts(context.desk)
        self.quantity_mw: Series = ()
        self._bench: Bench | None = None
        self._sent: SubmitOffer | None = None
        self._lacks: str | None = None
        self._check: Later[OfferCheck | Refused] = Later()
        self._terms = terms = Terms(self.state.power, self.state.direction, self._renew)
        self.session, self.assets = terms.session, terms.assets
        self.power, self.direction = terms.power, terms.direction
        self.first, self.last, self.fill_mw = terms.first, terms.last, terms.fill_mw
        self.price, self.submit, self.verdict = terms.price, terms.submit, terms.verdict
        self._day = DayChart(self.themes, self._on_drawn, self._on_step)
        self._sums = OfferSums()
        self._page = pn.Column(sizing_mode="stretch_width", margin=0)
        self._listen()
        self._start()
        context.live.subscribe(self._on_news, {news.MARKET, news.ASSETS, news.GRID})

    def _listen(self) -> None:
        self.price.param.watch(self._on_change, "value")
        for button, handler in (
            (self._terms.fill_one, self._on_fill),
            (self._terms.fill_left, self._on_fill_left),
            (self._terms.fill_need, self._on_fill_need),
            (self._terms.clear, self._on_clear),
            (self.submit, self._on_submit),
        ):
            button.on_click(in_turn(handler))

    def main(self) -> list[Any]:
        return [self._page]

    def _fit_page(self) -> None:
        """The form, or what is missing for one; it is laid out anew only when that has changed."""
        lacks = lacking(self.facts)
        if lacks == self._lacks:
            return
        self._lacks = lacks
        if lacks:
            self._page[:] = [instead(lacks, self.facts)]
            return
        beside = pn.Row(self._terms.laid_out(), self._day.view, sizing_mode="stretch_width", margin=0)
        self._page[:] = [self._sums.view, beside]

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
        """The offer as it stands. Raises `Refused` when the price cannot be read or no session is open."""
        if self.row is None or self._bench is None:
            raise refuse("gate_closed", "session_id", "No session is open for offers.")
        return Composition(
            session_id=self.row.session.id,
            asset_ids=self._bench.asset_ids,  # type: ignore[arg-type]
            left_mw=self._bench.left_mw,
            commodity=self.kind[0],
            direction=self.kind[1],
            quantity_mw=self.quantity_mw,
            price_eur_per_mwh=parse_decimal(self.price.value, "price_eur_per_mwh", "a price"),
        )

    def _start(self) -> None:
        """Fill the form: from a request to answer, from the link, or with what there is."""
        start = start_from(self.facts, self.state.request_id)
        wanted = start.session_id if start else self.state.session_id
        self._terms.offer_sessions(self.facts, wanted)
        if start:
            self._terms.point(start.power, start.direction)
        self._renew()
        if start and self.row is not None:
            self.assets.value = [a for a in start.asset_ids if a in self.assets.options.values()]
            self.first.value, self.last.value = start.first, start.last

    # -- drawing --------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        """Session, assets, commodity or direction have changed, or the market has: ask again."""
        self._fit_page()
        row = self.row
        if row is None:
            self._terms.stop("No session is open for offers.")
            return
        self._terms.offer_assets(self.facts, row)
        self.state.param.update(session_id=row.session.id, power=self.power.value, direction=self.direction.value)
        self._terms.count_in(self.kind[0], any(asset.s_max_mva for asset in self.chosen))
        before = self._bench
        self._bench = seen = bench(self._context.desk, row, self.chosen, self.kind, self.facts.requests)
        changed = before is not None and before.commodity is not seen.commodity
        if self._day.fit(seen.day) or changed:
            self.quantity_mw = (ZERO,) * seen.day.n_steps
            self._terms.offer_steps(step_labels(seen.day))
        self._day.show(seen, self.quantity_mw)
        self._terms.fill_need.disabled = not any(seen.need_mw)
        self._changed()

    def _set_quantity(self, quantity_mw: Series) -> None:
        """Another quantity is another offer, also when it is the one that was sent before."""
        self.quantity_mw = quantity_mw
        self._sent = None
        if self._bench is not None:
            self._day.show_quantity(self._bench, quantity_mw)
        self._changed()

    def _changed(self) -> None:
        """The offer is another one: say what it would bring and have it checked."""
        self._draw_sums()
        try:
            command = self.composition().command()
        except Refused as refused:
            before = self._bench.refusal if self._bench else ()
            self._terms.say([*before, *refused.findings], quiet=not any(self.quantity_mw))
            return
        if command == self._sent:
            self.submit.disabled = True
            self._terms.tell(SENT, "muted")
            return
        self._check.soon(lambda: check(self._context.desk, command), self._on_checked)

    def _draw_sums(self) -> None:
        try:
            revenue_eur = self.composition().revenue_eur
        except Refused:
            revenue_eur = None
        self._sums.show(self.row, len(self.chosen), self.kind[0], self.quantity_mw, revenue_eur)

    # -- what happens ---------------------------------------------------------------------------------------

    def _on_checked(self, answer: OfferCheck | Refused) -> None:
        if isinstance(answer, Refused):
            self._terms.say(answer.findings)
        else:
            self._terms.say(
                [Finding(code=code, field=field, sentence=said) for code, field, said in answer.findings]
            )

    def _on_change(self, _event: Any) -> None:
        self._changed()

    def _on_drawn(self, quantity: Any) -> None:
        self._set_quantity(in_watts(quantity))

    def _on_step(self, step: int, value_mw: Decimal) -> None:
        self._set_quantity(fill(self.quantity_mw, step, step, value_mw))

    def _on_fill(self, _event: Any) -> None:
        try:
            value = parse_decimal(self.fill_mw.value, "quantity_mw", "a quantity")
            self._set_quantity(fill(self.quantity_mw, *self._terms.stretch(), value))
        except Refused as refused:
            self._terms.say(refused.findings)

    def _on_fill_left(self, _event: Any) -> None:
        self._fill_with(self._bench.room_mw if self._bench else None)

    def _on_fill_need(self, _event: Any) -> None:
        seen = self._bench
        wanted = tuple(map(min, seen.need_mw, seen.room_mw)) if seen else None
        self._fill_with(wanted)

    def _fill_with(self, values_mw: Series | None) -> None:
        if values_mw is None:
            return
        try:
            self._set_quantity(fill_with(self.quantity_mw, *self._terms.stretch(), values_mw))
        except Refused as refused:
            self._terms.say(refused.findings)

    def _on_clear(self, _event: Any) -> None:
        self._set_quantity((ZERO,) * len(self.quantity_mw))

    def _on_submit(self, _event: Any) -> None:
        """Send it once: the same offer is not sent again, however often the button is pressed."""
        self.submit.disabled = True
        try:
            command = self.composition().command()
            if command == self._sent:
                return
            self._context.desk.do(command)
        except Refused as refused:
            self._terms.say(refused.findings)
            return
        self._sent = command
        self._context.notify("The offer is in the book. You find it on the portfolio page.", "success")
        self._terms.forgive()
        self._terms.tell("✓ Sent. " + SENT, "muted")
        self.facts = supply_facts(self._context.desk)
        self._quantity_sent()

    def _quantity_sent(self) -> None:
        """What was sent is no longer left; the quantity starts anew."""
        self.quantity_mw = (ZERO,) * len(self.quantity_mw)
        self._renew()
        self._terms.tell("✓ The offer is in the book.")

    def _on_news(self, _topic: str, _value: object) -> None:
        """A session that opened can be chosen, one that closed can not."""
        self.facts = supply_facts(self._context.desk)
        if self.row is None and not self.quantity_mw:
            self._start()
            return
        self._terms.offer_sessions(self.facts, self.session.value)
        self._renew()


def build(context: PageContext) -> Content:
    page = ComposerPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
