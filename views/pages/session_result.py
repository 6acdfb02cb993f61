"""What a clearing gave: awards, why others have none, who pays whom, outcome and proof, and what stays unmet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import panel as pn

from app.queries.models import ProofView, ResultView
from domain.ids import PartyId
from domain.parties import Party
from domain.time import DeliveryDay
from views.pages.books import show_fitted
from views.pages.dso_parts import whole_on_hover
from views.plots.book import Column
from views.state.common import number
from views.state.records import award_record, payee, payment_records, unmet_record, why_record
from views.state.session_result import HAS_RESULT, ResultRoom
from views.widgets import Book, csv_button, empty_state, panel
from views.widgets.markup import html_pane, tag
from views.widgets.tables import Record

AWARDS = (
    Column("party", "Participant", min_px=110),
    Column("asset", "Asset", min_px=130),
    Column("bus", "Bus", width_px=130),
    Column("power", "Power", width_px=76),
    Column("direction", "Direction", width_px=80),
    Column("hours", "Hours", width_px=100),
    Column("peak_mw", "Peak, MW|Mvar", "mw", width_px=116),
    Column("energy_mwh", "Energy, MWh|Mvarh", "mw", width_px=142),
    Column("price", "EUR/MWh|Mvarh", "figure", width_px=128),
    Column("payment_eur", "Payment, EUR", "money", width_px=108),
    Column("call", "Call", "state", width_px=126),
)
WHY = (
    Column("party", "Participant", width_px=190),
    Column("asset", "Asset", width_px=140),
    Column("power", "Power", width_px=66),
    Column("direction", "Way", width_px=56),
    Column("price", "EUR/MWh|Mvarh", "figure", width_px=122),
    Column("why", "Why", min_px=420),
)
PAYMENTS = (
    Column("party", "Participant", min_px=180),
    Column("make_whole_eur", "Make-whole", "money", width_px=100),
    Column("payment_eur", "Gets +, pays −, EUR", "money", width_px=150),
)
UNMET = (
    Column("element", "Element", min_px=130),
    Column("kind", "Kind", width_px=84),
    Column("at", "At", "time", width_px=64),
    Column("value", "Value", "figure", width_px=104),
    Column("limit", "Limit", "figure", width_px=104),
    Column("reason", "Reason", min_px=150),
)


class ResultTab:
    """Awards and explanations in full width; payments, outcome and unmet needs under them.

    waiting : session's state -> what is waited for there
    """

    def __init__(self, room: ResultRoom, waiting: Mapping[str, str]) -> None:
        self._room, self._nexts = room, waiting
        self._awards, self._why = Book(AWARDS, on_pick=self._on_pick), Book(WHY, on_pick=self._on_pick)
        self._payments, self._unmet = Book(PAYMENTS), Book(UNMET)
        whole_on_hover(self._why, "why")
        self._proof = html_pane("")
        self._nothing_unmet = html_pane(tag("p", "Every need is met.", class_="text body"), margin=(0, 12, 8, 12))
        self._waiting = pn.Column(sizing_mode="stretch_width")
        self._body = self._layout()
        self.view = pn.Column(self._waiting, self._body, sizing_mode="stretch_width", margin=0)
        self.draw()

    def draw(self) -> None:
        """The result, or what is waited for."""
        result, row = self._room.result, self._room.row
        there = result is not None and row.session.state in HAS_RESULT
        self._body.visible, self._waiting.visible = there, not there
        if not there:
            said = (row.session.reason, self._nexts.get(row.session.state.value, ""))
            words = empty_state("There is no result yet.", " ".join(part for part in said if part))
            self._waiting[:] = [panel("Result", words)]
            return
        day = DeliveryDay(day=row.session.delivery_day)
        show_fitted(self._awards, [award_record(award, day) for award in result.awards], most_px=340)
        self._draw_why()
        self._mark()
        self._awards_panel.visible = self._payments_panel.visible = bool(result.payments_eur)
        payments = payment_records(result.payments_eur, self._room.parties, result.awards)
        show_fitted(self._payments, payments, most_px=340)
        show_fitted(self._unmet, [unmet_record(unmet, day) for unmet in result.unmet], most_px=340)
        self._unmet.view.visible, self._nothing_unmet.visible = bool(result.unmet), not result.unmet
        self._proof.object = proof_markup(result, self._room.parties)

    def _draw_why(self) -> None:
        """One line for each part of an offer that the clearing explains."""
        rows, assets = self._room.offers, self._room.assets
        records = [why_record(row, entry, words, assets) for row in rows for entry, words in row.why]
        self._why_panel.visible = bool(records)
        show_fitted(self._why, records, most_px=300)

    def _mark(self) -> None:
        """The chosen offer's first award and the first reason why it has not more."""
        for book in (self._awards, self._why):
            book.mark("offer_id", self._room.offer)

    def _on_pick(self, record: Record) -> None:
        self._room.offer = record["offer_id"]

    def _layout(self) -> pn.Column:
        room = self._room
        self._why_panel = panel(
            "Why offers were not accepted in full",
            self._why.view,
            tools=[pn.HSpacer(), csv_button(f"why-{room.id}.csv", self._why.csv)],
        )
        self._awards_panel = panel(
            "Awards",
            self._awards.view,
            tools=[pn.HSpacer(), csv_button(f"awards-{room.id}.csv", self._awards.csv)],
        )
        self._payments_panel = panel(
            "Payments",
            self._payments.view,
            tools=[pn.HSpacer(), csv_button(f"payments-{room.id}.csv", self._payments.csv)],
        )
        unmet = panel(
            "Unmet needs",
            self._nothing_unmet,
            self._unmet.view,
            tools=[pn.HSpacer(), csv_button(f"unmet-{room.id}.csv", self._unmet.csv)],
        )
        proof = panel("Outcome, and its proof by an independent AC power flow", self._proof)
        self._payments_panel.param.update(sizing_mode=None, width=462)
        below = pn.Row(
            self._payments_panel,
            pn.Column(proof, width=420, margin=0),
            pn.Column(unmet, sizing_mode="stretch_width", margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(self._awards_panel, self._why_panel, below, sizing_mode="stretch_width", margin=0)


def proof_markup(result: ResultView, parties: Mapping[PartyId, Party]) -> str:
    """The outcome and the proof's facts with the hashes of what was cleared; all text escaped."""
    proof = result.proof
    facts = [
        *_outcome(result, parties),
        ("Verdict", verdict(proof)),
        *(_figures(proof) if proof else []),
        ("Needs before", f"{result.n_needs_before}"),
        ("Solved in", f"{result.solve_seconds:.2f} s"),
        ("Case", result.case_sha256),
        ("Result", result.result_sha256),
    ]
    lines = "".join(
        tag("dt", escape(name)) + tag("dd", escape(value), class_="mono" if name in ("Case", "Result") else "")
        for name, value in facts
    )
    return tag("dl", lines, class_="facts")


def _outcome(result: ResultView, parties: Mapping[PartyId, Party]) -> list[tuple[str, str]]:
    """Rules, objective, and what else is known of it."""
    amounts = (
        ("Objective", result.objective_eur),
        ("Welfare", result.welfare_eur),
        ("Lower bound", result.lower_bound_eur),
    )
    known = [(name, f"{number(amount)} EUR") for name, amount in amounts if amount is not None]
    gap = [] if result.gap is None else [("Certified gap", f"{100 * result.gap:.3f} %")]
    pivotal = [("Pivotal", ", ".join(payee(party, parties) for party in result.pivotal))] if result.pivotal else []
    return [("Rules", result.session.rules.words()), *known, *gap, *pivotal]


def verdict(proof: ProofView | None) -> str:
    """In words: clean, or the worst violation that is left."""
    if proof is None:
        return "no proof"
    return "✓ clean: no limit is violated" if proof.clean else f"▲ {proof.worst}"


def _figures(proof: ProofView) -> list[tuple[str, str]]:
    return [
        ("Voltage", f"{proof.vm_min_pu:.4f} to {proof.vm_max_pu:.4f} pu"),
        ("Highest loading", f"{number(proof.max_loading_percent, 1)} %"),
    ]
