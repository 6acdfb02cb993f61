"""Second-order parts of a clearing, one for each step: how losses and limits with a price bend along its sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.market.curvature import convex, reduced_hessian
from engine.market.limits import Rows
from engine.market.problem import Derivatives
from engine.market.sites import Sites
from engine.reading import Floats

HOLDS_PERCENT = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Second-order part of a step's sites, which are `span` of all sites.

    exact : [m, m]; active : [n_active, m] limits that hold; beyond : [n_active] by how many percent.
    """

    step: int
    span: slice
    exact: Floats
    active: Floats
    beyond: Floats

    def convex(self) -> tuple[Floats, Floats]:
        """A convex stand-in [m, m] and [m] what is added to the slope so that it has the same optimum."""
        mended, weight = convex(self.exact, self.active)
        return mended, weight * self.beyond @ self.active


def curves_at(
    found: Derivatives, energy_cost: Floats, rows: Rows, worth: Floats, excess: Floats, sites: Sites
) -> tuple[Curve, ...]:
    """The curves of the sites' steps.

    energy_cost : [n_steps] EUR per MW of import; worth, excess : [n_rows] EUR per percent, percent.
    """
    steps = np.unique(sites.step)
    first = np.searchsorted(sites.step, steps)
    last = np.searchsorted(sites.step, steps, side="right")
    curves = []
    for step, start, stop in zip(steps.tolist(), first.tolist(), last.tolist(), strict=True):
        span = slice(start, stop)
        place, bus, reactive = int(found.place[step]), sites.bus[span], sites.reactive[span]
        m = stop - start
        if place < 0 or found.at is None:
            curves.append(Curve(step, span, np.zeros((m, m)), np.zeros((0, m)), np.zeros(0)))
            continue
        mine = np.flatnonzero((rows.step == step) & (worth > 0.0))
        slopes = (
            energy_cost[step] * found.slopes[0, step] + worth[mine] @ found.by_p[mine],
            energy_cost[step] * found.slopes[1, step] + worth[mine] @ found.by_q[mine],
        )
        exact = reduced_hessian(found.at, place, bus, reactive, slopes, rows.chosen(mine), worth[mine])
        holds = mine[np.abs(excess[mine]) < HOLDS_PERCENT]
        active = np.where(reactive[None, :] == 1, found.by_q[holds][:, bus], found.by_p[holds][:, bus])
        curves.append(Curve(step, span, exact, active, excess[holds]))
    return tuple(curves)
