"""The contracts of a region: what is agreed with each participant, and a form to agree on new terms."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.flexibility.contracts import RULE_NAMES, DeliveryRule
from domain.flexibility.reference import METHOD_WORDS
from views.pages.books import show_fitted
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.settlement import SettlementRoom
from views.state.settlement_records import contract_records
from views.widgets import Book, Problem, ProblemList, csv_button, panel

CONTRACTS = (
    Column("party", "Participant", min_px=220),
    Column("valid_from", "From delivery day", width_px=142),
    Column("baseline", "Baseline", width_px=138),
    Column("rule", "Under-delivery", width_px=250),
    Column("tolerance", "Tolerance, %", "percent", width_px=110),
    Column("penalty", "Penalty, EUR/MWh", "price", width_px=142),
)
FIELDS = ("party_id", "valid_from", "baseline", "rule", "tolerance_share", "penalty_eur_per_mwh")
HUNDRED = Decimal(100)


class ContractsTab:
    """The region's contracts at the left, the form at the right."""

    def __init__(self, context: PageContext, room: SettlementRoom) -> None:
        self._context, self._room = context, room
        self._book = Book(CONTRACTS)
        look = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
        self._party = pmu.Select(label="Participant", options={}, **look)
        self._from = pmu.DatePicker(label="From delivery day", **look)
        self._baseline = pmu.Select(
            label="Baseline", options={words: m.value for m, words in METHOD_WORDS.items()}, **look
        )
        self._rule = pmu.Select(
            label="Under-delivery", options={words: r.value for r, words in RULE_NAMES.items()}, **look
        )
        self._tolerance = pmu.TextInput(label="Tolerance, % of a quarter hour's award", value="0", **look)
        self._penalty = pmu.TextInput(label="Penalty, EUR per missing MWh", value="0", disabled=True, **look)
        widgets = (self._party, self._from, self._baseline, self._rule, self._tolerance, self._penalty)
        self._problems = ProblemList(dict(zip(FIELDS, widgets, strict=True)))
        agree = pmu.Button(label="Agree", variant="contained", margin=(8, 12), on_click=in_turn(self._on_agree))
        self._rule.param.watch(self._on_rule, "value")
        form = panel(
            "Agree on terms",
            *(self._problems.beside(field) for field in FIELDS),
            self._problems.view,
            agree,
        )
        contracts = panel(
            "Contracts of the region",
            self._book.view,
            tools=[pn.HSpacer(), csv_button("contracts.csv", self._book.csv)],
        )
        self.view = pn.Row(
            pn.Column(contracts, sizing_mode="stretch_width", margin=0),
            pn.Column(form, width=340, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )

    def draw(self) -> None:
        """Contracts, and the participants that a contract can be with."""
        rows = self._room.contracts
        show_fitted(self._book, contract_records(rows), most_px=460)
        parties = {row.party.name: row.party.id for row in rows}
        self._party.param.update(
            options=parties,
            value=self._party.value
            if self._party.value in parties.values()
            else next(iter(parties.values()), None),
        )

    def _on_rule(self, event: Any) -> None:
        """Only the rule with a penalty has a price for it."""
        self._penalty.disabled = event.new != DeliveryRule.PENALTY.value
        if self._penalty.disabled:
            self._penalty.value = "0"

    def _on_agree(self, *_event: Any) -> None:
        numbers, problems = self._numbers()
        if self._from.value is None:
            problems.append(Problem("valid_from", "Choose the first delivery day."))
        self._problems.show(problems)
        if problems:
            return
        try:
            self._room.agree(
                self._party.value or "",
                self._from.value,
                self._baseline.value,
                self._rule.value,
                numbers["tolerance_share"] / HUNDRED,
                numbers["penalty_eur_per_mwh"],
            )
        except Refused as refused:
            self._problems.show([Problem(f.field, f.sentence) for f in refused.findings])
            return
        self._context.notify("The terms are agreed.", "success")

    def _numbers(self) -> tuple[dict[str, Decimal], list[Problem]]:
        numbers, problems = {}, []
        texts = {"tolerance_share": self._tolerance.value, "penalty_eur_per_mwh": self._penalty.value}
        for field, said in texts.items():
            try:
                numbers[field] = Decimal((said or "").strip())
            except InvalidOperation:
                problems.append(Problem(field, "Write a number such as 5 or 2.5."))
        return numbers, problems
