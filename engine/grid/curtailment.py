"""How much of an exchange a network bears: the largest share of a power curve that makes nothing worse.

A share is allowed where the exact AC power flow of every step keeps each limited quantity within its limit, or,
where the same step without the exchange is beyond that limit already, within what it is there. Without a solution
it is not allowed. Only the point that is delivered counts: the answer is the largest allowed share, even where
some smaller ones are not allowed. (TECH-FLEX-REQ and TECH-FLEX-RESP of FLEXICIENCY D2.3, table 3.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.grid.last_allowed import Beyond, allowed, last_allowed
from engine.grid.needs import LOADING_LIMIT_PERCENT, LOADING_TOLERANCE_PERCENT, VOLTAGE_TOLERANCE_PU
from engine.grid.network import Ints, Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.reading import Floats
from engine.status import Finding, InvalidInput

PARTS = 1_000_000
"""Shares are whole millionths."""
POWER_TOLERANCE_MVA = 1e-6

Operator = Literal["dso", "tso"]
LimitKind = Literal["voltage", "loading", "import", "export", "apparent", "no_solution"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CouplingLimits:
    """What the TSO allows at the coupling point, inf where nothing is said: import and export in MW, both counted
    from 0 up, and apparent power in MVA."""

    import_max_mw: float = np.inf
    export_max_mw: float = np.inf
    s_max_mva: float = np.inf


@dataclass(frozen=True, slots=True)
class Binding:
    """What forbids one millionth more than a share.

    operator : whose limit it is; kind : ``voltage`` (element a bus, pu), ``loading`` (a branch, percent),
    ``import``, ``export`` (MW), ``apparent`` (MVA; the coupling bus) or ``no_solution`` (the power flow has none,
    its numbers are NaN); limit : as the network or the TSO has it; base, value, whole : the quantity without the
    exchange, with the share of it and with all of it (NaN without a solution).
    """

    operator: Operator
    element: str
    kind: LimitKind
    step: int
    limit: float
    base: float
    value: float
    whole: float


@dataclass(frozen=True, slots=True)
class Share:
    """The largest allowed share in 0..1, a whole number of millionths; `binding` is None for all of it."""

    share: float
    binding: Binding | None


@dataclass(frozen=True, slots=True)
class Curtailment:
    """The largest share that the DSO's limits allow, the TSO's, and both together.

    `both` is the smaller of the two, or less where one's allowed shares have a gap at the other's largest.
    """

    dso: Share
    tso: Share
    both: Share


def curtailment(
    network: Network,
    p_mw: Floats,
    q_mvar: Floats,
    curve_mw: Floats,
    coupling: CouplingLimits | None = None,
) -> Curtailment:
    """The largest allowed shares of `curve_mw` on top of the injections p_mw, q_mvar, all [n_steps, n_bus].

    Reactive power stays as it is but where a control answers.

    Raises:
        ValueError: wrong shapes, or numbers that are not finite.
        InvalidInput: the power flow has no solution in a step without the exchange.
    """
    if curve_mw.shape != p_mw.shape or not np.isfinite(curve_mw).all():
        raise ValueError(f"the curve must be {p_mw.shape} finite numbers")
    base = power_flow(network, p_mw, q_mvar)
    if not base.all_converged:
        first = int(np.flatnonzero(~base.converged)[0])
        sentence = f"Without the exchange the power flow has no solution in step {first}."
        raise InvalidInput((Finding("base", "no_solution", sentence),))
    exchange = _Exchange(network, p_mw, q_mvar, curve_mw, _groups(network, coupling or CouplingLimits()), base)
    dso = exchange.largest("dso")
    tso = exchange.largest("tso")
    least = min(dso, tso, key=lambda found: found[0])
    both = exchange.largest(None, least)
    return Curtailment(*(exchange.share(found) for found in (dso, tso, both)))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Limited quantities of one kind. limit : [n]; `of` gives their values, [n_steps, n]; sign : -1 for lower
    limits. Operator None is everybody's."""

    operator: Operator | None
    kind: LimitKind
    elements: tuple[str, ...]
    sign: float
    limit: Floats
    tolerance: float
    of: Callable[[PowerFlow], Floats]


def _groups(network: Network, coupling: CouplingLimits) -> tuple[_Group, ...]:
    high, low = np.flatnonzero(network.vm_max_pu < np.inf), np.flatnonzero(network.vm_min_pu > 0.0)
    rated = np.flatnonzero(np.isfinite(network.max_i_from_ka) | np.isfinite(network.max_s_mva))
    buses, branches = np.array(network.bus_ids), np.array(network.branch_ids, dtype=np.str_)
    at = (network.bus_ids[network.coupling],)

    def tso(kind: LimitKind, limit: float, of: Callable[[PowerFlow], Floats]) -> _Group:
        return _Group("tso", kind, at, 1.0, np.array([limit]), POWER_TOLERANCE_MVA, lambda flow: of(flow)[:, None])

    volts, percent = VOLTAGE_TOLERANCE_PU, LOADING_TOLERANCE_PERCENT
    full, lines = np.full(len(rated), LOADING_LIMIT_PERCENT), tuple(branches[rated])
    above, below = network.vm_max_pu[high], network.vm_min_pu[low]
    groups = (
        _Group(
            None,
            "no_solution",
            at,
            1.0,
            np.zeros(1),
            0.5,
            lambda flow: np.where(flow.converged, 0.0, 1.0)[:, None],
        ),
        _Group("dso", "voltage", tuple(buses[high]), 1.0, above, volts, lambda flow: flow.vm_pu[:, high]),
        _Group("dso", "voltage", tuple(buses[low]), -1.0, below, volts, lambda flow: flow.vm_pu[:, low]),
        _Group("dso", "loading", lines, 1.0, full, percent, lambda flow: flow.loading_percent[:, rated]),
        tso("import", coupling.import_max_mw, lambda flow: flow.import_mw),
        tso("export", coupling.export_max_mw, lambda flow: -flow.import_mw),
        tso("apparent", coupling.s_max_mva, lambda flow: np.hypot(flow.import_mw, flow.import_mvar)),
    )
    return tuple(group for group in groups if group.elements and np.isfinite(group.limit).all())


_Found = tuple[int, tuple[int, int] | None]
"""Millionths, and the step and column of what forbids one more."""


@dataclass(frozen=True, eq=False)
class _Exchange:
    """One question. Columns are the limited quantities of all groups, [n_columns]."""

    network: Network
    p_mw: Floats
    q_mvar: Floats
    curve_mw: Floats
    groups: tuple[_Group, ...]
    base: PowerFlow
    _worst: dict[int, dict[Operator | None, Floats]] = field(default_factory=dict)
    _known: dict[int, dict[int, Floats]] = field(default_factory=dict)

    def largest(self, operator: Operator | None, start: _Found = (PARTS, None)) -> _Found:
        """The largest allowed number of millionths from `start` down, for one operator's limits or for all.

        What one step forbids is forbidden, so each step's own answer is a bound for all; until no step objects.
        """
        parts, cause = start
        largest = int(np.abs(self.curve_mw).sum(axis=1).argmax())
        fits = allowed(self._of_step(largest, operator)(np.array([parts]))[0])
        step = self._objecting_step(parts, operator) if fits else largest
        while step is not None:
            parts = last_allowed(self._of_step(step, operator), parts)
            objects = self._of_step(step, None)(np.array([parts + 1]))[0]
            objects[np.isnan(objects) | ~self._columns_of(operator)] = -np.inf
            cause = step, int(objects.argmax())
            step = self._objecting_step(parts, operator)
        return parts, cause

    def share(self, found: _Found) -> Share:
        """A finding in words and numbers."""
        parts, cause = found
        if cause is None:
            return Share(parts / PARTS, None)
        step, column = cause
        ends = np.cumsum([len(group.elements) for group in self.groups])
        which = int(np.searchsorted(ends, column, side="right"))
        group = self.groups[which]
        at = column - (int(ends[which]) - len(group.elements))
        if group.kind == "no_solution":
            limit = base = value = whole = np.nan
        else:
            limit = float(group.limit[at])
            base = float(group.of(self.base)[step, at])
            value, whole = (float(group.of(self._flow(step, np.array([n])))[0, at]) for n in (parts, PARTS))
        return Share(
            parts / PARTS,
            Binding(
                operator=group.operator or "dso",
                element=str(group.elements[at]),
                kind=group.kind,
                step=step,
                limit=limit,
                base=base,
                value=value,
                whole=whole,
            ),
        )

    def _columns_of(self, operator: Operator | None) -> Mask:
        keep = [operator is None or group.operator in (None, operator) for group in self.groups]
        return np.repeat(keep, [len(group.elements) for group in self.groups])

    def _signed(self, flow: PowerFlow) -> Floats:
        """[n, n_columns] values turned so that more is worse."""
        return np.concatenate([group.sign * group.of(flow) for group in self.groups], axis=1)

    @cached_property
    def _tolerance(self) -> Floats:
        return np.concatenate([np.full(len(group.elements), group.tolerance) for group in self.groups])

    @cached_property
    def _bound(self) -> Floats:
        """[n_steps, n_columns] the limit, or what is beyond it without the exchange."""
        limit = np.concatenate([group.sign * group.limit for group in self.groups])
        most: Floats = np.maximum(limit, self._signed(self.base))
        return most + self._tolerance

    def _beyond(self, flow: PowerFlow, bound: Floats) -> Floats:
        """In tolerances, so that quantities of different units compare."""
        return (self._signed(flow) - bound) / self._tolerance

    def _worst_of_steps(self, parts: int) -> dict[Operator | None, Floats]:
        """By operator the most that a column is beyond its bound with `parts` millionths, [n_steps]; NaN without
        a solution."""
        if parts not in self._worst:
            flow = power_flow(self.network, self.p_mw + parts / PARTS * self.curve_mw, self.q_mvar)
            beyond = self._beyond(flow, self._bound)
            operators: tuple[Operator | None, ...] = (None, "dso", "tso")
            self._worst[parts] = {who: beyond[:, self._columns_of(who)].max(axis=1) for who in operators}
        return self._worst[parts]

    def _objecting_step(self, parts: int, operator: Operator | None) -> int | None:
        """The step that forbids these millionths most; none does without any of the exchange."""
        worst = np.nan_to_num(self._worst_of_steps(parts)[operator], nan=np.inf)
        return int(worst.argmax()) if parts and worst.max() > 0.0 else None

    def _of_step(self, step: int, operator: Operator | None) -> Beyond:
        columns, known = self._columns_of(operator), self._known.setdefault(step, {})

        def beyond(numbers: Ints) -> Floats:
            new = [number for number in numbers.tolist() if number not in known]
            if new:
                known.update(
                    zip(new, self._beyond(self._flow(step, np.array(new)), self._bound[step]), strict=True)
                )
            return np.array([known[number] for number in numbers.tolist()])[:, columns]

        return beyond

    def _flow(self, step: int, numbers: Ints) -> PowerFlow:
        """One step with several numbers of millionths."""
        p_mw = self.p_mw[step] + np.outer(numbers / PARTS, self.curve_mw[step])
        return power_flow(self._network_of(step), p_mw, np.tile(self.q_mvar[step], (len(numbers), 1)))

    def _network_of(self, step: int) -> Network:
        """With the voltage at the coupling bus in that step."""
        vm_pu = self.network.vm_coupling_pu
        return self.network if len(vm_pu) == 1 else replace(self.network, vm_coupling_pu=vm_pu[[step]])
