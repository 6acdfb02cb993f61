"""Dry clearings: what one more offer, or several at once, would be awarded on top of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.grid.recall import Recall
from engine.market.assessment import assess
from engine.market.awards import accepted_quanta, as_mw
from engine.market.case import Case, Offer
from engine.market.documents import awards_document
from engine.market.doubts import doubts
from engine.market.explain import Book, Why, causes
from engine.market.increment import Found
from engine.market.linear import problem_of, sees_ac
from engine.market.modes import check_mode
from engine.market.offer_reading import Frame, read_offers
from engine.market.payments import settle
from engine.market.prices import nodal_prices
from engine.market.search import silent
from engine.market.solve import solve
from engine.market.tables import offer_table, publish
from engine.market.trial import DryBase, cleared_with
from engine.market.worth import worth_of_offers
from engine.reading import Reader
from engine.status import Finding, InvalidInput

__all__ = ["DryBase", "DryClearing", "DryTogether", "dry_base", "dry_clear", "dry_together"]

RECALL_MAX_BYTES = 256e6
BYTES_PER_DERIVATIVE = 32


@dataclass(frozen=True, slots=True)
class DryClearing:
    """What a hypothetical offer would be awarded: an entry of a result's `awards`, its revenue (EUR, two decimals)
    and why it would not be accepted in full (None where it would)."""

    award: Mapping[str, Any]
    revenue_eur: str
    why: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DryTogether:
    """What hypothetical offers would be awarded together: entries of a result's `awards` by offer, and what all of
    them would be paid (EUR, two decimals)."""

    awards: Mapping[str, Mapping[str, Any]]
    revenue_eur: str


def dry_base(case: Case) -> DryBase:
    """Clear a case once, for any number of dry clearings. Raises InvalidInput where it has no optimum."""
    if case.options.clearing == "continuous":
        raise _invalid("options.clearing", "contradiction", "A continuous session has no optimum to start from.")
    assessment = assess(case)
    problem, outcome = solve(problem_of(case, assessment.network), silent)
    if outcome.reason is not None:
        raise _invalid("$", "not_cleared", f"The case itself cannot be cleared: {outcome.reason}.")
    size = problem.n_steps * len(problem.network.bus_ids) ** 2 * BYTES_PER_DERIVATIVE
    if sees_ac(case) and size <= RECALL_MAX_BYTES:
        problem.recall = Recall(problem.network, outcome.point.flow.v)
    return DryBase(case, problem, outcome, nodal_prices(problem, outcome), problem.recall)


def dry_clear(case: Case, offer_document: Mapping[str, Any], base: DryBase | None = None) -> DryClearing:
    """Award, revenue and explanation of one hypothetical offer on top of a case.

    base : of the same case (`dry_base`), so that it is not cleared again for every offer. Raises InvalidInput for
    an offer with findings or where no optimum is found. Under VCG the revenue is the offer's cost and what it
    saves all others.
    """
    (offer,) = _read(case, [offer_document])
    more = _with(case, (offer,))
    found = cleared_with(base or dry_base(case), more, offer)
    together = _published(case, (offer,), more, found)
    award = together.awards[offer.id]
    return DryClearing(award, together.revenue_eur, award["why"])


def dry_together(
    case: Case, offer_documents: Sequence[Mapping[str, Any]], base: DryBase | None = None
) -> DryTogether:
    """As `dry_clear` of several offers of one party, which are cleared at once: the whole market is."""
    offers = _read(case, offer_documents)
    base, more = base or dry_base(case), _with(case, offers)
    problem, outcome = solve(problem_of(more, base.problem.network, None, base.problem.baseline), silent)
    if outcome.reason is not None:
        raise _invalid("$", "not_cleared", f"The case with these offers cannot be cleared: {outcome.reason}.")
    x, prices = outcome.point.x, nodal_prices(problem, outcome)
    gain = base.outcome.point.cost - outcome.point.cost
    found = Found(problem, outcome, prices, x, accepted_quanta(more, problem.columns, x), gain)
    return _published(case, offers, more, found)


def _with(case: Case, offers: tuple[Offer, ...]) -> Case:
    return replace(case, offers=tuple(sorted((*case.offers, *offers), key=lambda o: o.id)))


def _invalid(path: str, code: str, message: str) -> InvalidInput:
    return InvalidInput((Finding(path, code, message),))


def _read(case: Case, documents: Sequence[Mapping[str, Any]]) -> tuple[Offer, ...]:
    reader = Reader()
    known = {bus.id: i for i, bus in enumerate(case.grid.buses)}
    frame = Frame(known, case.time.n_steps, case.time.hours, case.options.unmet_price_eur_per_mwh)
    offers = read_offers(reader, list(documents), frame)
    check_mode(reader, case.options.clearing, case.options.physics, case.options.payment, offers, ())
    taken = {offer.id for offer in case.offers}
    for i, offer in enumerate(offers):
        if offer.id in taken:
            reader.add(f"offers[{i}].id", "duplicate_id", "The case has an offer with this id.")
    if reader.findings:
        raise InvalidInput(reader.findings)
    return tuple(sorted(offers, key=lambda offer: offer.id))


def _published(case: Case, offers: tuple[Offer, ...], more: Case, found: Found) -> DryTogether:
    """Awards, revenue and explanations of the offers, settled as if they were alone."""
    places = [more.offers.index(offer) for offer in offers]
    alone, quanta = replace(case, offers=offers, requests=()), found.quanta[places]
    gain = max(float(found.gain.sum()), 0.0)
    bonus = {offers[0].party: gain} if case.options.payment == "vcg" else None
    table = offer_table(alone, found.problem.network)
    unchanged = np.zeros(case.time.n_steps)
    paid = settle(alone, table, quanta, unchanged, publish(found.prices), bonus_eur=bonus)
    awards = awards_document(alone, quanta, paid, [_why(found, k) for k in places])
    return DryTogether(awards, paid.payments[offers[0].party])


def _why(found: Found, k: int) -> Why | None:
    """The explanation that a clearing gives."""
    problem, outcome, prices = found.problem, found.outcome, found.prices
    table = offer_table(problem.case, problem.network)
    worth = worth_of_offers(problem, outcome, prices, table)
    book = Book(problem.case, table, as_mw(found.quanta), worth, causes(problem.network, prices))
    asked = book.asked() & (np.arange(len(table.sign)) == k)[:, None]
    book.doubts = doubts(problem, outcome, prices, asked, book.has_choice)
    return book.why(k)
