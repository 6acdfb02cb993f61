"""pandapower network to grid document (``flexdesk.grid/1``), with pandapower's own element models.

Closed bus-bus switches fuse buses; an open switch at one end of a branch leaves that end on a node of its own, so
that the branch keeps its charging. Generators with voltage control become a unit (P) and a control (|V|, Q) each.
Only the tables named in `READ` are read; other elements are refused by name, controllers are never run.
Units (`flexdesk.grid/1`) take a storage's sign with injection positive, where pandapower has charging positive.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.grid.case import BUSES_MAX, UNITS_MAX
from engine.grid.importers import elements
from engine.grid.importers.rows import NO_BUS, Row, Tables, rows_of, tables_of_net
from engine.grid.topology import components, islands
from engine.reading import Reader
from engine.status import InvalidInput

READ = (
    *("bus", "line", "trafo", "trafo3w", "impedance", "switch", "load", "sgen", "gen", "storage"),
    *("ext_grid", "shunt"),
)
REFUSED = (
    *("ward", "xward", "motor", "asymmetric_load", "asymmetric_sgen", "svc", "tcsc", "ssc", "vsc", "dcline"),
    *("bus_dc", "line_dc", "load_dc", "source_dc"),
)
UNIT_TABLES = {"load": "load", "sgen": "generator", "gen": "generator", "storage": "storage"}
UNLIMITED_MVAR = 1e6
ROWS_MAX = {"bus": 4 * BUSES_MAX, "load": UNITS_MAX, "sgen": UNITS_MAX, "gen": UNITS_MAX, "storage": UNITS_MAX}
OTHER_ROWS_MAX = 8 * BUSES_MAX
TWO_ENDED = (
    ("line", "l", ("from_bus", "to_bus")),
    ("trafo", "t", ("hv_bus", "lv_bus")),
    ("impedance", "", ("from_bus", "to_bus")),
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GridImport:
    """A grid document and how pandapower's indices map to its ids.

    bus_of : bus index -> bus id (fused buses share one); unit_of : (table, index) -> unit id;
    branch_of : (table, index) -> branch id (a transformer with three windings: that of its hv branch);
    baseline : units of a case's baseline at the net's own operating point.
    """

    document: Document
    bus_of: dict[int, str]
    unit_of: dict[tuple[str, int], str]
    branch_of: dict[tuple[str, int], str]
    baseline: list[Document]


def grid_from_pandapower(net: Any) -> GridImport:
    """Translate a net. Raises InvalidInput naming everything that has no counterpart in the grid document."""
    return grid_from_tables(tables_of_net(net, READ + REFUSED), float(net.f_hz))


def grid_from_tables(tables: Tables, f_hz: float) -> GridImport:
    """Translate the tables of a net: table -> index -> column -> JSON value. Raises InvalidInput as above."""
    reader = Reader()
    for name, rows in tables.items():
        if len(rows) > ROWS_MAX.get(name, OTHER_ROWS_MAX):
            reader.add(name, "too_large", f"The table has {len(rows)} rows, more than can be imported.")
    _stop(reader)
    _refuse_unsupported(reader, tables)
    made = _Assembly(reader, {name: rows_of(tables, name, reader) for name in READ}, f_hz)
    document = made.document()
    _stop(reader)
    dark = islands(
        [bus["id"] for bus in document["buses"]],
        [(branch["from"], branch["to"]) for branch in document["branches"]],
        document["coupling"]["bus"],
    )
    if dark:
        named = ", ".join(group[0] for group in dark[:5])
        reader.add("bus", "island", f"Not supplied from the coupling bus: {named}.")
    _stop(reader)
    return GridImport(document, made.bus_of, made.unit_of, made.branch_of, made.baseline)


def _stop(reader: Reader) -> None:
    if reader.findings:
        raise InvalidInput(reader.findings)


def _refuse_unsupported(reader: Reader, tables: Tables) -> None:
    for table in REFUSED:
        if any(row.get("in_service", True) is not False for row in tables.get(table, {}).values()):
            sentence = f"Elements of the table '{table}' cannot be imported yet."
            reader.add(table, "not_supported", sentence)
    shares = {
        column
        for row in tables.get("load", {}).values()
        for column, value in row.items()
        if column.startswith(("const_z", "const_i")) and value
    }
    for column in sorted(shares):
        reader.add(f"load.{column}", "not_supported", "Loads that depend on voltage are not read.")


class _Assembly:
    """Puts one document together; every part reads from the same rows and names."""

    def __init__(self, reader: Reader, rows: Mapping[str, Mapping[int, Row]], f_hz: float) -> None:
        self.reader, self.rows, self.f_hz = reader, rows, f_hz
        self.live = {i: row for i, row in rows["bus"].items() if row.flag("in_service", True)}
        self.vn_kv = {i: row.number("vn_kv", above=0.0) for i, row in self.live.items()}
        self.groups = _fused(self.live, rows["switch"])
        names = _names(self.groups, self.live)
        self.bus_of = {member: names[i] for i, members in enumerate(self.groups) for member in members}
        self.buses = [_bus(names[i], [self.live[m] for m in members]) for i, members in enumerate(self.groups)]
        self.taken = set(names)
        self.branches: list[Document] = []
        self.branch_of: dict[tuple[str, int], str] = {}
        self.unit_of: dict[tuple[str, int], str] = {}
        self.baseline: list[Document] = []
        self.open_at = {
            (s.word("et"), s.index("element"), s.index("bus"))
            for s in rows["switch"].values()
            if s.word("et") != "b" and not s.flag("closed")
        }

    def document(self) -> Document:
        """The grid document."""
        for table, letter, columns in TWO_ENDED:
            for i, row in self.rows[table].items():
                self._two_ended(table, letter, columns, i, row)
        for i, row in self.rows["trafo3w"].items():
            self._star(i, row)
        units = self._units()
        coupling = self._coupling()
        document = {
            "schema": "flexdesk.grid/1",
            "buses": self.buses,
            "branches": self.branches,
            "shunts": self._shunts(),
            "coupling": coupling,
            "units": units,
        }
        controls = self._controls(coupling["bus"])
        return document | ({"controls": controls} if controls else {})

    def _at(self, row: Row, column: str) -> str | None:
        """The id of the bus that an element stands at; None where that bus is out of service."""
        bus = row.index(column)
        if bus not in self.rows["bus"] and bus != NO_BUS:
            self.reader.add(f"{row.path}.{column}", "unknown_bus", f"The net has no bus {bus}.")
        return self.bus_of.get(bus)

    def _two_ended(self, table: str, letter: str, columns: tuple[str, str], i: int, row: Row) -> None:
        nodes = [self._at(row, column) for column in columns]
        at = [row.index(column) for column in columns]
        is_open = [(letter, i, bus) in self.open_at for bus in at]
        if not row.flag("in_service", True) or all(is_open) or None in nodes:
            return
        name = self.branch_of[table, i] = _unique_name(row, f"{table} {i}", self.taken)
        for side in (0, 1):
            if is_open[side]:
                end = f"{name} (open at {nodes[side]})"
                self.buses.append({"id": end, "vn_kv": self.vn_kv[at[side]], **_place(self.live[at[side]])})
                nodes[side] = end
        vn_from, vn_to = (self.vn_kv[bus] for bus in at)
        models = {
            "line": lambda: elements.line(row, self.f_hz),
            "trafo": lambda: elements.trafo(row, vn_from, vn_to),
            "impedance": lambda: elements.impedance(row, vn_from),
        }
        self.branches.append({"id": name, "from": nodes[0], "to": nodes[1], **models[table]()})

    def _star(self, i: int, row: Row) -> None:
        at = {side: self._at(row, f"{side}_bus") for side in ("hv", "mv", "lv")}
        if not row.flag("in_service", True) or None in at.values():
            return
        if any((letter, element) == ("t3", i) for letter, element, _ in self.open_at):
            row.refuse("A transformer with three windings and an open switch")
        name = _unique_name(row, f"trafo3w {i}", self.taken)
        vn_kv = {side: self.vn_kv[row.index(f"{side}_bus")] for side in at}
        star = f"{name} (star)"
        self.buses.append({"id": star, "vn_kv": vn_kv["hv"]})
        for side, model in elements.trafo3w(row, vn_kv).items():
            ends = (at["hv"], star) if side == "hv" else (star, at[side])
            self.branches.append({"id": f"{name} ({side})", "from": ends[0], "to": ends[1], **model})
        self.branch_of["trafo3w", i] = f"{name} (hv)"

    def _coupling(self) -> Document:
        live = [row for row in self.rows["ext_grid"].values() if row.flag("in_service", True)]
        live += [row for row in self._generators() if row.flag("slack", False)]
        at = {bus for row in live if (bus := self._at(row, "bus")) is not None}
        if len(at) != 1:
            sentence = "A network without exactly one coupling bus (ext_grid) cannot be imported yet."
            self.reader.add("ext_grid", "not_supported", sentence)
            return {"bus": "", "vm_pu": 1.0}
        return {"bus": at.pop(), "vm_pu": live[0].number("vm_pu", 1.0)}

    def _generators(self) -> list[Row]:
        return [row for row in self.rows["gen"].values() if row.flag("in_service", True)]

    def _controls(self, coupling_bus: str) -> list[Document]:
        """One control per bus: the limits of its generators add up, their set points must agree."""
        controls: dict[str, Document] = {}
        for row in self._generators():
            bus = self._at(row, "bus")
            if bus is None or bus == coupling_bus:
                continue
            fresh: Document = {"bus": bus, "vm_pu": row.number("vm_pu"), "q_min_mvar": 0.0, "q_max_mvar": 0.0}
            control = controls.setdefault(bus, fresh)
            if control["vm_pu"] != row.number("vm_pu"):
                row.refuse("A bus with two voltages to keep")
            for end, fallback in (("min", -UNLIMITED_MVAR), ("max", UNLIMITED_MVAR)):
                q_mvar = row.optional(f"{end}_q_mvar")
                control[f"q_{end}_mvar"] += fallback if q_mvar is None else q_mvar
        return list(controls.values())

    def _shunts(self) -> list[Document]:
        shunts = []
        for row in self.rows["shunt"].values():
            bus = self._at(row, "bus")
            if bus is not None and row.flag("in_service", True):
                vn_kv = self.vn_kv[row.index("bus")]
                scale = row.number("step", 1.0) * (vn_kv / row.number("vn_kv", vn_kv, above=0.0)) ** 2
                q_mvar = -row.number("q_mvar") * scale
                shunts.append({"bus": bus, "g_mw": row.number("p_mw", 0.0) * scale, "b_mvar": q_mvar})
        return shunts

    def _units(self) -> list[Document]:
        units: list[Document] = []
        taken: set[str] = set()
        for table, kind in UNIT_TABLES.items():
            for i, row in self.rows[table].items():
                bus = self._at(row, "bus")
                if bus is None or not row.flag("in_service", True):
                    continue
                name = self.unit_of[table, i] = _unique_name(row, f"{table} {i}", taken)
                unit: Document = {"id": name, "bus": bus, "kind": kind}
                p_mw, q_mvar = row.number("p_mw"), row.number("q_mvar", 0.0)
                sense = row.number("scaling", 1.0) * (-1.0 if table == "storage" else 1.0)
                self.baseline.append(unit | {"p_mw": sense * p_mw, "q_mvar": sense * q_mvar})
                ratings = {"p_max_mw": p_mw, "s_max_mva": row.optional("sn_mva")}
                ratings |= {"energy_mwh": row.optional("max_e_mwh")}
                unit |= {"type": kind_word} if (kind_word := row.word("type")) else {}
                units.append(unit | {key: abs(value) for key, value in ratings.items() if value is not None})
        return units


def _fused(buses: Mapping[int, Row], switches: Mapping[int, Row]) -> list[list[int]]:
    closed = [s for s in switches.values() if s.word("et") == "b" and s.flag("closed")]
    for switch in closed:
        if switch.optional("z_ohm"):
            switch.refuse("A closed bus-bus switch with an impedance")
    edges = [(str(s.index("bus")), str(s.index("element"))) for s in closed]
    return [[int(i) for i in group] for group in components([str(i) for i in buses], edges)]


def _names(groups: list[list[int]], buses: Mapping[int, Row]) -> list[str]:
    """The name of a group's first bus; where names repeat or are missing, with or from the bus index."""
    wanted = [_name(buses[members[0]]) or f"bus {members[0]}" for members in groups]
    count = Counter(wanted)
    return [name if count[name] == 1 else f"{name} ({groups[i][0]})" for i, name in enumerate(wanted)]


def _name(row: Row) -> str:
    name = row.word("name")
    return "" if name in ("nan", "None") else name


def _unique_name(row: Row, fallback: str, taken: set[str]) -> str:
    name = _name(row)
    name = name if name and name not in taken else fallback
    taken.add(name)
    return name


def _bus(name: str, members: list[Row]) -> Document:
    lows = [low for row in members if (low := row.optional("min_vm_pu")) is not None]
    highs = [high for row in members if (high := row.optional("max_vm_pu")) is not None]
    bus: Document = {"id": name, "vn_kv": members[0].number("vn_kv", above=0.0)}
    bus |= {"vm_min_pu": max(lows)} if lows else {}
    bus |= {"vm_max_pu": min(highs)} if highs else {}
    return bus | _place(members[0])


def _place(row: Row) -> Document:
    """Longitude and latitude, where `geo` holds a GeoJSON point that is on the globe."""
    geo = row.values.get("geo")
    if not isinstance(geo, str):
        return {}
    try:
        lon, lat = (float(x) for x in json.loads(geo)["coordinates"][:2])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return {}
    return {"lon": lon, "lat": lat} if abs(lon) <= 180 and abs(lat) <= 90 else {}
