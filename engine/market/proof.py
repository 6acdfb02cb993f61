"""Independent AC power flow of published awards: pandapower, built from the case with `create_*`.

It shares neither admittances nor solver with the clearing. A branch between equal voltages without tap becomes a
line; any other a transformer without core, its shunt halves standing at its ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.grid.case import Branch, Grid
from engine.grid.controls import (
    HELD,
    ROUNDS_MAX,
    ROUNDS_TOGETHER,
    ControlTable,
    control_table,
    first_modes,
    limit_mvar,
    next_modes,
)
from engine.grid.needs import LOADING_LIMIT_PERCENT, Kind, Need
from engine.reading import Floats

CLEAN_PU = 1e-5
CLEAN_PERCENT = 0.01
F_HZ = 50.0
RECYCLED = {"bus_pq": True, "gen": True, "trafo": False}


@dataclass(frozen=True, slots=True)
class Proof:
    """What an independent power flow saw; `worst` is the limit passed most (relative to what counts as clean).

    vm_min_pu and vm_max_pu are over the buses that have a limit; violated_steps are those that pass one.
    """

    clean: bool
    vm_min_pu: float | None
    vm_max_pu: float | None
    max_loading_percent: float | None
    worst: Need | None
    diverged_steps: tuple[int, ...] = ()
    violated_steps: tuple[int, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """The proof of a ``flexdesk.result/1``."""
        document = {
            "clean": self.clean,
            "vm_min_pu": _rounded(self.vm_min_pu, 9),
            "vm_max_pu": _rounded(self.vm_max_pu, 9),
            "max_loading_percent": _rounded(self.max_loading_percent, 6),
            "worst": None if self.worst is None else asdict(self.worst),
        }
        return document | ({"diverged_steps": list(self.diverged_steps)} if self.diverged_steps else {})


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def prove(
    grid: Grid,
    p_mw: Floats,
    q_mvar: Floats,
    relief: tuple[Floats, Floats] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Proof:
    """Power flow of injections p_mw, q_mvar : [n_steps, n_bus] by pandapower, held against all limits.

    relief : baseline injections; where they pass a limit in a step their own value is the limit there.
    """
    vm, loading, diverged = _seen(grid, p_mw, q_mvar, progress)
    before = None if relief is None else _seen(grid, *relief, None)[:2]
    return _judged(grid, vm, loading, diverged, before)


def _seen(
    grid: Grid, p_mw: Floats, q_mvar: Floats, progress: Callable[[float], None] | None
) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Voltages [n_steps, n_bus], loadings [n_steps, n_branch] and the steps without a solution."""
    import pandapower as pp

    net, lines, trafos = _build(pp, grid)
    n_steps = len(p_mw)
    vm = np.full((n_steps, len(grid.buses)), np.nan)
    loading = np.full((n_steps, len(grid.branches)), np.nan)
    set_points = np.broadcast_to(grid.vm_pu, (n_steps,))
    diverged = []
    controls = control_table(grid.controls, {bus.id: i for i, bus in enumerate(grid.buses)})
    warm = False
    for step in range(n_steps):
        net.sgen["p_mw"], net.sgen["q_mvar"] = p_mw[step], q_mvar[step]
        net.ext_grid["vm_pu"] = set_points[step]
        if len(controls):
            warm = _solve_controlled(pp, net, controls, q_mvar[step])
        else:
            warm = _solve(pp, net, warm) or (warm and _solve(pp, net, False))
        if not warm:
            diverged.append(step)
            continue
        vm[step] = net.res_bus["vm_pu"].to_numpy()
        loading[step] = _loading(grid, net, lines, trafos)
        if progress:
            progress((step + 1) / n_steps)
    return vm, loading, tuple(diverged)


def _solve(pp: Any, net: Any, warm: bool) -> bool:
    """Run pandapower, warm from the last step's voltages and admittances or from nothing; whether it converged."""
    again = {"init": "results", "recycle": RECYCLED} if warm else {"init": "auto"}
    try:
        # numba would take seconds to compile for what takes milliseconds here.
        pp.runpp(net, calculate_voltage_angles=True, numba=False, check_connectivity=False, **again)
    except pp.LoadflowNotConverged:
        return False
    return bool(net.converged)


def _solve_controlled(pp: Any, net: Any, controls: ControlTable, q_mvar: Floats) -> bool:
    """Run pandapower, again with those generators at a limit that have to be, until no reactive limit is broken.

    The rule of `engine.grid.controls` defines the state; voltages and reactive powers are pandapower's.
    """
    modes = first_modes(controls, 1)
    for turn in range(ROUNDS_MAX):
        at_limit = q_mvar.copy()
        at_limit[controls.bus] += limit_mvar(controls, modes)[0]
        net.sgen["q_mvar"] = at_limit
        net.gen["in_service"] = modes[0] == HELD
        if not _solve(pp, net, False):
            return False
        vm, q = net.res_bus["vm_pu"].to_numpy()[controls.bus], net.res_gen["q_mvar"].to_numpy()
        wanted = next_modes(controls, modes, vm[None], q[None], turn >= ROUNDS_TOGETHER)
        if (wanted == modes).all():
            return True
        modes = wanted
    return False


def _build(pp: Any, grid: Grid) -> tuple[Any, list[int], list[int]]:
    """The net and which branches became lines and which transformers."""
    net = pp.create_empty_network(f_hz=F_HZ, sn_mva=1.0)
    vn_kv = {bus.id: bus.vn_kv for bus in grid.buses}
    ids = list(vn_kv)
    at = dict(zip(ids, pp.create_buses(net, len(ids), vn_kv=list(vn_kv.values())), strict=True))
    lines: list[int] = []
    trafos: list[int] = []
    for i, branch in enumerate(grid.branches):
        straight = branch.tap_ratio == 1.0 and branch.shift_degree == 0.0
        (lines if straight and vn_kv[branch.from_bus] == vn_kv[branch.to_bus] else trafos).append(i)
    if lines:
        _add_lines(pp, net, [grid.branches[i] for i in lines], at)
    for i in trafos:
        _add_trafo(pp, net, grid.branches[i], at, vn_kv)
    for shunt in grid.shunts:
        pp.create_shunt(net, at[shunt.bus], q_mvar=-shunt.b_mvar, p_mw=shunt.g_mw)
    for control in grid.controls:
        pp.create_gen(net, at[control.bus], p_mw=0.0, vm_pu=control.vm_pu)
    pp.create_ext_grid(net, at[grid.coupling_bus])
    pp.create_sgens(net, list(at.values()), p_mw=0.0)
    return net, lines, trafos


def _add_lines(pp: Any, net: Any, branches: list[Branch], at: dict[str, int]) -> None:
    pp.create_lines_from_parameters(
        net,
        [at[b.from_bus] for b in branches],
        [at[b.to_bus] for b in branches],
        length_km=1.0,
        r_ohm_per_km=[b.r_ohm for b in branches],
        x_ohm_per_km=[b.x_ohm for b in branches],
        c_nf_per_km=[b.b_us * 1e3 / (2 * math.pi * F_HZ) for b in branches],
        g_us_per_km=[b.g_us for b in branches],
        max_i_ka=1.0,
    )


def _add_trafo(pp: Any, net: Any, branch: Branch, at: dict[str, int], vn_kv: dict[str, float]) -> None:
    base_ohm = vn_kv[branch.from_bus] ** 2
    vk = 100.0 * math.hypot(branch.r_ohm, branch.x_ohm) / base_ohm
    pp.create_transformer_from_parameters(
        net,
        at[branch.from_bus],
        at[branch.to_bus],
        sn_mva=1.0,
        vn_hv_kv=vn_kv[branch.from_bus] * branch.tap_ratio,
        vn_lv_kv=vn_kv[branch.to_bus],
        vk_percent=math.copysign(vk, branch.x_ohm),
        vkr_percent=100.0 * branch.r_ohm / base_ohm,
        pfe_kw=0.0,
        i0_percent=0.0,
        shift_degree=branch.shift_degree,
    )
    half = complex(branch.g_us, branch.b_us) * 0.5e-6 * base_ohm
    for bus, scale in ((branch.from_bus, branch.tap_ratio**-2), (branch.to_bus, 1.0)):
        pp.create_shunt(net, at[bus], q_mvar=-half.imag * scale, p_mw=half.real * scale)


def _loading(grid: Grid, net: Any, lines: list[int], trafos: list[int]) -> Floats:
    """[n_branch] percent, 0 without limit, from the powers pandapower finds at both ends of each branch."""
    index = {bus.id: i for i, bus in enumerate(grid.buses)}
    vm = net.res_bus["vm_pu"].to_numpy()
    values = np.zeros(len(grid.branches))
    tables = ((lines, net.res_line, ("from", "to"), False), (trafos, net.res_trafo, ("hv", "lv"), True))
    for members, table, names, add_core in tables:
        powers = [table[f"p_{n}_mw"].to_numpy() + 1j * table[f"q_{n}_mvar"].to_numpy() for n in names]
        for row, i in enumerate(members):
            branch = grid.branches[i]
            ends = [index[branch.from_bus], index[branch.to_bus]]
            vn_from_kv = grid.buses[ends[0]].vn_kv
            core = complex(branch.g_us, -branch.b_us) * 0.5e-6 * vn_from_kv**2 if add_core else 0.0
            scale = (branch.tap_ratio**-2, 1.0)
            for side, end in enumerate(ends):
                s_mva = abs(powers[side][row] + core * scale[side] * vm[end] ** 2)
                # The current limit of the `to` end is the `from` end's, referred by the nominal voltages.
                i_ka = s_mva / (math.sqrt(3) * vm[end] * vn_from_kv)
                shares = [i_ka / (branch.max_i_ka or math.inf), s_mva / (branch.max_s_mva or math.inf)]
                values[i] = max(values[i], 100.0 * max(shares))
    return values


def _judged(
    grid: Grid,
    vm: Floats,
    loading: Floats,
    diverged: tuple[int, ...],
    before: tuple[Floats, Floats] | None = None,
) -> Proof:
    if len(diverged) == len(vm):
        return Proof(False, None, None, None, None, diverged)
    high = np.array([math.inf if b.vm_max_pu is None else b.vm_max_pu for b in grid.buses])
    low = np.array([-math.inf if b.vm_min_pu is None else b.vm_min_pu for b in grid.buses])
    buses, branches = [b.id for b in grid.buses], [b.id for b in grid.branches]
    over = np.full(loading.shape, LOADING_LIMIT_PERCENT)
    limited = np.isfinite(high) | np.isfinite(low)
    high, low = (np.broadcast_to(limit, vm.shape) for limit in (high, low))
    if before is not None:
        high, low, over = np.fmax(high, before[0]), np.fmin(low, before[0]), np.fmax(over, before[1])
    held: list[tuple[Floats, Floats, Floats, list[str], Kind, float]] = [
        (vm - high, vm, high, buses, "voltage", CLEAN_PU),
        (low - vm, vm, low, buses, "voltage", CLEAN_PU),
        (loading - over, loading, over, branches, "loading", CLEAN_PERCENT),
    ]
    size, need = max((_most(*against) for against in held), key=lambda most: most[0])
    violated = np.any([(beyond > clean).any(axis=1) for beyond, *_, clean in held], axis=0)
    seen = vm[:, limited] if limited.any() else vm
    bounds = float(np.nanmin(seen)), float(np.nanmax(seen)), float(np.nanmax(loading, initial=0.0))
    worst = need if size > 1.0 else None
    steps = tuple(int(step) for step in np.flatnonzero(violated))
    return Proof(worst is None and not diverged, *bounds, worst, diverged, steps)


def _most(
    beyond: Floats, values: Floats, limits: Floats, ids: list[str], kind: Kind, clean: float
) -> tuple[float, Need | None]:
    """The largest excess in units of what counts as clean, and where it is."""
    if not beyond.size:
        return -math.inf, None
    step, i = np.unravel_index(int(np.nanargmax(beyond)), beyond.shape)
    digits = 9 if kind == "voltage" else 6
    need = Need(ids[i], kind, int(step), round(float(values[step, i]), digits), float(limits[step, i]))
    return float(beyond[step, i]) / clean, need
