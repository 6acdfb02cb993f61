"""pandapower: time series of power flows, and its optimal power flow for one step."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandapower as pp
import pandas as pd
from pandapower.control import ConstControl
from pandapower.timeseries import DFData, OutputWriter, run_timeseries

from app.bench.contestants.flat_grid import coupling_price, injections, series
from app.bench.contestants.flat_grid import flat_grid as flat
from app.bench.contestants.protocol import RefusedError, serve

F_HZ = 50.0


def timeseries(case: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """run_timeseries over a slice of the steps, its seconds scaled to all of them."""
    net = _net(case["grid"])
    rows = slice(settings["first"], settings["first"] + settings["steps"])
    p_mw, q_mvar = case["p_mw"][rows], case["q_mvar"][rows]
    used = np.flatnonzero((p_mw != 0).any(axis=0) | (q_mvar != 0).any(axis=0))
    units = pp.create_sgens(net, used, p_mw=0.0)
    for column, values in (("p_mw", p_mw), ("q_mvar", q_mvar)):
        data = DFData(pd.DataFrame(values[:, used], columns=units))
        ConstControl(net, "sgen", column, units, profile_name=units, data_source=data)
    steps = range(len(p_mw))
    logged = [("res_bus", "vm_pu"), ("res_line", "loading_percent"), ("res_trafo", "loading_percent")]
    output = OutputWriter(net, steps, output_path=None, log_variables=logged)
    since = time.perf_counter()
    run_timeseries(net, steps, verbose=False, calculate_voltage_angles=True)
    seconds = time.perf_counter() - since
    watched = output.output["res_bus.vm_pu"].to_numpy()[: settings["watched"]]
    return seconds * len(case["p_mw"]) / len(p_mw), {"vm_pu": watched.tolist()}


def runopp(case: Mapping[str, Any], _settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """One step's market as an optimal power flow; the seconds are those of runopp, without building the net."""
    net = _net(case["grid"])
    grid = flat(case["grid"])
    p_mw, q_mvar = injections(case, grid)
    pp.create_sgens(net, range(len(grid.index)), p_mw=p_mw[0], q_mvar=q_mvar[0], controllable=False)
    for offer in case["offers"]:
        _add_offer(net, grid.index[offer["bus"]], offer)
    pp.create_poly_cost(net, 0, "ext_grid", cp1_eur_per_mw=coupling_price(case)[0])
    # The default is of type object, with which the optimal power flow takes the voltage for free.
    net.ext_grid["controllable"] = False
    net.ext_grid["controllable"] = net.ext_grid["controllable"].astype(bool)
    since = time.perf_counter()
    try:
        # With angles it does not converge on half of the SimBench cases; shifts change no magnitude in them.
        pp.runopp(net, calculate_voltage_angles=False)
    except pp.OPFNotConverged:
        raise RefusedError("runopp did not converge") from None
    seconds = time.perf_counter() - since
    return seconds, {"objective_eur": float(net.res_cost) * case["time"]["mtu_minutes"] / 60}


def _add_offer(net: Any, bus: int, offer: Mapping[str, Any]) -> None:
    quantity, price = (float(series(offer[field], 1)[0]) for field in ("quantity_mw", "price_eur_per_mwh"))
    up = offer["direction"] == "up"
    low, high = (0.0, quantity) if up else (-quantity, 0.0)
    bounds = {"min_p_mw": low, "max_p_mw": high, "min_q_mvar": 0.0, "max_q_mvar": 0.0}
    unit = pp.create_sgen(net, bus, p_mw=0.0, controllable=True, **bounds)
    pp.create_poly_cost(net, unit, "sgen", cp1_eur_per_mw=price if up else -price)


def _net(document: Mapping[str, Any]) -> Any:
    """Lines and transformers with their limits, no injections; buses in the document's order."""
    net = pp.create_empty_network(f_hz=F_HZ, sn_mva=1.0)
    at = {bus["id"]: i for i, bus in enumerate(document["buses"])}
    vn_kv = [bus["vn_kv"] for bus in document["buses"]]
    low, high = (
        [absent if bus.get(field) is None else bus[field] for bus in document["buses"]]
        for field, absent in (("vm_min_pu", 0.0), ("vm_max_pu", 2.0))
    )
    pp.create_buses(net, len(at), vn_kv=vn_kv, min_vm_pu=low, max_vm_pu=high)
    for branch in document["branches"]:
        ends = at[branch["from"]], at[branch["to"]]
        straight = branch.get("tap_ratio", 1.0) == 1.0 and branch.get("shift_degree", 0.0) == 0.0
        add = _add_line if straight and vn_kv[ends[0]] == vn_kv[ends[1]] else _add_trafo
        add(net, branch, ends, [vn_kv[end] for end in ends])
    for shunt in document.get("shunts", ()):
        pp.create_shunt(net, at[shunt["bus"]], q_mvar=-shunt.get("b_mvar", 0.0), p_mw=shunt.get("g_mw", 0.0))
    coupling = document["coupling"]
    pp.create_ext_grid(net, at[coupling["bus"]], vm_pu=coupling.get("vm_pu", 1.0))
    return net


def _max_i_ka(branch: Mapping[str, Any]) -> float:
    limit = branch.get("max_i_ka")
    return 99999.0 if limit is None else float(limit)


def _add_line(net: Any, branch: Mapping[str, Any], ends: tuple[int, int], _vn_kv: list[float]) -> None:
    pp.create_line_from_parameters(
        net,
        *ends,
        length_km=1.0,
        r_ohm_per_km=branch["r_ohm"],
        x_ohm_per_km=branch["x_ohm"],
        c_nf_per_km=branch.get("b_us", 0.0) * 1e3 / (2 * math.pi * F_HZ),
        g_us_per_km=branch.get("g_us", 0.0),
        max_i_ka=_max_i_ka(branch),
        max_loading_percent=100.0,
    )


def _add_trafo(net: Any, branch: Mapping[str, Any], ends: tuple[int, int], vn_kv: list[float]) -> None:
    """A transformer without core, its charging standing as shunts at its ends; its rating is the current limit."""
    sn_mva = math.sqrt(3.0) * vn_kv[0] * _max_i_ka(branch)
    ohm_per_percent = vn_kv[0] ** 2 / sn_mva / 100.0
    tap = branch.get("tap_ratio", 1.0)
    pp.create_transformer_from_parameters(
        net,
        *ends,
        sn_mva=sn_mva,
        vn_hv_kv=vn_kv[0] * tap,
        vn_lv_kv=vn_kv[1],
        vk_percent=math.copysign(math.hypot(branch["r_ohm"], branch["x_ohm"]) / ohm_per_percent, branch["x_ohm"]),
        vkr_percent=branch["r_ohm"] / ohm_per_percent,
        pfe_kw=0.0,
        i0_percent=0.0,
        shift_degree=branch.get("shift_degree", 0.0),
        max_loading_percent=100.0,
    )
    half = complex(branch.get("g_us", 0.0), branch.get("b_us", 0.0)) * 0.5e-6 * vn_kv[0] ** 2
    for bus, scale in zip(ends, (tap**-2, 1.0), strict=True):
        pp.create_shunt(net, bus, q_mvar=-half.imag * scale, p_mw=half.real * scale)


if __name__ == "__main__":
    serve({"timeseries": timeseries, "runopp": runopp})
