"""The text of a MATPOWER case file (version 2) as rows of numbers; no statement in it is run.

The unit conversions that MATPOWER's own distribution cases carry at their end are known by their text and applied;
any other statement is refused by name, since it could change the data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from engine.grid.case import BRANCHES_MAX, BUSES_MAX
from engine.reading import Reader

COLUMNS = {
    "bus": ("bus_i", "type", "pd", "qd", "gs", "bs", "area", "vm", "va", "base_kv", "zone", "vmax", "vmin"),
    "gen": ("bus", "pg", "qg", "qmax", "qmin", "vg", "mbase", "status", "pmax", "pmin"),
    "branch": ("fbus", "tbus", "r", "x", "b", "rate_a", "rate_b", "rate_c", "ratio", "angle", "status"),
}
ROWS_MAX = {"bus": BUSES_MAX, "gen": 4 * BUSES_MAX, "branch": 2 * BRANCHES_MAX}
FIELD = re.compile(r"mpc\.(\w{1,40})[ \t]*=[ \t]*")
HEAD = re.compile(r"function\b[^\n]*")
COLUMN_NAMES = re.compile(r"\[[A-Z0-9_]*\]=idx_(?:bus|brch|gen|cost)|define_constants")

Row = dict[str, float]
Table = list[Row]


def read_text(text: str, reader: Reader) -> tuple[float, dict[str, Table]]:
    """baseMVA and the rows of ``bus``, ``gen`` and ``branch``, column -> number; findings go to `reader`."""
    return _Parser(reader, _without_comments(text)).read()


def _without_comments(text: str) -> str:
    """Comments and line continuations out; a percent sign within quotes is none."""
    lines = []
    for line in text.splitlines():
        quoted = False
        end = len(line)
        for i, sign in enumerate(line):
            quoted ^= sign == "'"
            if sign == "%" and not quoted:
                end = i
                break
        lines.append(line[:end])
    return re.sub(r"\.\.\.[ \t]*\n", " ", "\n".join(lines))


class _Parser:
    """One pass over the text; `at` only moves forward."""

    def __init__(self, reader: Reader, text: str) -> None:
        self.reader, self.text, self.at = reader, text, 0
        self.base_mva = math.nan
        self.tables: dict[str, Table] = {}
        self.power_factor = math.nan

    def read(self) -> tuple[float, dict[str, Table]]:
        while self.at < len(self.text):
            if self.text[self.at] in " \t\r\n;,":
                self.at += 1
            elif head := HEAD.match(self.text, self.at):
                self.at = head.end()
            elif field := FIELD.match(self.text, self.at):
                self.at = field.end()
                self._field(field[1])
            else:
                self._statement(self._until(";\n"))
        for name in COLUMNS:
            if name not in self.tables:
                self.reader.add(f"mpc.{name}", "missing", "This matrix is needed.")
        self.reader.number(None if math.isnan(self.base_mva) else self.base_mva, "mpc.baseMVA", above=0.0)
        return self.base_mva, self.tables

    def _until(self, ends: str) -> str:
        """Text up to the first of the signs in `ends`, which is left behind."""
        places = [place for end in ends if (place := self.text.find(end, self.at)) >= 0]
        stop = min(places, default=len(self.text))
        found = self.text[self.at : stop]
        self.at = stop + 1
        return found

    def _field(self, name: str) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening in ("[", "{"):
            self.at += 1
            body = self._until("]" if opening == "[" else "}")
            if name in COLUMNS:
                self.tables[name] = self._matrix(name, body)
            elif name == "dcline" and body.strip():
                self.reader.add("mpc.dcline", "not_supported", "Direct-current lines cannot be imported yet.")
            return
        value = self._until(";\n").strip()
        if name == "version" and value.strip("'\"") != "2":
            self.reader.add("mpc.version", "not_supported", "Only version 2 of the case format can be read.")
        elif name == "baseMVA":
            self.base_mva = self._number(value, "mpc.baseMVA")
        elif name in COLUMNS:
            self.reader.add(f"mpc.{name}", "not_a_list", "A matrix in brackets is needed here.")

    def _matrix(self, name: str, body: str) -> Table:
        columns = COLUMNS[name]
        lines = [line for line in re.split(r"[;\n]", body) if line.strip()]
        if len(lines) > ROWS_MAX[name]:
            sentence = f"At most {ROWS_MAX[name]} rows are accepted, there are {len(lines)}."
            self.reader.add(f"mpc.{name}", "too_large", sentence)
            return []
        rows = []
        for i, line in enumerate(lines):
            cells = line.replace(",", " ").split()
            path = f"mpc.{name}[{i}]"
            if len(cells) < len(columns):
                self.reader.add(path, "wrong_length", f"{len(columns)} values are needed here, at least.")
                continue
            pairs = zip(columns, cells, strict=False)
            rows.append({column: self._number(cell, f"{path}.{column}") for column, cell in pairs})
        return rows

    def _number(self, text: str, path: str) -> float:
        """A number; infinite where the file says so."""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            self.reader.add(path, "not_a_number", "This must be a number.")
        return value

    def _statement(self, statement: str) -> None:
        """A conversion known by its text, or a finding."""
        shape = re.sub(r"[\s,]", "", statement)
        if not shape or COLUMN_NAMES.fullmatch(shape):
            return
        if shape.startswith("pf=") and math.isnan(self.power_factor):
            self.power_factor = self._number(shape.removeprefix("pf="), "pf")
        elif shape in CONVERSIONS and {"bus", "branch"} <= set(self.tables):
            CONVERSIONS[shape](self)
        else:
            sentence = "This statement is not one of the conversions that can be read."
            self.reader.add(statement.strip()[:80], "not_supported", sentence)

    def scale_impedances(self) -> None:
        """Ohm to pu with the voltage of the first bus."""
        ohm = self.tables["bus"][0]["base_kv"] ** 2 / self.base_mva if self.tables["bus"] else math.nan
        for row in self.tables["branch"]:
            row["r"], row["x"] = (row[c] / ohm if ohm else math.nan for c in ("r", "x"))

    def scale_loads(self) -> None:
        """kW and kvar to MW and Mvar."""
        for row in self.tables["bus"]:
            row["pd"], row["qd"] = row["pd"] / 1e3, row["qd"] / 1e3

    def reactive_from_apparent(self) -> None:
        """Q of the apparent power that stands in Pd."""
        share = math.sqrt(max(0.0, 1 - self.power_factor**2))
        for row in self.tables["bus"]:
            row["qd"] = row["pd"] * share

    def active_from_apparent(self) -> None:
        """P of the apparent power that stands in Pd."""
        for row in self.tables["bus"]:
            row["pd"] *= self.power_factor


CONVERSIONS: dict[str, Callable[[_Parser], None]] = {
    "Vbase=mpc.bus(1BASE_KV)*1e3": lambda _: None,
    "Sbase=mpc.baseMVA*1e6": lambda _: None,
    "mpc.branch(:[BR_RBR_X])=mpc.branch(:[BR_RBR_X])/(Vbase^2/Sbase)": _Parser.scale_impedances,
    "mpc.bus(:[PDQD])=mpc.bus(:[PDQD])/1e3": _Parser.scale_loads,
    "mpc.bus(:QD)=mpc.bus(:PD)*sin(acos(pf))": _Parser.reactive_from_apparent,
    "mpc.bus(:PD)=mpc.bus(:PD)*pf": _Parser.active_from_apparent,
}
