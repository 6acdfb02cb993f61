"""A dry clearing: what one more offer would be awarded on top of a case whose optimum is known.

Only steps in which the offer could be accepted at the known prices are cleared again, from the known optimum;
where something ties steps together (storages, budgets, ramps) all of them are. Choices of whole-or-nothing offers
stay as they are but for the new one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.market.assessment import assess
from engine.market.awards import accepted_quanta, as_mw
from engine.market.case import Case, Offer
from engine.market.choices import Choice, two_way
from engine.market.columns import REQUEST, VIRTUAL, market_columns
from engine.market.documents import awards_document
from engine.market.explain import Book, Worth, causes, worth_of_offers
from engine.market.limits import Rows
from engine.market.linear import problem_of
from engine.market.links import limited_assets
from engine.market.modes import check_mode
from engine.market.offers import Frame, read_offers
from engine.market.part import steps_of_case, steps_of_network
from engine.market.payments import settle
from engine.market.prices import Prices, nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome, least, silent
from engine.market.solve import solve, with_choice
from engine.market.tables import PARTS, offer_table, publish, worth_of_change
from engine.reading import Reader
from engine.status import Finding, InvalidInput

GAIN_EUR = 1e-6
PAYS_EUR_PER_MWH = 1e-6

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DryBase:
    """A case's optimum to start dry clearings from."""

    case: Case
    problem: Problem
    outcome: Outcome
    prices: Prices


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
    return DryBase(case, problem, outcome, nodal_prices(problem, outcome))


def dry_clear(case: Case, offer_document: Mapping[str, Any], base: DryBase | None = None) -> DryClearing:
    """Award, revenue and explanation of one hypothetical offer on top of a case.

    base : of the same case (`dry_base`), so that it is not cleared again for every offer. Raises InvalidInput for
    an offer with findings or a case without an optimum. Under VCG the revenue is the offer's cost and what it
    saves all others.
    """
    offer = _read(case, offer_document)
    if base is None:
        base = dry_base(case)
    trial = _Trial(base, offer)
    outcome = trial.run()
    return trial.published(outcome)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Where a trial ended: steps cleared again, their problem, outcome and prices; gain : EUR saved."""

    steps: Ints
    problem: Problem
    outcome: Outcome
    prices: Prices
    gain: float


class _Trial:
    """One offer on top of a base."""

    def __init__(self, base: DryBase, offer: Offer) -> None:
        self.base, self.offer = base, offer
        case = base.case
        self.case = replace(case, offers=tuple(sorted((*case.offers, offer), key=lambda o: o.id)))
        self.k = self.case.offers.index(offer)
        self.alone = replace(case, offers=(offer,), requests=())
        self.table = offer_table(self.alone, base.problem.network)
        worth = worth_of_change(
            base.prices.total, base.prices.balance, self.table.reactive, self.table.sign, self.table.bus
        )
        self.pays = (worth - self.table.price > PAYS_EUR_PER_MWH)[0] & (offer.quantity > 0.0)
        self.is_tied = base.problem.links.ties_steps or bool(
            offer.storage or offer.max_energy_mwh is not None or offer.ramp_mw_per_step is not None
        )
        self.is_plain = not offer.has_choice and offer.asset not in limited_assets(self.case.offers)

    def run(self) -> _Found | None:
        """The trial's optimum; None where the offer is left out."""
        n = self.case.time.n_steps
        steps = np.flatnonzero(self.pays if self.is_plain else self.offer.quantity > 0.0)
        if self.is_tied:
            steps = np.arange(n) if self.offer.storage or not self.is_plain or self.pays.any() else steps[:0]
        if not steps.size:
            return None
        found = self._solved(steps)
        if found is None or not self.offer.has_choice:
            return found
        if not self.offer.block and self.offer.exclusive_group is None:
            worse = found.outcome.point.cost > self.base.outcome.point.cost[steps] - GAIN_EUR
            if worse.any() and not self.is_tied:
                return self._solved(steps[~worse]) if (~worse).any() else None
        return found if found.gain > GAIN_EUR else None

    def _solved(self, steps: Ints) -> _Found | None:
        base = self.base
        case, network = self.case, base.problem.network
        if len(steps) < case.time.n_steps:
            case, network = steps_of_case(case, steps), steps_of_network(network, steps)
        columns = market_columns(case, network)
        made_up = np.isin(columns.kind, (VIRTUAL, REQUEST))
        is_new = ~made_up & (columns.owner == self.k)
        mine = np.isin(base.problem.columns.step, steps)
        lower, upper, start = columns.lower.copy(), columns.upper.copy(), np.zeros(len(columns))
        for target, values in (
            (lower, base.problem.columns.lower),
            (upper, base.problem.columns.upper),
            (start, base.outcome.point.x),
        ):
            target[~is_new] = values[mine]
        on = np.ones(len(columns), dtype=np.bool_)
        if self.offer.exclusive_group is not None:
            mates = [i for i, o in enumerate(case.offers) if o.exclusive_group == self.offer.exclusive_group]
            rivals = ~made_up & np.isin(columns.owner, mates) & ~is_new
            lower[rivals], on[rivals] = 0.0, False
        problem = type(base.problem)(case, network, columns.within(lower, upper))
        if self.offer.storage is not None:
            start[is_new] = least(problem)[is_new]
        problem, outcome = with_choice(problem, Choice(on), silent, start)
        if two_way(columns, outcome.point.x):
            problem, outcome = solve(type(base.problem)(case, network, columns), silent)
        if outcome.reason is not None:
            return None
        gain = float(base.outcome.point.cost[steps].sum() - outcome.point.cost.sum())
        return _Found(steps, problem, outcome, nodal_prices(problem, outcome), gain)

    def published(self, found: _Found | None) -> DryClearing:
        """Award, revenue and explanation."""
        case, network = self.alone, self.base.problem.network
        quanta = np.zeros((1, case.time.n_steps), dtype=np.int64)
        prices, gain = self.base.prices, 0.0
        if found is not None:
            x = found.outcome.point.x
            quanta[0, found.steps] = accepted_quanta(found.problem.case, found.problem.columns, x)[self.k]
            prices = _merged(prices, found)
            gain = max(found.gain, 0.0)
        published = publish(prices)
        bonus = {self.offer.party: gain} if case.options.payment == "vcg" else None
        paid = settle(case, self.table, quanta, np.zeros(case.time.n_steps), published, bonus_eur=bonus)
        book = Book(case, self.table, as_mw(quanta), self._worth(prices, found), causes(network, prices))
        if self.offer.exclusive_group is not None:
            book.rival[self.offer.exclusive_group] = self._rival()
        award = awards_document(case, quanta, paid, [book.why(0)])[self.offer.id]
        return DryClearing(award, paid.payments[self.offer.party], award["why"])

    def _worth(self, prices: Prices, found: _Found | None) -> Worth:
        total, table = prices.total, self.table
        change = worth_of_change(total, prices.balance, table.reactive, table.sign, table.bus)
        charge = worth_of_change(total, prices.balance, table.reactive, -table.sign, table.bus)
        break_even, is_sure = change.copy(), np.ones(change.shape, dtype=np.bool_)
        if found is not None and (self.is_tied or not self.is_plain):
            every = offer_table(found.problem.case, found.problem.network)
            worth = worth_of_offers(found.problem, found.outcome, found.prices, every)
            break_even[0, found.steps] = worth.break_even[self.k]
            is_sure[0, found.steps] = worth.is_sure[self.k]
        return Worth(change, np.where(table.is_storage[:, None], charge, 0.0), break_even, is_sure)

    def _rival(self) -> float:
        """EUR of surplus at the base's prices of the group's accepted member."""
        base, case = self.base, self.base.case
        table = offer_table(case, base.problem.network)
        worth = worth_of_change(base.prices.total, base.prices.balance, table.reactive, table.sign, table.bus)
        quanta = accepted_quanta(case, base.problem.columns, base.outcome.point.x)
        surplus = ((worth - table.price) * as_mw(quanta)).sum(axis=1) * case.time.hours
        mates = [i for i, o in enumerate(case.offers) if o.exclusive_group == self.offer.exclusive_group]
        return max((float(surplus[i]) for i in mates), default=0.0)


def _merged(base: Prices, found: _Found) -> Prices:
    """The base's prices with those of the steps that were cleared again."""
    steps = found.steps
    parts = {}
    for part in (*PARTS, "balance"):
        table = getattr(base, part).copy()
        if part == "balance":
            table[:, :, steps] = found.prices.balance
        else:
            table[:, steps] = getattr(found.prices, part)
        parts[part] = table
    stays = ~np.isin(base.rows.step, steps)
    new = found.prices.rows
    step = np.concatenate([base.rows.step[stays], steps[new.step]])
    order = np.argsort(step, kind="stable")
    kind, element = (
        np.concatenate([old[stays], here])[order]
        for old, here in ((base.rows.kind, new.kind), (base.rows.element, new.element))
    )
    return replace(
        base,
        **parts,
        rows=Rows(step[order], kind, element),
        worth=np.concatenate([base.worth[stays], found.prices.worth])[order],
        by=np.concatenate([base.by[:, stays], found.prices.by], axis=1)[:, order],
    )
