"""What continuous matching returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.reading import Floats


@dataclass(frozen=True, slots=True)
class Match:
    """One match; `bus` is where the request is served, quantity in MW or Mvar, price in EUR/MWh or EUR/Mvarh.

    Matches are numbered by `sequence` in the order in which they came about: by the order that arrived, its step,
    then one after the other; `at` is when that order was submitted. A conditional match is a right that may be
    exercised or not.
    """

    sequence: int
    offer: str
    request: str
    bus: str
    step: int
    quantity: float
    price: float
    conditional: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An order of which something is left and was not withdrawn, and why.

    side : ``offer`` or ``request``; left : MW or Mvar; reason : ``no_counter_order``, ``price`` (the best one asks
    more than it pays), ``grid`` or ``below_minimum`` (less than 1e-5 MW is left), ``no_power_flow`` (the step
    has no solution to start from); counter_order : id of the best standing order on the other side; element,
    kind : the limit that forbade the match, kind ``voltage``, ``loading`` or ``power_flow`` (no solution, no
    element).
    """

    side: str
    id: str
    step: int
    left: float
    reason: str
    counter_order: str | None = None
    element: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The outcome of a continuous session.

    accepted : [n_offers, n_steps] and served : [n_requests, n_steps] in MW or Mvar, rights included; p_mw,
    q_mvar : [n_steps, n_bus] injections of the operating point, which holds the unconditional matches only;
    diverged_steps : steps whose baseline has no power flow, in which nothing was matched.
    """

    accepted: Floats
    served: Floats
    matches: tuple[Match, ...]
    standing: tuple[Standing, ...]
    p_mw: Floats
    q_mvar: Floats
    diverged_steps: tuple[int, ...]
