"""pandapower network to grid document (``flexdesk.grid/1``), with pandapower's own element models.

Lines are pi circuits, transformers T circuits turned into pi circuits; closed bus-bus switches fuse buses, an
open switch at one end of a branch leaves that end on a node of its own, so that the branch keeps its charging.
Only the tables named in `READ` are read; other elements are refused by name, controllers are never run.
Units (`flexdesk.grid/1`) take a storage's sign with injection positive, where pandapower has charging positive.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.grid.topology import components, islands
from engine.status import Finding, InvalidInput

READ = ("bus", "line", "trafo", "switch", "load", "sgen", "storage", "ext_grid", "shunt")
REFUSED = (
    *("gen", "trafo3w", "impedance", "ward", "xward", "motor", "asymmetric_load", "asymmetric_sgen", "svc"),
    *("tcsc", "ssc", "vsc", "dcline", "bus_dc", "line_dc", "load_dc", "source_dc"),
)
UNLIMITED_KA = 9999.0
UNIT_TABLES = {"load": "load", "sgen": "generator", "storage": "storage"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GridImport:
    """A grid document and how pandapower's indices map to its ids.

    bus_of : bus index -> bus id (fused buses share one); unit_of : (table, index) -> unit id;
    branch_of : (table, index) -> branch id.
    """

    document: dict[str, Any]
    bus_of: dict[int, str]
    unit_of: dict[tuple[str, int], str]
    branch_of: dict[tuple[str, int], str]


def grid_from_pandapower(net: Any) -> GridImport:
    """Translate a net. Raises InvalidInput naming everything that has no counterpart in the grid document."""
    _refuse_unsupported(net)
    tables = {name: _rows(net, name) for name in READ}
    buses = {i: row for i, row in tables["bus"].items() if row["in_service"]}
    groups = _fused(buses, tables["switch"])
    names = _names(groups, buses)
    bus_of = {member: names[i] for i, members in enumerate(groups) for member in members}
    document_buses = [_bus(names[i], [buses[m] for m in members]) for i, members in enumerate(groups)]
    branches, ends, branch_of = _branches(net, tables, buses, bus_of)
    units, unit_of = _units(tables, bus_of)
    coupling = _coupling(tables["ext_grid"], bus_of)
    document = {
        "schema": "flexdesk.grid/1",
        "buses": document_buses + ends,
        "branches": branches,
        "shunts": _shunts(tables["shunt"], buses, bus_of),
        "coupling": coupling,
        "units": units,
    }
    _refuse_islands(document)
    return GridImport(document, bus_of, unit_of, branch_of)


def _rows(net: Any, table: str) -> dict[int, dict[str, Any]]:
    if table not in net:
        return {}
    return {int(i): row for i, row in net[table].to_dict("index").items()}


def _refuse(path: str, what: str) -> InvalidInput:
    return InvalidInput((Finding(path, "not_supported", f"{what} cannot be imported yet."),))


def _refuse_unsupported(net: Any) -> None:
    findings = [
        Finding(table, "not_supported", f"Elements of the table '{table}' cannot be imported yet.")
        for table in REFUSED
        if table in net and len(net[table]) and net[table].get("in_service", [True]).any()
    ]
    loads = net["load"]
    findings += [
        Finding(f"load.{column}", "not_supported", "Loads that depend on voltage are not read.")
        for column in loads.columns
        if column.startswith(("const_z", "const_i")) and (loads[column].fillna(0.0) != 0.0).any()
    ]
    if findings:
        raise InvalidInput(tuple(findings))


def _refuse_islands(document: dict[str, Any]) -> None:
    nodes = [bus["id"] for bus in document["buses"]]
    edges = [(branch["from"], branch["to"]) for branch in document["branches"]]
    dark = islands(nodes, edges, document["coupling"]["bus"])
    if dark:
        named = ", ".join(group[0] for group in dark[:5])
        raise InvalidInput((Finding("bus", "island", f"Not supplied from the coupling bus: {named}."),))


def _present(value: Any) -> float | None:
    """A finite float, or None for NaN, None and pandas' NA."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _fused(buses: Mapping[int, Row], switches: Mapping[int, Row]) -> list[list[int]]:
    closed = [s for s in switches.values() if s["et"] == "b" and s["closed"]]
    for switch in closed:
        if _present(switch.get("z_ohm")):
            raise _refuse("switch.z_ohm", "A closed bus-bus switch with an impedance")
    edges = [(str(int(s["bus"])), str(int(s["element"]))) for s in closed]
    return [[int(i) for i in group] for group in components([str(i) for i in buses], edges)]


def _names(groups: list[list[int]], buses: Mapping[int, Row]) -> list[str]:
    """The name of a group's first bus; where names repeat or are missing, with or from the bus index."""
    wanted = [str(buses[members[0]].get("name") or "").strip() for members in groups]
    wanted = [name if name not in ("", "nan", "None") else f"bus {groups[i][0]}" for i, name in enumerate(wanted)]
    return [name if wanted.count(name) == 1 else f"{name} ({groups[i][0]})" for i, name in enumerate(wanted)]


def _unique_name(row: Row, fallback: str, taken: set[str]) -> str:
    name = str(row.get("name") or "").strip()
    name = name if name not in ("", "nan", "None") and name not in taken else fallback
    taken.add(name)
    return name


def _bus(name: str, members: list[Row]) -> dict[str, Any]:
    lows = [low for row in members if (low := _present(row.get("min_vm_pu"))) is not None]
    highs = [high for row in members if (high := _present(row.get("max_vm_pu"))) is not None]
    bus: dict[str, Any] = {"id": name, "vn_kv": float(members[0]["vn_kv"])}
    bus |= {"vm_min_pu": max(lows)} if lows else {}
    bus |= {"vm_max_pu": min(highs)} if highs else {}
    geo = members[0].get("geo")
    if isinstance(geo, str) and geo:
        lon, lat = json.loads(geo)["coordinates"][:2]
        if abs(lon) <= 180 and abs(lat) <= 90:
            bus |= {"lon": float(lon), "lat": float(lat)}
    return bus


def _coupling(ext_grids: Mapping[int, Row], bus_of: Mapping[int, str]) -> dict[str, Any]:
    live = [row for row in ext_grids.values() if row["in_service"]]
    if len({bus_of[int(row["bus"])] for row in live}) != 1:
        raise _refuse("ext_grid", "A network without exactly one coupling bus (ext_grid)")
    return {"bus": bus_of[int(live[0]["bus"])], "vm_pu": float(live[0]["vm_pu"])}


def _branches(
    net: Any, tables: Mapping[str, Mapping[int, Row]], buses: Mapping[int, Row], bus_of: Mapping[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[tuple[str, int], str]]:
    """Branches, the nodes at their open ends, and the ids by table and index."""
    open_at = {
        (str(s["et"]), int(s["element"]), int(s["bus"]))
        for s in tables["switch"].values()
        if not s["closed"] and s["et"] in ("l", "t")
    }
    branches: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    branch_of: dict[tuple[str, int], str] = {}
    taken = set(bus_of.values())
    kinds = (("line", "l", ("from_bus", "to_bus")), ("trafo", "t", ("hv_bus", "lv_bus")))
    for table, letter, columns in kinds:
        for i, row in tables[table].items():
            at = [int(row[column]) for column in columns]
            is_open = [(letter, i, bus) in open_at for bus in at]
            if not row["in_service"] or all(is_open) or not all(bus in buses for bus in at):
                continue
            name = branch_of[table, i] = _unique_name(row, f"{table} {i}", taken)
            nodes = [bus_of[bus] for bus in at]
            vn_kv = [float(buses[bus]["vn_kv"]) for bus in at]
            for side in (0, 1):
                if is_open[side]:
                    node = f"{name} (open at {nodes[side]})"
                    ends.append({"id": node, "vn_kv": vn_kv[side], **_place(buses[at[side]])})
                    nodes[side] = node
            model = _line(row, float(net.f_hz)) if table == "line" else _trafo(row, vn_kv[0], vn_kv[1], name)
            branches.append({"id": name, "from": nodes[0], "to": nodes[1], **model})
    return branches, ends, branch_of


def _place(row: Row) -> dict[str, Any]:
    bus = _bus("", [row])
    return {key: bus[key] for key in ("lon", "lat") if key in bus}


def _limit(max_i_ka: float, row: Row) -> dict[str, float]:
    """Limit with derating; a net's max_loading_percent below 100 tightens it."""
    share = min(_present(row.get("max_loading_percent")) or 100.0, 100.0) / 100.0
    limit = max_i_ka * (_present(row.get("df")) or 1.0) * float(row["parallel"]) * share
    return {} if limit >= UNLIMITED_KA else {"max_i_ka": limit}


def _line(row: Row, f_hz: float) -> dict[str, float]:
    length, parallel = float(row["length_km"]), float(row["parallel"])
    b_us = 2 * math.pi * f_hz * float(row["c_nf_per_km"]) * 1e-3 * length * parallel
    return {
        "r_ohm": float(row["r_ohm_per_km"]) * length / parallel,
        "x_ohm": float(row["x_ohm_per_km"]) * length / parallel,
        "g_us": (_present(row.get("g_us_per_km")) or 0.0) * length * parallel,
        "b_us": b_us,
        **_limit(float(row["max_i_ka"]), row),
    }


def _trafo(row: Row, vn_from_kv: float, vn_to_kv: float, name: str) -> dict[str, float]:
    """pi circuit of pandapower's T circuit (half of the leakage impedance at each side of the core)."""
    vn_hv, vn_lv = _tapped_voltages(row, name)
    sn_mva, parallel = float(row["sn_mva"]), float(row["parallel"])
    to_bus_base = (vn_lv / vn_to_kv) ** 2
    z_abs, r = (float(row[column]) / 100.0 / sn_mva for column in ("vk_percent", "vkr_percent"))
    z = complex(r, math.sqrt(z_abs**2 - r**2)) * to_bus_base / parallel
    y_abs, g = float(row["i0_percent"]) / 100.0 * sn_mva, float(row["pfe_kw"]) / 1000.0
    y = complex(g, -math.sqrt(max(y_abs**2 - g**2, 0.0))) / to_bus_base * parallel
    bend = 1 + z * y / 4
    z_ohm, y_us = z * bend * vn_from_kv**2, y / bend / vn_from_kv**2 * 1e6
    rated = [sn_mva / (math.sqrt(3) * float(row[column])) for column in ("vn_hv_kv", "vn_lv_kv")]
    return {
        "r_ohm": z_ohm.real,
        "x_ohm": z_ohm.imag,
        "g_us": y_us.real,
        "b_us": y_us.imag,
        "tap_ratio": (vn_hv / vn_lv) / (vn_from_kv / vn_to_kv),
        "shift_degree": _present(row.get("shift_degree")) or 0.0,
        **_limit(min(rated[0], rated[1] * vn_to_kv / vn_from_kv), row),
    }


def _tapped_voltages(row: Row, name: str) -> tuple[float, float]:
    vn = {"hv": float(row["vn_hv_kv"]), "lv": float(row["vn_lv_kv"])}
    if row.get("tap_dependency_table") is True or _present(row.get("tap2_pos")):
        raise _refuse(f"trafo.{name}", "A transformer with a tap table or a second tap changer")
    away = (_present(row.get("tap_pos")) or 0.0) - (_present(row.get("tap_neutral")) or 0.0)
    kind = row.get("tap_changer_type")
    if away and isinstance(kind, str):
        if kind != "Ratio" or _present(row.get("tap_step_degree")):
            raise _refuse(f"trafo.{name}", "A phase-shifting tap changer")
        vn[str(row["tap_side"])] *= 1 + away * (_present(row.get("tap_step_percent")) or 0.0) / 100.0
    return vn["hv"], vn["lv"]


def _shunts(rows: Mapping[int, Row], buses: Mapping[int, Row], bus_of: Mapping[int, str]) -> list[dict[str, Any]]:
    shunts = []
    for row in rows.values():
        if row["in_service"]:
            scale = float(row["step"]) * (float(buses[int(row["bus"])]["vn_kv"]) / float(row["vn_kv"])) ** 2
            shunt = {"g_mw": float(row["p_mw"]) * scale, "b_mvar": -float(row["q_mvar"]) * scale}
            shunts.append({"bus": bus_of[int(row["bus"])], **shunt})
    return shunts


def _units(
    tables: Mapping[str, Mapping[int, Row]], bus_of: Mapping[int, str]
) -> tuple[list[dict[str, Any]], dict[tuple[str, int], str]]:
    units: list[dict[str, Any]] = []
    unit_of: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    for table, kind in UNIT_TABLES.items():
        for i, row in tables[table].items():
            if not row["in_service"] or int(row["bus"]) not in bus_of:
                continue
            name = unit_of[table, i] = _unique_name(row, f"{table} {i}", taken)
            unit = {"id": name, "bus": bus_of[int(row["bus"])], "kind": kind}
            if isinstance(row.get("type"), str):
                unit["type"] = row["type"]
            ratings = {"p_max_mw": _present(row["p_mw"]), "s_max_mva": _present(row.get("sn_mva"))}
            ratings |= {"energy_mwh": _present(row.get("max_e_mwh"))}
            units.append(unit | {key: abs(value) for key, value in ratings.items() if value is not None})
    return units, unit_of
