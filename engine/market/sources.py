"""Expansion of a case's sources into values, so that a case can be read, hashed and replayed as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.status import Finding, InvalidInput

GRID_SOURCE_FIELDS = {"source", "lines_out", "switches_closed"}
BASELINE_SOURCE_FIELDS = {"source", "first_row"}
FILE_BYTES_MAX = 50_000_000

Made = tuple[dict[str, Any], list[dict[str, Any]]]


def expand_sources(document: Any, cache_dir: Path, folder: Path | None = None) -> Any:
    """The case with ``{"source": ...}`` in grid and baseline replaced by what they stand for.

    Grid: ``simbench:CODE`` (with optional ``lines_out`` and ``switches_closed``), ``pandapower:NAME`` of a
    built-in network, ``pandapower:FILE.json`` or ``matpower:FILE.m`` within `folder` (that of the case file;
    without one, files are refused). Baseline: ``simbench`` with ``first_row``, ``pandapower`` or ``matpower`` for
    the operating point of the grid's own source. Raises InvalidInput with findings. Anything else is returned as
    it is, for `read_case` to judge.
    """
    if not isinstance(document, Mapping):
        return document
    expanded = dict(document)
    grid, baseline = document.get("grid"), document.get("baseline")
    kind = ""
    units: list[dict[str, Any]] = []
    if isinstance(grid, Mapping) and "source" in grid:
        kind, (expanded["grid"], units) = _grid(grid, cache_dir, folder)
    if isinstance(baseline, Mapping) and "source" in baseline:
        _only(baseline, "baseline", BASELINE_SOURCE_FIELDS if kind == "simbench" else {"source"})
        if not kind or baseline["source"] != kind:
            raise _finding("baseline.source", "unknown_source", "A baseline's source must be that of the grid.")
        if kind == "simbench":
            code = str(document["grid"]["source"]).removeprefix("simbench:")
            units = _simbench_units(baseline, code, expanded, cache_dir)
        expanded["baseline"] = {"units": units}
    return expanded


def _finding(path: str, code: str, sentence: str) -> InvalidInput:
    return InvalidInput((Finding(path, code, sentence),))


def _grid(grid: Mapping[str, Any], cache_dir: Path, folder: Path | None) -> tuple[str, Made]:
    """Kind of the source, grid document, and units of its own operating point."""
    _only(grid, "grid", GRID_SOURCE_FIELDS)
    source = grid["source"]
    kind, _, name = source.partition(":") if isinstance(source, str) else ("", "", "")
    if kind == "simbench":
        from engine.grid.importers.simbench import simbench_grid

        names = [_names(grid.get(field, []), f"grid.{field}") for field in ("lines_out", "switches_closed")]
        return kind, (simbench_grid(name, cache_dir, *names), [])
    if kind not in OTHERS:
        sentence = "A grid source such as simbench:1-MV-rural--2-sw is needed here."
        raise _finding("grid.source", "unknown_source", sentence)
    for field in ("lines_out", "switches_closed"):
        if field in grid:
            raise _finding(f"grid.{field}", "not_supported", "Planned work is for sources of SimBench.")
    return kind, OTHERS[kind](name, folder)


def _pandapower(name: str, folder: Path | None) -> Made:
    if name.endswith(".json"):
        from engine.grid.importers.pandapower_json import grid_from_json

        made = grid_from_json(_text(name, folder))
    else:
        from engine.grid.importers.builtin import builtin_grid

        made = builtin_grid(name)
    return made.document, made.baseline


def _matpower(name: str, folder: Path | None) -> Made:
    from engine.grid.importers.matpower import grid_from_matpower

    made = grid_from_matpower(_text(name, folder))
    return made.document, made.baseline


OTHERS: dict[str, Callable[[str, Path | None], Made]] = {"pandapower": _pandapower, "matpower": _matpower}


def _text(name: str, folder: Path | None) -> str:
    """The text of a file within the case's folder, links followed before it is judged where it is."""
    if folder is None:
        raise _finding("grid.source", "not_supported", "Files beside a case are read by the command line only.")
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise _finding("grid.source", "unknown_source", f"There is no file '{name[:80]}' beside the case.")
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _finding("grid.source", "too_large", f"At most {FILE_BYTES_MAX} bytes are accepted.")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _finding("grid.source", "unknown_source", f"'{name[:80]}' is no readable text.") from None
    except ValueError as wrong:
        if isinstance(wrong, InvalidInput):
            raise
        raise _finding("grid.source", "unknown_source", "This is no name of a file.") from None


def _simbench_units(
    baseline: Mapping[str, Any], code: str, case: Mapping[str, Any], cache_dir: Path
) -> list[dict[str, Any]]:
    from engine.grid.importers.simbench import baseline_units, simbench_schedules

    time = case.get("time")
    n_steps = time.get("n_steps") if isinstance(time, Mapping) else None
    first_row = baseline.get("first_row")
    for path, value in (("baseline.first_row", first_row), ("time.n_steps", n_steps)):
        if type(value) is not int:
            raise _finding(path, "not_a_number", "A whole number is needed here.")
    schedules = simbench_schedules(code, cache_dir, int(first_row or 0), int(n_steps or 0))
    return baseline_units(case["grid"], schedules)


def _only(block: Mapping[str, Any], path: str, fields: set[str]) -> None:
    unknown = sorted(str(field) for field in block if field not in fields)
    if unknown:
        raise _finding(f"{path}.{unknown[0]}", "unknown_field", "This field is not known beside a source.")


def _names(value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _finding(path, "not_a_list", "A list of names is needed here.")
    return value
