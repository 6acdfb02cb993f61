"""pandapower's element models as branches of the grid document: pi circuits, referred to the `from` bus.

Lines are pi circuits. Transformers are T circuits (half of the leakage impedance at each side of the core) turned
into pi circuits. A transformer with three windings becomes three with a star point. Formulas: pandapower's
documentation of the elements `line`, `trafo`, `trafo3w`, `impedance`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.grid.importers.rows import Row

UNLIMITED_KA = 9999.0
TAP_KINDS = ("Ratio", "Symmetrical", "Ideal")

Model = dict[str, float]


@dataclass(frozen=True, slots=True)
class Winding:
    """Two-winding transformer: rated data, what its taps make of them, and its phase shift."""

    sn_mva: float
    vn_hv_kv: float
    vn_lv_kv: float
    vk_percent: float
    vkr_percent: float
    pfe_kw: float
    i0_percent: float
    parallel: float
    tapped_hv_kv: float
    tapped_lv_kv: float
    shift_degree: float


def line(row: Row, f_hz: float) -> Model:
    """A line or cable."""
    length, parallel = row.number("length_km", above=0.0), row.number("parallel", 1.0, above=0.0)
    return {
        "r_ohm": row.number("r_ohm_per_km") * length / parallel,
        "x_ohm": row.number("x_ohm_per_km") * length / parallel,
        "g_us": row.number("g_us_per_km", 0.0) * length * parallel,
        "b_us": 2 * math.pi * f_hz * row.number("c_nf_per_km", 0.0) * 1e-3 * length * parallel,
        **limit((row.optional("max_i_ka") or math.inf) * row.number("df", 1.0) * parallel, row),
    }


def limit(max_i_ka: float, row: Row) -> Model:
    """The current limit; a net's max_loading_percent below 100 tightens it."""
    share = min(row.optional("max_loading_percent") or 100.0, 100.0) / 100.0
    return {"max_i_ka": max_i_ka * share} if max_i_ka * share < UNLIMITED_KA else {}


def impedance(row: Row, vn_from_kv: float) -> Model:
    """An impedance in pu of its own rating; only the same in both directions."""
    pairs = (("rft_pu", "rtf_pu"), ("xft_pu", "xtf_pu"), ("gf_pu", "gt_pu"), ("bf_pu", "bt_pu"))
    r, x, g, b = (row.number(there, 0.0) for there, _ in pairs)
    if any(row.number(there, 0.0) != row.number(back, 0.0) for there, back in pairs):
        row.refuse("An impedance that differs between its directions")
    sn_mva = row.number("sn_mva", above=0.0)
    z_base = vn_from_kv**2 / sn_mva
    return {"r_ohm": r * z_base, "x_ohm": x * z_base, "g_us": 2e6 * g / z_base, "b_us": 2e6 * b / z_base}


def trafo(row: Row, vn_from_kv: float, vn_to_kv: float) -> Model:
    """A transformer with two windings; its current limit is that of the tighter end."""
    vn_hv, vn_lv = row.number("vn_hv_kv", above=0.0), row.number("vn_lv_kv", above=0.0)
    tapped_hv, tapped_lv, turned = _tapped(row, {"hv": vn_hv, "lv": vn_lv}, row.word("tap_side"))
    sn_mva, parallel = row.number("sn_mva", above=0.0), row.number("parallel", 1.0, above=0.0)
    winding = Winding(
        sn_mva=sn_mva,
        vn_hv_kv=vn_hv,
        vn_lv_kv=vn_lv,
        vk_percent=row.number("vk_percent"),
        vkr_percent=row.number("vkr_percent"),
        pfe_kw=row.number("pfe_kw", 0.0),
        i0_percent=row.number("i0_percent", 0.0),
        parallel=parallel,
        tapped_hv_kv=tapped_hv,
        tapped_lv_kv=tapped_lv,
        shift_degree=row.number("shift_degree", 0.0) + turned,
    )
    if winding.i0_percent or winding.pfe_kw:
        for column in ("leakage_resistance_ratio_hv", "leakage_reactance_ratio_hv"):
            if row.number(column, 0.5) != 0.5:
                row.refuse("A transformer with its leakage not shared by halves")
    rated_hv, rated_lv = (sn_mva / (math.sqrt(3) * vn) for vn in (vn_hv, vn_lv))
    rated_ka = min(rated_hv, rated_lv * vn_to_kv / vn_from_kv)
    return two_windings(winding, row, vn_from_kv, vn_to_kv) | limit(
        rated_ka * row.number("df", 1.0) * parallel, row
    )


def trafo3w(row: Row, vn_kv: dict[str, float]) -> dict[str, Model]:
    """Three branches: high-voltage bus to star point, star point to medium and to low voltage.

    vn_kv : nominal voltages of the buses at ``hv``, ``mv``, ``lv``; the star point has that of ``hv``.
    """
    sides = ("hv", "mv", "lv")
    sn = {side: row.number(f"sn_{side}_mva", above=0.0) for side in sides}
    vn = {side: row.number(f"vn_{side}_kv", above=0.0) for side in sides}
    if row.flag("tap_at_star_point", False):
        row.refuse("A transformer with three windings and its tap changer at the star point")
    vk, vkr = _star_impedances(row, sn)
    iron_at = row.word("loss_side") or "hv"
    models = {}
    for side in sides:
        rated = {"hv": vn["hv"], "lv": vn[side]}
        at = ("hv" if side == "hv" else "lv") if row.word("tap_side") == side else ""
        tapped_hv, tapped_lv, turned = _tapped(row, rated, at)
        has_iron = side == iron_at
        winding = Winding(
            sn_mva=sn[side],
            vn_hv_kv=vn["hv"],
            vn_lv_kv=vn[side],
            vk_percent=vk[side],
            vkr_percent=vkr[side],
            pfe_kw=row.number("pfe_kw", 0.0) if has_iron else 0.0,
            i0_percent=row.number("i0_percent", 0.0) if has_iron else 0.0,
            parallel=1.0,
            tapped_hv_kv=tapped_hv,
            tapped_lv_kv=tapped_lv,
            shift_degree=turned + (0.0 if side == "hv" else row.number(f"shift_{side}_degree", 0.0)),
        )
        rated_ka = sn[side] / (math.sqrt(3) * vn[side]) * vn_kv[side] / vn_kv["hv"]
        models[side] = two_windings(winding, row, vn_kv["hv"], vn_kv[side]) | limit(rated_ka, row)
    return models


def _star_impedances(row: Row, sn: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Short-circuit voltages of the star's arms, percent of each side's rating, from those between the sides."""
    pairs = {"hv": ("hv", "mv"), "mv": ("mv", "lv"), "lv": ("hv", "lv")}
    arms = {"hv": ("hv", "lv", "mv"), "mv": ("mv", "hv", "lv"), "lv": ("lv", "mv", "hv")}
    between = {}
    for side, (one, other) in pairs.items():
        size, real = row.number(f"vk_{side}_percent"), row.number(f"vkr_{side}_percent")
        between[side] = complex(real, _leg(size, real, row)) / min(sn[one], sn[other])
    star = {side: 0.5 * (between[a] + between[b] - between[c]) * sn[side] for side, (a, b, c) in arms.items()}
    vk = {side: math.copysign(abs(z), z.imag) for side, z in star.items()}
    return vk, {side: z.real for side, z in star.items()}


def two_windings(winding: Winding, row: Row, vn_from_kv: float, vn_to_kv: float) -> Model:
    """pi circuit of the T circuit, referred to the nominal voltage of the `from` bus."""
    sn_mva, parallel = winding.sn_mva, winding.parallel
    to_bus_base = (winding.tapped_lv_kv / vn_to_kv) ** 2
    r = winding.vkr_percent / 100.0 / sn_mva
    x = math.copysign(_leg(winding.vk_percent, winding.vkr_percent, row) / 100.0 / sn_mva, winding.vk_percent)
    z = complex(r, x) * to_bus_base / parallel
    y_abs, g = winding.i0_percent / 100.0 * sn_mva, winding.pfe_kw / 1000.0
    y = complex(g, -math.sqrt(max(y_abs**2 - g**2, 0.0))) / to_bus_base * parallel
    bend = 1 + z * y / 4
    z_ohm, y_us = z * bend * vn_from_kv**2, y / bend / vn_from_kv**2 * 1e6
    return {
        "r_ohm": z_ohm.real,
        "x_ohm": z_ohm.imag,
        "g_us": y_us.real,
        "b_us": y_us.imag,
        "tap_ratio": (winding.tapped_hv_kv / winding.tapped_lv_kv) / (vn_from_kv / vn_to_kv),
        "shift_degree": winding.shift_degree,
    }


def _leg(size: float, real: float, row: Row) -> float:
    """The reactive part of a short-circuit voltage."""
    if abs(real) > abs(size):
        row.reader.add(row.path, "out_of_range", "vkr_percent is greater than vk_percent.")
    return math.sqrt(max(size**2 - real**2, 0.0))


def _tapped(row: Row, vn: dict[str, float], side: str) -> tuple[float, float, float]:
    """Rated voltages at hv and lv in the tap's position and the degrees by which the tap turns."""
    vn, turned = dict(vn), 0.0
    if row.flag("tap_dependency_table", False):
        row.refuse("A transformer with a tap table")
    if row.optional("tap2_pos") and row.word("tap2_side"):
        row.refuse("A transformer with a second tap changer")
    steps = row.number("tap_pos", 0.0) - row.number("tap_neutral", 0.0)
    kind = row.word("tap_changer_type")
    if not steps or side not in vn or kind not in TAP_KINDS:
        return vn["hv"], vn["lv"], turned
    direction = 1.0 if side == "hv" else -1.0
    percent, degree = row.number("tap_step_percent", 0.0), row.number("tap_step_degree", 0.0)
    if kind == "Ideal":
        half = max(-1.0, min(1.0, steps * percent / 200.0))
        turned = direction * (steps * degree if degree else math.degrees(2 * math.asin(half)))
        return vn["hv"], vn["lv"], turned
    added = steps * percent / 100.0
    along, across = 1 + added * math.cos(math.radians(degree)), added * math.sin(math.radians(degree))
    vn[side] *= math.hypot(along, across)
    return vn["hv"], vn["lv"], direction * math.degrees(math.atan2(across, along))
