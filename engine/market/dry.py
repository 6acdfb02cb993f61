"""A dry clearing: what one more offer would be awarded on top of a case whose optimum is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.grid.recall import Recall
from engine.market.assessment import assess
from engine.market.awards import as_mw
from engine.market.case import Case, Offer
from engine.market.documents import awards_document
from engine.market.doubts import doubts
from engine.market.explain import Book, Why, causes
from engine.market.increment import Found
from engine.market.linear import problem_of, sees_ac
from engine.market.modes import check_mode
from engine.market.offers import Frame, read_offers
from engine.market.payments import settle
from engine.market.prices import nodal_prices
from engine.market.search import silent
from engine.market.solve import solve
from engine.market.tables import offer_table, publish
from engine.market.trial import DryBase, cleared_with
from engine.market.worth import worth_of_offers
from engine.reading import Reader
from engine.status import Finding, InvalidInput

__all__ = ["DryBase", "DryClearing", "dry_base", "dry_clear"]

RECALL_MAX_BYTES = 256e6
BYTES_PER_DERIVATIVE = 32


@dataclass(frozen=True, slots=True)
class DryClearing:
    """What a hypothetical offer would be awarded: an entry of a result's `awards`, its revenue (EUR, two decimals)
    and why it would not be accepted in full (None where it would)."""

    award: Mapping[str, Any]
    revenue_eur: str
    why: Mapping[str, Any] | None


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
    offer = _read(case, offer_document)
    more = replace(case, offers=tuple(sorted((*case.offers, offer), key=lambda o: o.id)))
    found = cleared_with(base or dry_base(case), more, offer)
    return _published(case, offer, more.offers.index(offer), found)


def _invalid(path: str, code: str, message: str) -> InvalidInput:
    return InvalidInput((Finding(path, code, message),))


def _read(case: Case, document: Mapping[str, Any]) -> Offer:
    reader = Reader()
    known = {bus.id: i for i, bus in enumerate(case.grid.buses)}
    frame = Frame(known, case.time.n_steps, case.time.hours, case.options.unmet_price_eur_per_mwh)
    offers = read_offers(reader, [document], frame)
    check_mode(reader, case.options.clearing, case.options.physics, case.options.payment, offers, ())
    if any(offer.id == other.id for other in case.offers for offer in offers):
        reader.add("offers[0].id", "duplicate_id", "The case has an offer with this id.")
    if reader.findings:
        raise InvalidInput(reader.findings)
    return offers[0]


def _published(case: Case, offer: Offer, k: int, found: Found) -> DryClearing:
    """Award, revenue and explanation of offer k, settled as if it were alone."""
    alone, quanta = replace(case, offers=(offer,), requests=()), found.quanta[k : k + 1]
    gain = max(float(found.gain.sum()), 0.0)
    bonus = {offer.party: gain} if case.options.payment == "vcg" else None
    table = offer_table(alone, found.problem.network)
    unchanged = np.zeros(case.time.n_steps)
    paid = settle(alone, table, quanta, unchanged, publish(found.prices), bonus_eur=bonus)
    award = awards_document(alone, quanta, paid, [_why(found, k)])[offer.id]
    return DryClearing(award, paid.payments[offer.party], award["why"])


def _why(found: Found, k: int) -> Why | None:
    """The explanation that a clearing gives."""
    problem, outcome, prices = found.problem, found.outcome, found.prices
    table = offer_table(problem.case, problem.network)
    worth = worth_of_offers(problem, outcome, prices, table)
    book = Book(problem.case, table, as_mw(found.quanta), worth, causes(problem.network, prices))
    asked = book.asked() & (np.arange(len(table.sign)) == k)[:, None]
    book.doubts = doubts(problem, outcome, prices, asked, book.has_choice)
    return book.why(k)
