"""Statements, their lines, findings and invoices as records of books, and an award's day as curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.queries.models import ContractRow, DeliveryView, InvoiceRow, LineRow, StatementRow
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import RULE_NAMES
from domain.flexibility.reference import METHOD_WORDS
from domain.flexibility.settlement import LineKind
from views.state.common import MISSING, floats, local, power_words, utc
from views.state.records import Record

STANDARD_TERMS = "Standard terms"
_COUNTED = (LineKind.AWARD, LineKind.REFUND)


def line_records(row: StatementRow) -> list[Record]:
    """Every line of a statement."""
    return [line_record(line, row) for line in row.lines]


def line_record(row: LineRow, of: StatementRow) -> Record:
    line = row.line
    about_award = line.kind in _COUNTED
    stops = sum(remark.blocking for remark in line.remarks)
    return {
        "award_id": line.award_id or "",
        "party": of.party.name,
        "what": f"{row.text} (no longer)" if row.gone else row.text,
        "bus": row.asset.bus if row.asset else "",
        "power": power_words(line.commodity) if about_award else "",
        "awarded_mwh": line.awarded_mwh if about_award else None,
        "delivered_mwh": line.delivered_mwh if about_award else None,
        "missing_mwh": line.missing_mwh if about_award else None,
        "cleared_eur": line.cleared_eur,
        "less_eur": -(line.deduction_eur + line.penalty_eur) or None,
        "amount_eur": line.amount_eur,
        "change_eur": row.change_eur,
        "basis": line.basis,
        "findings": _findings_mark(len(line.remarks), stops),
    }


def _findings_mark(n: int, stops: int) -> str:
    """Told by shape and number: a triangle stops the validation."""
    return f"▲ {stops}" if stops else f"· {n}" if n else ""


def award_records(rows: Iterable[StatementRow]) -> list[Record]:
    """The lines of awards in all statements, those with findings that stop first, then by what is missing."""
    records = [line_record(line, row) for row in rows for line in row.lines if line.line.kind is LineKind.AWARD]
    return sorted(records, key=lambda r: (not r["findings"].startswith("▲"), -r["missing_mwh"], r["what"]))


def finding_records(rows: Iterable[StatementRow]) -> list[Record]:
    """Every remark of the validation; those that stop it first."""
    found = [
        {
            "award_id": line.line.award_id or "",
            "stops": "▲ stops" if remark.blocking else "· note",
            "what": line.text,
            "party": row.party.name,
            "kind": remark.kind,
            "sentence": remark.sentence,
        }
        for row in rows
        for line in row.lines
        if not line.gone
        for remark in line.line.remarks
    ]
    return sorted(found, key=lambda r: (not r["stops"].startswith("▲"), r["kind"], r["what"]))


def n_stopping(rows: Iterable[StatementRow]) -> int:
    """Findings of drafts that stop the validation."""
    return sum(
        remark.blocking
        for row in rows
        if row.statement.state.value == "draft"
        for line in row.statement.lines
        for remark in line.remarks
    )


def version_records(rows: Iterable[StatementRow]) -> list[Record]:
    """Versions of statements, each with what it changes."""
    return [
        {
            "id": row.statement.id,
            "party": row.party.name,
            "about": f"{row.region.name}, {row.session.delivery_day:%d %b %Y}",
            "revision": f"{row.statement.revision}",
            "state": row.statement.state.value,
            "at": local(row.statement.issued_at or row.statement.computed_at),
            "at_utc": utc(row.statement.issued_at or row.statement.computed_at),
            "cleared_eur": row.statement.cleared_eur,
            "amount_eur": row.statement.amount_eur,
            "change_eur": row.correction_eur,
            "invoice": row.invoice.name if row.invoice else "",
        }
        for row in rows
    ]


def invoice_records(rows: Iterable[InvoiceRow]) -> list[Record]:
    return [
        {
            "id": row.invoice.id,
            "name": row.invoice.name,
            "kind": row.invoice.kind.value,
            "party": row.party.name,
            "about": f"{row.region.name}, {row.session.delivery_day:%d %b %Y}",
            "issued_on": f"{row.invoice.issued_on:%d %b %Y}",
            "corrects": f"FD-{row.invoice.corrects:06d}" if row.invoice.corrects else "",
            "amount_eur": row.invoice.amount_eur,
        }
        for row in rows
    ]


def contract_records(rows: Iterable[ContractRow]) -> list[Record]:
    return [
        {
            "region": row.region.name,
            "party": row.party.name,
            "valid_from": f"{row.contract.valid_from:%d %b %Y}" if row.contract else STANDARD_TERMS,
            "baseline": METHOD_WORDS[row.terms.baseline],
            "rule": RULE_NAMES[row.terms.rule],
            "tolerance": 100 * row.terms.tolerance_share,
            "penalty": row.terms.penalty_eur_per_mwh or None,
            "words": row.words,
        }
        for row in rows
    ]


def contract_words(rows: Sequence[ContractRow]) -> list[tuple[str, str]]:
    """(region and since when, the terms in words); whose they are where they are of several, as for a DSO."""
    of_several = len({row.party.id for row in rows}) > 1
    return [
        (
            (f"{row.party.name}, " if of_several else "")
            + f"{row.region.name}, "
            + (f"from {row.contract.valid_from:%d %b %Y}" if row.contract else STANDARD_TERMS.lower()),
            row.words,
        )
        for row in rows
    ]


def delivery_curves(view: DeliveryView) -> dict[str, NDArray[np.float64] | None]:
    """[n_steps] each, MW or Mvar, injection up positive; NaN where nothing was metered."""
    award, measured = view.delivery.award, view.measured
    sign = 1.0 if award.direction is Direction.UP else -1.0
    reading = measured.reading
    values = () if reading is None else reading.q_mvar if award.commodity is Commodity.Q else reading.p_mw
    baseline = None if measured.reference.p_mw is None else floats(measured.reference.p_mw)
    metered = np.array([np.nan if v is None else float(v) for v in values]) if values else None
    return {
        "delivered": sign * floats(view.delivery.delivered_mw),
        "baseline": baseline,
        "asked": None if baseline is None else baseline + sign * floats(award.accepted_mw),
        "metered": metered,
    }


def delivery_words(view: DeliveryView) -> str:
    """What the chart of an award's day rests on."""
    measured, used = view.measured, view.measured.reference
    parts = [f"{view.party.name}, {measured.asset.name} at {measured.asset.bus}"]
    parts.append(f"meter {measured.pod_id}" if measured.pod_id else "no point of delivery")
    if measured.reading is not None:
        parts.append(f"reading {measured.reading.revision} of {local(measured.reading.reported_at)}")
    words = f"{', '.join(parts)}. Baseline by {METHOD_WORDS[used.method].lower()}: {used.source or MISSING}."
    agreed = METHOD_WORDS[view.agreed].lower()
    words += f" The contract says {agreed}."
    return f"{words} {used.reason}" if used.reason else words
