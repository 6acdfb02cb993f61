"""Expansion of a case's sources into values, so that a case can be read, hashed and replayed as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.status import Finding, InvalidInput

GRID_SOURCE_FIELDS = {"source", "lines_out", "switches_closed"}
BASELINE_SOURCE_FIELDS = {"source", "first_row"}
BUILT_IN = ("case33bw",)


def expand_sources(document: Any, cache_dir: Path) -> Any:
    """The case with ``{"source": ...}`` in grid and baseline replaced by what they stand for.

    Grid: ``simbench:CODE`` (with optional ``lines_out`` and ``switches_closed``) or ``pandapower:case33bw``.
    Baseline: ``simbench`` with ``first_row``; it takes the code from the grid. Raises InvalidInput with findings.
    Anything else is returned as it is, for `read_case` to judge.
    """
    if not isinstance(document, Mapping):
        return document
    expanded = dict(document)
    grid, baseline = document.get("grid"), document.get("baseline")
    if isinstance(grid, Mapping) and "source" in grid:
        expanded["grid"] = _grid(grid, cache_dir)
    if isinstance(baseline, Mapping) and "source" in baseline:
        code = _simbench_code(grid.get("source") if isinstance(grid, Mapping) else None)
        expanded["baseline"] = _baseline(baseline, code, expanded, cache_dir)
    return expanded


def _finding(path: str, code: str, sentence: str) -> InvalidInput:
    return InvalidInput((Finding(path, code, sentence),))


def _simbench_code(source: Any) -> str | None:
    if isinstance(source, str) and source.startswith("simbench:"):
        return source.removeprefix("simbench:")
    return None


def _grid(grid: Mapping[str, Any], cache_dir: Path) -> dict[str, Any]:
    _only(grid, "grid", GRID_SOURCE_FIELDS)
    source, code = grid["source"], _simbench_code(grid["source"])
    if code is not None:
        from engine.grid.importers.simbench import simbench_grid

        names = [_names(grid.get(field, []), f"grid.{field}") for field in ("lines_out", "switches_closed")]
        return simbench_grid(code, cache_dir, *names)
    if source in [f"pandapower:{name}" for name in BUILT_IN]:
        import pandapower.networks

        from engine.grid.importers.pandapower import grid_from_pandapower

        return grid_from_pandapower(getattr(pandapower.networks, source.removeprefix("pandapower:"))()).document
    if isinstance(source, str) and source.partition(":")[0] in ("pandapower", "matpower"):
        raise _finding("grid.source", "not_supported", "This kind of grid source is not supported yet.")
    raise _finding(
        "grid.source", "unknown_source", "A grid source such as simbench:1-MV-rural--2-sw is needed here."
    )


def _baseline(baseline: Mapping[str, Any], code: str | None, case: Mapping[str, Any], cache_dir: Path) -> Any:
    from engine.grid.importers.simbench import baseline_units, simbench_schedules

    _only(baseline, "baseline", BASELINE_SOURCE_FIELDS)
    if baseline["source"] != "simbench" or code is None:
        raise _finding("baseline.source", "unknown_source", "A simbench baseline needs a grid from simbench.")
    time = case.get("time")
    n_steps = time.get("n_steps") if isinstance(time, Mapping) else None
    first_row = baseline.get("first_row")
    for path, value in (("baseline.first_row", first_row), ("time.n_steps", n_steps)):
        if type(value) is not int:
            raise _finding(path, "not_a_number", "A whole number is needed here.")
    schedules = simbench_schedules(code, cache_dir, int(first_row or 0), int(n_steps or 0))
    return {"units": baseline_units(case["grid"], schedules)}


def _only(block: Mapping[str, Any], path: str, fields: set[str]) -> None:
    unknown = sorted(str(field) for field in block if field not in fields)
    if unknown:
        raise _finding(f"{path}.{unknown[0]}", "unknown_field", "This field is not known beside a source.")


def _names(value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _finding(path, "not_a_list", "A list of names is needed here.")
    return value
