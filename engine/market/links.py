"""Rows over several variables that no linearisation changes: budgets, ramps, storage levels, links, balances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from engine.grid.network import Ints
from engine.market.case import Case, Offer
from engine.market.columns import CHARGE, DISCHARGE, LEVEL, OFFER, REQUEST, Columns
from engine.reading import Floats

_Row = tuple[Ints, Floats, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """lower <= matrix x <= upper; matrix : [n_links, n_columns]; ties_steps : some row reaches over steps;
    is_chain : none beyond the next step.

    balances : (row, step, is reactive, is up) of an auction's balances.
    """

    matrix: sparse.csr_matrix
    lower: Floats
    upper: Floats
    ties_steps: bool
    is_chain: bool
    balances: tuple[tuple[int, int, bool, int], ...] = ()

    def with_rows(self, rows: list[_Row], n_columns: int) -> Links:
        """These and further rows, each (columns, weights, lower, upper)."""
        if not rows:
            return self
        more = _matrix(rows, n_columns)
        lower, upper = _ends(rows)
        return Links(
            matrix=sparse.vstack([self.matrix, more], format="csr"),
            lower=np.concatenate([self.lower, lower]),
            upper=np.concatenate([self.upper, upper]),
            ties_steps=self.ties_steps,
            is_chain=self.is_chain,
            balances=self.balances,
        )


def link_rows(case: Case, columns: Columns) -> Links:
    """All rows of a case."""
    at = _Places(case, columns)
    budgets, neighbours = [*_budgets(case, at)], [*_ramps(case, at), *_levels(case, at)]
    rows = [*budgets, *neighbours, *_shares(case, at), *_request_limits(case, columns)]
    balanced = list(_balances(case, columns))
    balances = tuple((len(rows) + k, *what) for k, (what, _) in enumerate(balanced))
    rows += [row for _, row in balanced]
    lower, upper = _ends(rows)
    ties_steps = bool(budgets or neighbours)
    return Links(_matrix(rows, len(columns)), lower, upper, ties_steps, not budgets, balances)


class _Places:
    """Where a variable is: [n_offers, n_steps] position by kind, -1 where there is none."""

    def __init__(self, case: Case, columns: Columns) -> None:
        shape = (len(case.offers), case.time.n_steps)
        self.of: dict[int, Ints] = {}
        for kind in (OFFER, CHARGE, DISCHARGE, LEVEL):
            table = np.full(shape, -1, dtype=np.int64)
            found = np.flatnonzero(columns.kind == kind)
            table[columns.owner[found], columns.step[found]] = found
            self.of[kind] = table


def _matrix(rows: list[_Row], n_columns: int) -> sparse.csr_matrix:
    indptr = np.concatenate([[0], np.cumsum([len(row[0]) for row in rows])]).astype(np.int64)
    index = np.concatenate([row[0] for row in rows] or [np.zeros(0, dtype=np.int64)])
    value = np.concatenate([row[1] for row in rows] or [np.zeros(0)])
    return sparse.csr_matrix((value, index, indptr), shape=(len(rows), n_columns))


def _ends(rows: list[_Row]) -> tuple[Floats, Floats]:
    return np.array([row[2] for row in rows], dtype=np.float64), np.array(
        [row[3] for row in rows], dtype=np.float64
    )


def _row(columns: Any, weights: Any, lower: float, upper: float) -> _Row:
    return np.asarray(columns, dtype=np.int64), np.asarray(weights, dtype=np.float64), lower, upper


def _budgets(case: Case, at: _Places) -> Iterator[_Row]:
    for k, offer in enumerate(case.offers):
        if offer.max_energy_mwh is not None:
            members = at.of[OFFER][k][at.of[OFFER][k] >= 0]
            yield _row(members, np.full(len(members), case.time.hours), -np.inf, offer.max_energy_mwh)


def _ramps(case: Case, at: _Places) -> Iterator[_Row]:
    """The change of an offer's accepted quantity from step to step; nothing offered counts as nothing accepted."""
    for k, offer in enumerate(case.offers):
        if offer.ramp_mw_per_step is None:
            continue
        for before, after in zip(at.of[OFFER][k][:-1], at.of[OFFER][k][1:], strict=True):
            pairs = [(column, weight) for column, weight in ((before, -1.0), (after, 1.0)) if column >= 0]
            if pairs:
                names, weights = zip(*pairs, strict=True)
                yield _row(names, weights, -offer.ramp_mw_per_step, offer.ramp_mw_per_step)


def _levels(case: Case, at: _Places) -> Iterator[_Row]:
    """e_t - e_(t-1) - h eta_c charge + h discharge / eta_d = 0, the last level is the one agreed."""
    hours = case.time.hours
    for k, offer in enumerate(case.offers):
        storage = offer.storage
        if storage is None:
            continue
        gain, loss = -hours * storage.efficiency_charge, hours / storage.efficiency_discharge
        for t, level in enumerate(at.of[LEVEL][k]):
            members = [level, at.of[CHARGE][k][t], at.of[DISCHARGE][k][t]]
            weights = [1.0, gain, loss]
            if t:
                yield _row([*members, at.of[LEVEL][k][t - 1]], [*weights, -1.0], 0.0, 0.0)
            else:
                yield _row(members, weights, storage.energy_start_mwh, storage.energy_start_mwh)
        yield _row([at.of[LEVEL][k][-1]], [1.0], storage.energy_end_mwh, storage.energy_end_mwh)


def _shares(case: Case, at: _Places) -> Iterator[_Row]:
    """A linked offer's accepted share is at most that of the offer it names."""
    position = {offer.id: k for k, offer in enumerate(case.offers)}
    for k, offer in enumerate(case.offers):
        if offer.linked_to is None:
            continue
        parent = position[offer.linked_to]
        for t in np.flatnonzero(at.of[OFFER][k] >= 0):
            own, other = at.of[OFFER][k][t], at.of[OFFER][parent][t]
            pairs = [(own, 1.0 / offer.quantity[t])]
            if other >= 0:
                pairs.append((other, -1.0 / case.offers[parent].quantity[t]))
            names, weights = zip(*pairs, strict=True)
            yield _row(names, weights, -np.inf, 0.0)


def _request_limits(case: Case, columns: Columns) -> Iterator[_Row]:
    """A request's quantity is for its buses together."""
    found = np.flatnonzero(columns.kind == REQUEST)
    found = found[np.lexsort((columns.step[found], columns.owner[found]))]
    keys = columns.owner[found] * case.time.n_steps + columns.step[found]
    for members in np.split(found, np.flatnonzero(np.diff(keys)) + 1):
        if len(members) > 1:
            yield _row(members, np.ones(len(members)), -np.inf, float(columns.upper[members[0]]))


def _balances(case: Case, columns: Columns) -> Iterator[tuple[tuple[int, bool, bool], _Row]]:
    """In an auction accepted offers equal served requests: (step, is reactive, is up) and the row."""
    if case.options.clearing == "network":
        return
    traded = np.isin(columns.kind, (OFFER, CHARGE, DISCHARGE))
    is_up = np.where(traded, columns.sign, -columns.sign) > 0
    weight = np.where(traded, 1.0, -1.0)
    takes_part = traded | (columns.kind == REQUEST)
    key = (columns.step * 2 + columns.reactive) * 2 + is_up
    for value in np.unique(key[takes_part]):
        members = np.flatnonzero(takes_part & (key == value))
        one = members[0]
        what = (int(columns.step[one]), bool(columns.reactive[one]), bool(is_up[one]))
        yield what, _row(members, weight[members], 0.0, 0.0)


def shared_power_rows(
    columns: Columns, assets: dict[str, tuple[Ints, float, Any]], directions: dict[tuple[str, int], list[float]]
) -> list[_Row]:
    """Tangents to the circle of an asset's apparent power: for (asset, step) one row for each angle, rad.

    P cos(angle) + Q sin(angle) <= s_max holds for all angles together where |S| <= s_max, the unit's baseline
    included. Where the baseline alone is beyond, its own apparent power is the limit. assets : `members_of_asset`.
    """
    rows: list[_Row] = []
    for (asset, step), wanted in sorted(directions.items()):
        members, limit, base = assets[asset]
        here = members[slice(*np.searchsorted(columns.step[members], [step, step + 1]))]
        angles = np.array(wanted)
        cosine, sine = np.cos(angles), np.sin(angles)
        turns = np.where(columns.reactive[here], sine[:, None], cosine[:, None]) * columns.sign[here]
        ends = max(limit, abs(base[step])) - (base[step].real * cosine + base[step].imag * sine)
        rows += [(here, turn, -np.inf, float(end)) for turn, end in zip(turns, ends, strict=True)]
    return rows


def members_of_asset(case: Case, columns: Columns, asset: str) -> tuple[Ints, float, Any]:
    """Variables of all offers of an asset, its limit in MVA, and its unit's baseline P + jQ : [n_steps]."""
    named = [k for k, offer in enumerate(case.offers) if offer.asset == asset]
    limit = next(o.s_max_mva for o in (case.offers[k] for k in named) if o.s_max_mva is not None)
    members = np.flatnonzero(np.isin(columns.kind, (OFFER, CHARGE, DISCHARGE)) & np.isin(columns.owner, named))
    unit = case.units.get(asset)
    base = (
        np.zeros(case.time.n_steps, dtype=complex) if unit is None else unit.sense * (unit.p_mw + 1j * unit.q_mvar)
    )
    return members, float(limit), base


def limited_assets(offers: tuple[Offer, ...]) -> tuple[str, ...]:
    """Assets with a limit of apparent power."""
    return tuple(sorted({o.asset for o in offers if o.s_max_mva is not None and o.asset is not None}))
