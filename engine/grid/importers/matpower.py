"""MATPOWER case files (version 2) to grid document and baseline.

Columns and their meaning: MATPOWER User's Manual, appendix B. What stands at the reference bus is left to the
coupling, generators at buses of type 2 become a unit (P) and a control (|V|, Q); costs are not read.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from engine.grid.importers.matpower_text import Row, Table, read_text
from engine.grid.importers.pandapower import UNLIMITED_MVAR
from engine.reading import Reader
from engine.status import Finding, InvalidInput

CHARS_MAX = 20_000_000
PV, REFERENCE, ISOLATED = 2.0, 3.0, 4.0

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MatpowerImport:
    """A grid document and the units of its baseline at the file's operating point."""

    document: Document
    baseline: list[Document]


def grid_from_matpower(text: str) -> MatpowerImport:
    """Translate the text of a ``.m`` file. Raises InvalidInput with every finding."""
    if len(text) > CHARS_MAX:
        raise InvalidInput((Finding("$", "too_large", f"At most {CHARS_MAX} characters are accepted."),))
    reader = Reader()
    base_mva, tables = read_text(text, reader)
    if reader.findings:
        raise InvalidInput(reader.findings)
    made = _Translation(reader, base_mva, tables)
    document = made.document()
    if reader.findings:
        raise InvalidInput(reader.findings)
    return MatpowerImport(document, made.baseline)


class _Translation:
    """Rows of one file to one document."""

    def __init__(self, reader: Reader, base_mva: float, tables: dict[str, Table]) -> None:
        self.reader, self.base_mva = reader, base_mva
        self.buses = {row["bus_i"]: row for row in tables["bus"] if row["type"] != ISOLATED}
        if len({row["bus_i"] for row in tables["bus"]}) < len(tables["bus"]):
            reader.add("mpc.bus", "duplicate_id", "Two buses have the same number.")
        self.known = {row["bus_i"] for row in tables["bus"]}
        self.branches = tables["branch"]
        self.generators = [row for row in tables["gen"] if row["status"] > 0]
        self.baseline: list[Document] = []

    def document(self) -> Document:
        """The grid document."""
        units = self._units()
        document: Document = {
            "schema": "flexdesk.grid/1",
            "base_mva": self.base_mva,
            "buses": [_bus(row) for row in self.buses.values()],
            "branches": self._branches(),
            "shunts": [
                {"bus": _id(row["bus_i"]), "g_mw": row["gs"], "b_mvar": row["bs"]}
                for row in self.buses.values()
                if row["gs"] or row["bs"]
            ],
            "coupling": self._coupling(),
            "units": units,
        }
        controls = self._controls()
        return document | ({"controls": controls} if controls else {})

    def _has(self, number: float, path: str) -> bool:
        """Whether a bus is in service; one that the file does not have is a finding."""
        if number not in self.known:
            self.reader.add(path, "unknown_bus", f"The case has no bus {_id(number)}.")
        return number in self.buses

    def _branches(self) -> list[Document]:
        seen: Counter[str] = Counter()
        branches = []
        for i, row in enumerate(self.branches):
            ends = [self._has(row[end], f"mpc.branch[{i}].{end}") for end in ("fbus", "tbus")]
            if not row["status"] or not all(ends):
                continue
            name = f"{_id(row['fbus'])}-{_id(row['tbus'])}"
            seen[name] += 1
            branch = {
                "id": name if seen[name] == 1 else f"{name} ({seen[name]})",
                "from": _id(row["fbus"]),
                "to": _id(row["tbus"]),
                "r_pu": row["r"],
                "x_pu": row["x"],
                "b_pu": row["b"],
                "tap_ratio": row["ratio"] or 1.0,
                "shift_degree": row["angle"],
            }
            branches.append(branch | ({"max_s_mva": row["rate_a"]} if 0 < row["rate_a"] < math.inf else {}))
        return branches

    def _coupling(self) -> Document:
        at = [row for row in self.buses.values() if row["type"] == REFERENCE]
        if len(at) != 1:
            self.reader.add("mpc.bus", "not_supported", "A case without exactly one reference bus cannot be read.")
            return {}
        kept = [row["vg"] for row in self.generators if row["bus"] == at[0]["bus_i"]]
        return {"bus": _id(at[0]["bus_i"]), "vm_pu": kept[0] if kept else at[0]["vm"]}

    def _controls(self) -> list[Document]:
        controls: dict[float, Document] = {}
        for i, row in enumerate(self.generators):
            if self.buses.get(row["bus"], {}).get("type") != PV:
                continue
            fresh: Document = {"bus": _id(row["bus"]), "vm_pu": row["vg"], "q_min_mvar": 0.0, "q_max_mvar": 0.0}
            control = controls.setdefault(row["bus"], fresh)
            if control["vm_pu"] != row["vg"]:
                self.reader.add(f"mpc.gen[{i}].vg", "not_supported", "A bus with two voltages cannot be read.")
            control["q_min_mvar"] += max(row["qmin"], -UNLIMITED_MVAR)
            control["q_max_mvar"] += min(row["qmax"], UNLIMITED_MVAR)
        return list(controls.values())

    def _units(self) -> list[Document]:
        """Loads, then generators; what stands at the reference bus is left to the coupling."""
        units: list[Document] = []
        for row in self.buses.values():
            if row["pd"] or row["qd"]:
                self._add(units, f"load {_id(row['bus_i'])}", row["bus_i"], "load", row["pd"], row["qd"], None)
        for i, row in enumerate(self.generators):
            if not self._has(row["bus"], f"mpc.gen[{i}].bus") or self.buses[row["bus"]]["type"] == REFERENCE:
                continue
            q_mvar = 0.0 if self.buses[row["bus"]]["type"] == PV else row["qg"]
            rating = row["pmax"] if 0 < row["pmax"] < math.inf else None
            name = f"generator {i + 1} at {_id(row['bus'])}"
            self._add(units, name, row["bus"], "generator", row["pg"], q_mvar, rating)
        return units

    def _add(
        self, units: list[Document], name: str, bus: float, kind: str, p: float, q: float, rating: float | None
    ) -> None:
        unit = {"id": name, "bus": _id(bus), "kind": kind}
        units.append(unit | {"p_max_mw": abs(p) if rating is None else rating})
        self.baseline.append(unit | {"p_mw": p, "q_mvar": q})


def _id(number: float) -> str:
    return str(int(number)) if math.isfinite(number) and number.is_integer() else str(number)


def _bus(row: Row) -> Document:
    bus: Document = {"id": _id(row["bus_i"]), "vn_kv": row["base_kv"] or 1.0}
    return bus | {"vm_min_pu": row["vmin"], "vm_max_pu": row["vmax"]}
