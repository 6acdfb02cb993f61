"""The grid block of the market case (``flexdesk.grid/1``): dataclasses and their reading from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.grid.topology import islands
from engine.reading import Floats, Reader
from engine.status import Finding

BUSES_MAX = 3000
BRANCHES_MAX = 6000
UNITS_MAX = 50_000
IMPEDANCE_MIN_OHM = 1e-9
UNIT_KINDS = ("generator", "load", "storage")

BUS_FIELDS = ("id", "vn_kv", "vm_min_pu", "vm_max_pu", "lon", "lat")
BRANCH_FIELDS = (
    *("id", "from", "to", "r_ohm", "x_ohm", "g_us", "b_us", "r_pu", "x_pu", "b_pu"),
    *("tap_ratio", "shift_degree", "max_i_ka", "max_s_mva"),
)
CONTROL_FIELDS = ("bus", "vm_pu", "q_min_mvar", "q_max_mvar")
UNIT_FIELDS = ("id", "bus", "kind", "type", "p_max_mw", "s_max_mva", "energy_mwh")
GRID_FIELDS = ("schema", "name", "base_mva", "buses", "branches", "shunts", "controls", "coupling", "units")

UnitKind = Literal["generator", "load", "storage"]


@dataclass(frozen=True, slots=True)
class Bus:
    """A node; limits are None where none apply (the open end of a line)."""

    id: str
    vn_kv: float
    vm_min_pu: float | None
    vm_max_pu: float | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A line or transformer as a pi circuit behind an ideal transformer at its `from` end.

    Impedances are referred to the `from` bus. `max_i_ka` is the limit at the `from` end, and at the `to` end
    its value referred there by the buses' nominal voltages (see docs/engine.md).
    """

    id: str
    from_bus: str
    to_bus: str
    r_ohm: float
    x_ohm: float
    g_us: float
    b_us: float
    tap_ratio: float
    shift_degree: float
    max_i_ka: float | None
    max_s_mva: float | None


@dataclass(frozen=True, slots=True)
class Shunt:
    """A constant admittance, as the power it takes (g) and gives (b) at 1 pu."""

    bus: str
    g_mw: float
    b_mvar: float


@dataclass(frozen=True, slots=True)
class Control:
    """A bus whose voltage a reactive source keeps at `vm_pu` while its injection stays within its limits."""

    bus: str
    vm_pu: float
    q_min_mvar: float
    q_max_mvar: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A generator, load or storage of the grid document; ratings None where unknown."""

    id: str
    bus: str
    kind: str
    type: str | None
    p_max_mw: float | None
    s_max_mva: float | None
    energy_mwh: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A connected network. `vm_pu` : [n_steps] or [1], pu, voltage kept at the coupling bus."""

    buses: tuple[Bus, ...]
    branches: tuple[Branch, ...]
    shunts: tuple[Shunt, ...]
    coupling_bus: str
    vm_pu: Floats
    units: tuple[Unit, ...] = ()
    controls: tuple[Control, ...] = ()


def read_grid(document: Any, n_steps: int = 1, path: str = "grid") -> tuple[Grid | None, tuple[Finding, ...]]:
    """Read a grid block; either a grid and no findings, or None and every finding."""
    reader = Reader()
    block = reader.mapping(document, path, GRID_FIELDS)
    if "schema" in block:
        reader.choice(block["schema"], f"{path}.schema", ("flexdesk.grid/1",))
    buses = _read_buses(reader, block.get("buses"), f"{path}.buses")
    known = {bus.id: bus for bus in buses}
    base_mva = reader.number(block.get("base_mva", 1.0), f"{path}.base_mva", above=0.0)
    branches = _read_branches(reader, block.get("branches"), f"{path}.branches", known, base_mva)
    shunts = _read_shunts(reader, block.get("shunts", ()), f"{path}.shunts", known)
    units = _read_units(reader, block.get("units", ()), f"{path}.units", known)
    coupling = reader.mapping(block.get("coupling"), f"{path}.coupling", ("bus", "vm_pu"))
    bus = read_bus(reader, coupling.get("bus"), f"{path}.coupling.bus", known)
    controls = _read_controls(reader, block.get("controls", ()), f"{path}.controls", known, bus)
    vm_pu = coupling.get("vm_pu", 1.0)
    length = n_steps if isinstance(vm_pu, list | tuple) else 1
    vm = reader.series(vm_pu, f"{path}.coupling.vm_pu", length, 0.5, 1.5)
    grid = Grid(buses, branches, shunts, bus, np.asarray(vm), units, controls)
    if not reader.findings:
        _check_connected(reader, grid, path)
    return (None, reader.findings) if reader.findings else (grid, ())


def read_bus(reader: Reader, value: Any, path: str, known: Mapping[str, Any]) -> str:
    """The id of a bus that the grid has."""
    bus = reader.text(value, path)
    if bus and bus not in known:
        reader.add(path, "unknown_bus", f"The grid has no bus '{bus}'.")
    return bus


def _read_buses(reader: Reader, value: Any, path: str) -> tuple[Bus, ...]:
    entries = reader.items(value, path, BUSES_MAX)
    if not entries and isinstance(value, list):
        reader.add(path, "missing", "A grid needs at least one bus.")
    buses = tuple(_read_one_bus(reader, entry, f"{path}[{i}]") for i, entry in enumerate(entries))
    reader.unique((bus.id for bus in buses), path)
    return buses


def _read_one_bus(reader: Reader, value: Any, path: str) -> Bus:
    entry = reader.mapping(value, path, BUS_FIELDS)
    vm_min = reader.optional_number(entry.get("vm_min_pu"), f"{path}.vm_min_pu", 0.0, 2.0)
    vm_max = reader.optional_number(entry.get("vm_max_pu"), f"{path}.vm_max_pu", 0.0, 2.0)
    if vm_min is not None and vm_max is not None and vm_min > vm_max:
        reader.add(f"{path}.vm_min_pu", "out_of_range", "The lower voltage limit is above the upper one.")
    return Bus(
        id=reader.text(entry.get("id"), f"{path}.id"),
        vn_kv=reader.number(entry.get("vn_kv"), f"{path}.vn_kv", 0.0, 2000.0, above=0.0),
        vm_min_pu=vm_min,
        vm_max_pu=vm_max,
        lon=reader.optional_number(entry.get("lon"), f"{path}.lon", -180.0, 180.0),
        lat=reader.optional_number(entry.get("lat"), f"{path}.lat", -90.0, 90.0),
    )


def _read_branches(
    reader: Reader, value: Any, path: str, known: Mapping[str, Bus], base_mva: float
) -> tuple[Branch, ...]:
    entries = reader.items(value, path, BRANCHES_MAX)
    branches = tuple(
        _read_branch(reader, entry, f"{path}[{i}]", known, base_mva) for i, entry in enumerate(entries)
    )
    reader.unique((branch.id for branch in branches), path)
    clash = {branch.id for branch in branches} & set(known)
    for i, branch in enumerate(branches):
        if branch.id and branch.id in clash:
            reader.add(f"{path}[{i}].id", "duplicate_id", f"'{branch.id}' is also the id of a bus.")
    return branches


def _read_branch(reader: Reader, value: Any, path: str, known: Mapping[str, Bus], base_mva: float) -> Branch:
    entry = reader.mapping(value, path, BRANCH_FIELDS)
    from_bus = read_bus(reader, entry.get("from"), f"{path}.from", known)
    to_bus = read_bus(reader, entry.get("to"), f"{path}.to", known)
    if from_bus and from_bus == to_bus:
        reader.add(f"{path}.to", "same_bus", "A branch needs two different buses.")
    vn_kv = known[from_bus].vn_kv if from_bus in known else 1.0
    z_base = vn_kv**2 / base_mva
    r_ohm = _ohm_or_pu(reader, entry, path, "r", z_base)
    x_ohm = _ohm_or_pu(reader, entry, path, "x", z_base)
    if abs(r_ohm) + abs(x_ohm) < IMPEDANCE_MIN_OHM:
        reader.add(f"{path}.x_ohm", "zero_impedance", "Resistance and reactance are both zero; join the buses.")
    b_us = reader.number(entry.get("b_us", 0.0), f"{path}.b_us")
    if "b_pu" in entry:
        b_us = reader.number(entry["b_pu"], f"{path}.b_pu") / z_base * 1e6
    return Branch(
        id=reader.text(entry.get("id"), f"{path}.id"),
        from_bus=from_bus,
        to_bus=to_bus,
        r_ohm=r_ohm,
        x_ohm=x_ohm,
        g_us=reader.number(entry.get("g_us", 0.0), f"{path}.g_us"),
        b_us=b_us,
        tap_ratio=reader.number(entry.get("tap_ratio", 1.0), f"{path}.tap_ratio", 0.1, 10.0),
        shift_degree=reader.number(entry.get("shift_degree", 0.0), f"{path}.shift_degree", -360.0, 360.0),
        max_i_ka=reader.optional_number(entry.get("max_i_ka"), f"{path}.max_i_ka", 0.0, above=0.0),
        max_s_mva=reader.optional_number(entry.get("max_s_mva"), f"{path}.max_s_mva", 0.0, above=0.0),
    )


def _ohm_or_pu(reader: Reader, entry: Mapping[str, Any], path: str, letter: str, z_base: float) -> float:
    if f"{letter}_pu" in entry:
        if f"{letter}_ohm" in entry:
            reader.add(f"{path}.{letter}_pu", "twice", f"Give {letter}_pu or {letter}_ohm, not both.")
        return reader.number(entry[f"{letter}_pu"], f"{path}.{letter}_pu") * z_base
    low = 0.0 if letter == "r" else -1e9
    return reader.number(entry.get(f"{letter}_ohm"), f"{path}.{letter}_ohm", low)


def _read_shunts(reader: Reader, value: Any, path: str, known: Mapping[str, Bus]) -> tuple[Shunt, ...]:
    shunts = []
    for i, entry in enumerate(reader.items(value, path, BUSES_MAX)):
        at = f"{path}[{i}]"
        shunt = reader.mapping(entry, at, ("bus", "g_mw", "b_mvar"))
        bus = read_bus(reader, shunt.get("bus"), f"{at}.bus", known)
        g_mw = reader.number(shunt.get("g_mw", 0.0), f"{at}.g_mw")
        shunts.append(Shunt(bus, g_mw, reader.number(shunt.get("b_mvar", 0.0), f"{at}.b_mvar")))
    return tuple(shunts)


def _read_controls(
    reader: Reader, value: Any, path: str, known: Mapping[str, Bus], coupling_bus: str
) -> tuple[Control, ...]:
    controls = []
    for i, entry in enumerate(reader.items(value, path, BUSES_MAX)):
        at = f"{path}[{i}]"
        control = reader.mapping(entry, at, CONTROL_FIELDS)
        bus = read_bus(reader, control.get("bus"), f"{at}.bus", known)
        if bus and bus == coupling_bus:
            reader.add(f"{at}.bus", "controlled_twice", "The coupling bus keeps its voltage already.")
        low, high = (reader.number(control.get(f"q_{end}_mvar"), f"{at}.q_{end}_mvar") for end in ("min", "max"))
        if low > high:
            reader.add(f"{at}.q_min_mvar", "out_of_range", "The lower reactive limit is above the upper one.")
        vm_pu = reader.number(control.get("vm_pu"), f"{at}.vm_pu", 0.5, 1.5)
        controls.append(Control(bus, vm_pu, low, high))
    reader.unique((control.bus for control in controls), path, "bus")
    return tuple(controls)


def _read_units(reader: Reader, value: Any, path: str, known: Mapping[str, Bus]) -> tuple[Unit, ...]:
    units = []
    for i, entry in enumerate(reader.items(value, path, UNITS_MAX)):
        at = f"{path}[{i}]"
        unit = reader.mapping(entry, at, UNIT_FIELDS)
        units.append(
            Unit(
                id=reader.text(unit.get("id"), f"{at}.id"),
                bus=read_bus(reader, unit.get("bus"), f"{at}.bus", known),
                kind=reader.choice(unit.get("kind"), f"{at}.kind", UNIT_KINDS),
                type=None if unit.get("type") is None else reader.text(unit["type"], f"{at}.type"),
                p_max_mw=reader.optional_number(unit.get("p_max_mw"), f"{at}.p_max_mw", 0.0),
                s_max_mva=reader.optional_number(unit.get("s_max_mva"), f"{at}.s_max_mva", 0.0),
                energy_mwh=reader.optional_number(unit.get("energy_mwh"), f"{at}.energy_mwh", 0.0),
            )
        )
    reader.unique((unit.id for unit in units), path)
    return tuple(units)


def _check_connected(reader: Reader, grid: Grid, path: str) -> None:
    edges = [(branch.from_bus, branch.to_bus) for branch in grid.branches]
    for island in islands([bus.id for bus in grid.buses], edges, grid.coupling_bus):
        reader.add(f"{path}.buses", "island", island_sentence(island))


def island_sentence(island: Sequence[str]) -> str:
    """What to say of buses that the coupling bus does not reach."""
    shown = ", ".join(island[:5]) + (f" and {len(island) - 5} more" if len(island) > 5 else "")
    return f"Not connected to the coupling bus: {shown}."
