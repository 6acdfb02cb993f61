"""Saved pandapower nets, read by our own strict reader: nothing in the file is imported, opened or run.

`pandapower.from_json` resolves module and class names that the file gives, reads paths in it and runs controllers.
Here the file is JSON and nothing else: known tables of scalars are taken, everything else stays unread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.grid.importers.pandapower import READ, REFUSED, ROWS_MAX, GridImport, grid_from_tables
from engine.grid.importers.rows import plain
from engine.reading import Reader
from engine.status import Finding, InvalidInput

CHARS_MAX = 50_000_000
COLUMNS_MAX = 200
ROWS_HIGHEST = max(ROWS_MAX.values())
OLDEST_FORMAT = 3


def grid_from_json(text: str) -> GridImport:
    """Translate the text of a file that `pandapower.to_json` wrote. Raises InvalidInput with every finding."""
    reader = Reader()
    body = _body(text, reader)
    tables = {}
    for name in READ + REFUSED:
        if name in body:
            tables[name] = _table(body[name], name, reader)
    f_hz = reader.number(body.get("f_hz", 50), "f_hz", 1.0, 1000.0)
    if reader.findings:
        raise InvalidInput(reader.findings)
    return grid_from_tables(tables, f_hz)


def _body(text: str, reader: Reader) -> Mapping[str, Any]:
    if len(text) > CHARS_MAX:
        raise InvalidInput((Finding("$", "too_large", f"At most {CHARS_MAX} characters are accepted."),))
    document = _loads(text, "$", reader)
    body = document.get("_object") if isinstance(document, dict) else None
    if not isinstance(body, dict) or document.get("_class") != "pandapowerNet":
        raise InvalidInput((Finding("$", "not_a_net", "This is no network that pandapower has saved."),))
    version = body.get("format_version")
    major = version.partition(".")[0] if isinstance(version, str) else ""
    if not (major.isascii() and major.isdigit() and len(major) < 4 and int(major) >= OLDEST_FORMAT):
        reader.add("format_version", "not_supported", "Save the network with pandapower 3 or later.")
    return body


def _loads(text: str, path: str, reader: Reader) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        reader.add(path, "not_json", "This is no valid JSON.")
        return None


def _table(value: Any, name: str, reader: Reader) -> dict[int, dict[str, Any]]:
    """index -> column -> scalar of a table that pandas wrote in its split form."""
    inner = value.get("_object") if isinstance(value, dict) else None
    if isinstance(inner, str):
        inner = _loads(inner, name, reader)
    parts = [inner.get(part) if isinstance(inner, dict) else None for part in ("columns", "index", "data")]
    columns, index, data = parts
    if not (isinstance(columns, list) and isinstance(index, list) and isinstance(data, list)):
        reader.add(name, "not_a_table", "A table with columns, index and data is needed here.")
        return {}
    if len(columns) > COLUMNS_MAX or len(index) > ROWS_HIGHEST or len(data) != len(index):
        sentence = f"The table has {len(columns)} columns, {len(index)} indices and {len(data)} rows."
        reader.add(name, "too_large" if len(data) == len(index) else "wrong_length", sentence)
        return {}
    if not all(isinstance(column, str) for column in columns):
        reader.add(name, "not_text", "Names of columns must be texts.")
        return {}
    rows: dict[int, dict[str, Any]] = {}
    for i, row in zip(index, data, strict=True):
        at = f"{name}[{i if type(i) is int else '?'}]"
        if type(i) is not int or not 0 <= i < 2**53 or i in rows:
            reader.add(at, "duplicate_id", "Every row needs an index of its own, a whole number from 0.")
        elif not isinstance(row, list) or len(row) != len(columns):
            reader.add(at, "wrong_length", f"{len(columns)} values are needed here.")
        else:
            rows[i] = {column: plain(cell) for column, cell in zip(columns, row, strict=True)}
    return rows
