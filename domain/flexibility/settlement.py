"""Statements: what each party of a session gets or pays after delivery, exact to the cent.

An award's payment of the clearing is the full amount. The part of it that is its own price times its energy
belongs to each quarter hour by that product; what the rule pays beside (make-whole, VCG's bonus, cents) belongs to
the quarter hours by energy. The contract's rule takes off its part of each quarter hour. Whoever bought in the
clearing gets back what is taken off, so that all statements and the coupling point add up to 0.00.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import HOURS, ZERO, Step, less
from domain.flexibility.delivery import Delivery, Remark
from domain.flexibility.market import Award
from domain.ids import AssetId, AwardId, PartyId, RegionId, SessionId, StatementId
from domain.lifecycle import StatementState
from domain.units import CENT, Series, cents, energy_mwh, total

COUPLING = PartyId("coupling")
"""Whoever delivers the energy over the coupling point, in a clearing's payments."""


class LineKind(StrEnum):
    AWARD = "award"
    BESIDE = "beside awards"
    PURCHASE = "purchase"
    COUPLING = "coupling point"
    REFUND = "refund"


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line; amounts are what the party gets (pays where negative): cleared less deduction and penalty.

    Volumes are MWh, Mvarh where the commodity is Q; `delivered_mw` [n_steps] of an award, else empty.
    """

    kind: LineKind
    cleared_eur: Decimal
    amount_eur: Decimal
    award_id: AwardId | None = None
    asset_id: AssetId | None = None
    commodity: Commodity = Commodity.P
    direction: Direction | None = None
    awarded_mwh: Decimal = ZERO
    delivered_mwh: Decimal = ZERO
    deduction_eur: Decimal = ZERO
    penalty_eur: Decimal = ZERO
    basis: str = ""
    delivered_mw: Series = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def missing_mwh(self) -> Decimal:
        return self.awarded_mwh - self.delivered_mwh

    @property
    def quantity_mwh(self) -> Decimal:
        """What the amount is for: what is missing of a refund, else what was delivered."""
        return self.missing_mwh if self.kind is LineKind.REFUND else self.delivered_mwh

    @property
    def key(self) -> tuple[LineKind, AwardId | None]:
        """The same in every version of a statement."""
        return self.kind, self.award_id


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one party gets or pays for one session; a change of its inputs makes a new revision.

    `issued_at`: on the market clock, None where it never was issued.
    """

    id: StatementId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    revision: int
    lines: tuple[StatementLine, ...]
    computed_at: datetime
    state: StatementState = StatementState.DRAFT
    issued_at: datetime | None = None
    version: int = 0

    @property
    def amount_eur(self) -> Decimal:
        return total([line.amount_eur for line in self.lines])

    @property
    def cleared_eur(self) -> Decimal:
        """What the clearing gives the party, before delivery."""
        return total([line.cleared_eur for line in self.lines])


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a line changes against a version before; `line` as it is now, or was if it is no longer there."""

    line: StatementLine
    quantity_mwh: Decimal
    amount_eur: Decimal


def award_line(delivery: Delivery) -> StatementLine:
    """The line of an award, reduced by its contract's rule. Delivered in full it is the clearing's payment."""
    award = delivery.award
    parts = [less(step, delivery.terms) for step in _steps(delivery)]
    deduction = cents(total([part.deduction_eur for part in parts]))
    penalty = cents(total([part.penalty_eur for part in parts]))
    return StatementLine(
        kind=LineKind.AWARD,
        award_id=award.id,
        asset_id=award.asset_id,
        commodity=award.commodity,
        direction=award.direction,
        awarded_mwh=energy_mwh(award.accepted_mw),
        delivered_mwh=energy_mwh(delivery.delivered_mw),
        cleared_eur=award.payment_eur,
        deduction_eur=deduction,
        penalty_eur=penalty,
        amount_eur=award.payment_eur - deduction - penalty,
        basis=delivery.basis,
        delivered_mw=delivery.delivered_mw,
        remarks=delivery.remarks,
    )


def _steps(delivery: Delivery) -> Iterator[Step]:
    """The quarter hours in which something was awarded, each with its worth."""
    award = delivery.award
    by_price = [p * q * HOURS for p, q in zip(award.price_eur_per_mwh, award.accepted_mw, strict=True)]
    beside = award.payment_eur - total(by_price)
    energy = total(award.accepted_mw)
    for worth, awarded, missing in zip(by_price, award.accepted_mw, delivery.missing_mw, strict=True):
        if awarded:
            yield Step(worth + beside * awarded / energy, awarded, missing)


def statements(
    deliveries: Iterable[Delivery], payments_eur: Mapping[PartyId, Decimal], dso_id: PartyId
) -> dict[PartyId, tuple[StatementLine, ...]]:
    """The lines of every party of a session.

    payments_eur : the clearing's, which sum to 0 with `COUPLING`; the DSO's is what it pays for both
    """
    lines: dict[PartyId, list[StatementLine]] = {dso_id: []}
    awarded: dict[PartyId, Decimal] = {}
    for delivery in deliveries:
        party = delivery.award.party_id
        lines.setdefault(party, []).append(award_line(delivery))
        awarded[party] = awarded.get(party, ZERO) + delivery.award.payment_eur
    rest = {p: amount - awarded.get(p, ZERO) for p, amount in payments_eur.items() if p != COUPLING}
    reduced = [line for of_party in lines.values() for line in of_party if line.deduction_eur or line.penalty_eur]
    for party in sorted(rest.keys() | {dso_id}):
        own = lines.setdefault(party, [])
        coupling = -payments_eur.get(COUPLING, ZERO) if party == dso_id else ZERO
        own += _bought(rest.get(party, ZERO) - coupling, coupling)
    for party, refunds in _refunds(reduced, rest, dso_id).items():
        lines[party] += refunds
    return {party: tuple(of_party) for party, of_party in sorted(lines.items()) if of_party}


def _bought(beside_eur: Decimal, coupling_eur: Decimal) -> Iterator[StatementLine]:
    if beside_eur:
        kind = LineKind.PURCHASE if beside_eur < 0 else LineKind.BESIDE
        yield StatementLine(kind=kind, cleared_eur=beside_eur, amount_eur=beside_eur)
    if coupling_eur:
        yield StatementLine(kind=LineKind.COUPLING, cleared_eur=coupling_eur, amount_eur=coupling_eur)


def _refunds(
    reduced: Sequence[StatementLine], rest_eur: Mapping[PartyId, Decimal], dso_id: PartyId
) -> dict[PartyId, list[StatementLine]]:
    """What is taken off each award, to those who bought, by what they paid; to the DSO where nobody did."""
    paid = {party: -amount for party, amount in rest_eur.items() if amount < 0} or {dso_id: Decimal(1)}
    back: dict[PartyId, list[StatementLine]] = {party: [] for party in paid}
    for line in reduced:
        parts = split(line.deduction_eur + line.penalty_eur, list(paid.values()))
        for party, amount in zip(paid, parts, strict=True):
            if amount:
                back[party].append(
                    StatementLine(
                        kind=LineKind.REFUND,
                        award_id=line.award_id,
                        asset_id=line.asset_id,
                        commodity=line.commodity,
                        direction=line.direction,
                        awarded_mwh=line.awarded_mwh,
                        delivered_mwh=line.delivered_mwh,
                        cleared_eur=ZERO,
                        amount_eur=amount,
                    )
                )
    return back


def split(amount_eur: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount in cents by weights: rounded down, missing cents to the largest remainders (Hare and Niemeyer)."""
    due = [amount_eur * weight / total(weights) for weight in weights]
    parts = [value.quantize(CENT, rounding=ROUND_FLOOR) for value in due]
    missing = int((amount_eur - total(parts)) / CENT)
    for index in sorted(range(len(due)), key=lambda index: parts[index] - due[index])[:missing]:
        parts[index] += CENT
    return parts


def clearing_payments(
    awards: Iterable[Award], told_eur: Mapping[PartyId, Decimal], dso_id: PartyId
) -> dict[PartyId, Decimal]:
    """The clearing's payments and those of direct calls; where the clearing told none, each award is paid by the
    DSO."""
    paid: dict[PartyId, Decimal] = dict(told_eur) or {dso_id: ZERO}
    for award in (award for award in awards if award.direct or not told_eur):
        paid[award.party_id] = paid.get(award.party_id, ZERO) + award.payment_eur
        paid[dso_id] = paid.get(dso_id, ZERO) - award.payment_eur
    return paid


def differences(before: Statement | None, after: Statement) -> tuple[Difference, ...]:
    """What changed against a version before, line by line; nothing against none."""
    if before is None:
        return ()
    old, new = ({line.key: line for line in s.lines} for s in (before, after))
    none = {"quantity_mwh": ZERO, "amount_eur": ZERO}
    found = []
    for key in (*new, *(key for key in old if key not in new)):
        was, now = ({n: getattr(of[key], n) for n in none} if key in of else none for of in (old, new))
        change = {name: now[name] - was[name] for name in none}
        if any(change.values()):
            found.append(Difference(line=new.get(key) or old[key], **change))
    return tuple(found)
