"""Tables of a pandapower net as plain rows, read with findings instead of exceptions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.reading import TEXT_MAX, Reader

NO_BUS = -1

Tables = Mapping[str, Mapping[int, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One element. Every reading returns a usable value or adds a finding under `path`."""

    path: str
    values: Mapping[str, Any]
    reader: Reader

    def number(self, column: str, default: float | None = None, above: float = -math.inf) -> float:
        """A finite number greater than `above`; `default` where none is given, NaN where that is wrong."""
        value = self.values.get(column)
        if value is None and default is not None:
            return default
        return self.reader.number(value, f"{self.path}.{column}", above=above)

    def optional(self, column: str) -> float | None:
        """A number, or None where none is given or it is infinite (no limit)."""
        value = self.values.get(column)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        return self.reader.number(value, f"{self.path}.{column}")

    def flag(self, column: str, default: bool | None = None) -> bool:
        """A truth value."""
        value = self.values.get(column)
        if isinstance(value, bool):
            return value
        if value is not None or default is None:
            self.reader.add(f"{self.path}.{column}", "not_a_flag", "True or false is needed here.")
        return bool(default)

    def word(self, column: str) -> str:
        """A printable text, stripped; empty where there is none."""
        value = self.values.get(column)
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        return text if text.isprintable() and len(text) <= TEXT_MAX else ""

    def index(self, column: str) -> int:
        """The index of another element; `NO_BUS` where there is none."""
        value = self.values.get(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
            return value
        self.reader.add(f"{self.path}.{column}", "not_a_number", "The index of an element is needed here.")
        return NO_BUS

    def refuse(self, what: str) -> None:
        """Name something about this element that has no counterpart."""
        self.reader.add(self.path, "not_supported", f"{what} cannot be imported yet.")


def rows_of(tables: Tables, name: str, reader: Reader) -> dict[int, Row]:
    """The rows of a table by index, none where the table is missing."""
    return {i: Row(f"{name}[{i}]", values, reader) for i, values in tables.get(name, {}).items()}


def tables_of_net(net: Any, names: tuple[str, ...]) -> Tables:
    """Plain values of a net's tables: numbers, texts, truth values, and None for everything else."""
    return {
        name: {
            int(i): {str(column): plain(value) for column, value in row.items()}
            for i, row in net[name].to_dict("index").items()
        }
        for name in names
        if name in net and len(net[name])
    }


def plain(value: Any) -> Any:
    """A JSON value, None for NaN, missing values of pandas and anything that is no scalar."""
    scalar = value.item() if isinstance(value, np.generic) else value
    if not isinstance(scalar, str | int | float) or scalar != scalar:
        return None
    return scalar
