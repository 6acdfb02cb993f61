"""Key figures of a session's result: what was awarded, what it costs, what stays unmet, and the proof."""

from __future__ import annotations

from decimal import Decimal

from domain.flexibility.rules import PAID_WORDS
from domain.lifecycle import SessionState
from domain.units import total
from views.pages.session_result import verdict
from views.state.common import count, number, with_reactive
from views.state.records import operator_pays_eur
from views.state.session_result import HAS_RESULT, ResultRoom
from views.widgets import KeyFigure

_WAITING = (("Awarded", "MWh"), ("Cost to the DSO", "EUR"), ("Unmet needs", ""), ("Proof", ""))


def volume(label: str, active_mwh: Decimal, reactive_mvarh: Decimal, note: str) -> KeyFigure:
    """Energy of active power, that of reactive power in the note."""
    return KeyFigure(label, number(active_mwh), "MWh", with_reactive(note, reactive_mvarh))


def result_figures(room: ResultRoom) -> list[KeyFigure]:
    """Dashes before there is a result to see; what the DSO pays, or what the reader is paid, where it is told."""
    result, row = room.result, room.row
    if result is None or row.session.state not in HAS_RESULT:
        failed = row.session.state is SessionState.NOT_CLEARED
        note = (row.session.reason if failed else "") or "no result yet"
        return [KeyFigure(name, "–", unit, note if unit else "") for name, unit in _WAITING]
    n_awards = count(len(result.awards), "award") if result.awards else ""
    clean = result.proof is not None and result.proof.clean
    unmet, cost = len(result.unmet), operator_pays_eur(result, row.region)
    told = [("Paid to you", total(list(result.payments_eur.values())))] if result.payments_eur else []
    paid = [("Cost to the DSO", cost)] if cost is not None else told
    return [
        volume("Awarded", row.awarded_mwh, row.awarded_mvarh, n_awards),
        *(KeyFigure(name, number(amount), "EUR", PAID_WORDS[row.session.payment]) for name, amount in paid),
        KeyFigure(
            "Unmet needs", f"{unmet}", "", "named in the result" if unmet else "", "alarm" if unmet else "normal"
        ),
        KeyFigure(
            "Proof", "Clean" if clean else "Violated", "", verdict(result.proof), "normal" if clean else "critical"
        ),
    ]
