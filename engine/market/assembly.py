"""A programme over the changes of chosen columns, written as small or large, few or many to a site.

Where many columns share a site its net change becomes a variable and limits and curvature act on that, so that
thousands of offers at a bus cost no more than one; where few do, columns act on limits themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import Columns
from engine.market.curves import Curve
from engine.market.limits import Rows
from engine.market.links import Links
from engine.market.program import Matrix, Programme
from engine.market.sites import Sites, limits_by, small_limits_by
from engine.reading import Floats

CROWDED = 3
DENSE_MAX = 400

Pair = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Assembly:
    """The parts of a programme.

    columns : the chosen ones, by step; bounds : of their changes; linked, link_ends : rows over those; rows, by,
    excess : limits, percent per MW and Mvar, percent; slope : [n_sites] EUR per MW or Mvar of import.
    """

    columns: Columns
    sites: Sites
    rows: Rows
    by: Pair
    excess: Floats
    slope: Floats
    bounds: Pair
    linked: sparse.csr_matrix
    link_ends: Pair
    is_chain: bool

    @property
    def is_crowded(self) -> bool:
        """Whether net changes are variables too."""
        return len(self.columns) > CROWDED * len(self.sites)

    def flat(self) -> Programme:
        """The programme without a second-order part."""
        rows, none = self.rows, np.full(len(self.rows), -np.inf)
        low, high = self.link_ends
        if self.is_crowded:
            return self._crowded(none)
        matrix: Matrix
        columns = self.columns
        places = (columns.step, columns.bus, columns.reactive, columns.sign)
        if len(columns) <= DENSE_MAX:
            limits = small_limits_by(rows, self.by, *places)
            matrix = np.concatenate([self.linked.toarray(), limits]) if len(low) else limits
        else:
            matrix = sparse.vstack([self.linked, limits_by(rows, self.by, *places)], format="csr")
        return Programme(
            cost=columns.cost + self._of_sites(self.slope),
            lower=self.bounds[0],
            upper=self.bounds[1],
            matrix=matrix,
            row_lower=np.concatenate([low, none]),
            row_upper=np.concatenate([high, -self.excess]),
            is_chain=self.is_chain,
        )

    def bent(self, programme: Programme, curves: tuple[Curve, ...], blocks: list[Floats]) -> Programme:
        """With second-order blocks : [m, m] over the sites of each curve."""
        if not curves:
            return programme
        n = len(self.columns)
        if self.is_crowded:
            starts = [n + curve.span.start for curve in curves]
            return replace(programme, quadratic=_blocks(n + len(self.sites), starts, blocks))
        first = np.searchsorted(self.columns.step, [curve.step for curve in curves])
        own = [self._over_columns(*one) for one in zip(curves, blocks, first, strict=True)]
        if not programme.is_dense:
            return replace(programme, quadratic=_blocks(n, first.tolist(), own))
        whole = np.zeros((n, n))
        for start, block in zip(first, own, strict=True):
            whole[start : start + len(block), start : start + len(block)] = block
        return replace(programme, quadratic=whole)

    def eased(self, programme: Programme, curves: tuple[Curve, ...]) -> Programme:
        """With a convex stand-in for the second-order part, which is the same where active limits hold."""
        if not curves:
            return programme
        extra = np.zeros(len(self.sites))
        blocks = []
        for curve in curves:
            block, pull = curve.convex()
            extra[curve.span] = pull
            blocks.append(block)
        cost = programme.cost.copy()
        if self.is_crowded:
            cost[len(self.columns) :] += extra
        else:
            cost += self._of_sites(extra)
        return self.bent(replace(programme, cost=cost), curves, blocks)

    def net_changes(self, moved: Floats) -> Floats:
        """[n_sites] what changes of the columns : [n_columns] come to."""
        acts = self.sites.of >= 0
        weights = (self.columns.sign * moved)[acts]
        return np.bincount(self.sites.of[acts], weights=weights, minlength=len(self.sites)).astype(np.float64)

    def _of_sites(self, values: Floats) -> Floats:
        """[n_columns] what values : [n_sites] per unit of net change are per unit of a column."""
        if not len(values):
            return np.zeros(len(self.columns))
        return np.where(self.sites.of >= 0, self.columns.sign * values[self.sites.of], 0.0)

    def _over_columns(self, curve: Curve, block: Floats, start: int) -> Floats:
        stop = np.searchsorted(self.columns.step, curve.step + 1)
        of = self.sites.of[start:stop]
        place = np.where(of >= 0, of - curve.span.start, 0)
        turn = np.where(of >= 0, self.columns.sign[start:stop], 0.0)
        own: Floats = block[np.ix_(place, place)] * turn[:, None] * turn
        return own

    def _crowded(self, none: Floats) -> Programme:
        columns, sites = self.columns, self.sites
        n, m = len(columns), len(sites)
        moves = np.flatnonzero(sites.of >= 0)
        collect = sparse.csr_matrix((columns.sign[moves], (sites.of[moves], moves)), shape=(m, n))
        limits = limits_by(self.rows, self.by, sites.step, sites.bus, sites.reactive)
        free, balanced = np.full(m, np.inf), np.zeros(m)
        parts = [
            [self.linked, sparse.csr_matrix((self.linked.shape[0], m))],
            [collect, -sparse.identity(m, format="csr")],
            [sparse.csr_matrix((len(self.rows), n)), limits],
        ]
        return Programme(
            cost=np.concatenate([columns.cost, self.slope]),
            lower=np.concatenate([self.bounds[0], -free]),
            upper=np.concatenate([self.bounds[1], free]),
            matrix=sparse.bmat(parts, format="csr"),
            row_lower=np.concatenate([self.link_ends[0], balanced, none]),
            row_upper=np.concatenate([self.link_ends[1], balanced, -self.excess]),
        )


def links_over(links: Links, x: Floats, chosen: Ints) -> tuple[Ints, sparse.csr_matrix, Pair]:
    """Links that touch chosen columns, over changes from x : [n_columns], and what is left to their ends."""
    if not links.matrix.nnz:
        none = np.zeros(0)
        return np.zeros(0, dtype=np.int64), sparse.csr_matrix((0, len(chosen))), (none, none)
    reached = links.matrix @ x
    linked = links.matrix[:, chosen]
    used = np.flatnonzero(np.diff(linked.indptr) > 0)
    return used, linked[used], ((links.lower - reached)[used], (links.upper - reached)[used])


def _blocks(n: int, starts: list[int], blocks: list[Floats]) -> sparse.csc_matrix:
    """[n, n] with blocks on the diagonal, nothing elsewhere."""
    width = np.zeros(n, dtype=np.int64)
    index = []
    for start, block in zip(starts, blocks, strict=True):
        width[start : start + len(block)] = len(block)
        index.append(np.tile(np.arange(start, start + len(block)), len(block)))
    values = np.concatenate([block.T.ravel() for block in blocks])
    indptr = np.concatenate([[0], np.cumsum(width)])
    return sparse.csc_matrix((values, np.concatenate(index), indptr), shape=(n, n))
