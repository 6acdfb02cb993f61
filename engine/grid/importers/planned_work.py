"""Planned work on a pandapower net: named lines out of service, named switches closed instead."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from engine.status import Finding, InvalidInput


def with_planned_work(net: Any, lines_out: Sequence[str] = (), switches_closed: Sequence[str] = ()) -> Any:
    """A net in which the named lines are out and the named switches closed; the given net stays as it is.

    Raises InvalidInput for names that the net does not have or has more than once.
    """
    findings = [
        Finding(f"{table}.{name}", "unknown_element", f"The network has no single {table} named '{name}'.")
        for table, names in (("line", lines_out), ("switch", switches_closed))
        for name in names
        if (net[table]["name"] == name).sum() != 1
    ]
    if findings:
        raise InvalidInput(tuple(findings))
    worked = copy.copy(net)
    worked["line"], worked["switch"] = net["line"].copy(), net["switch"].copy()
    worked["line"].loc[worked["line"]["name"].isin(list(lines_out)), "in_service"] = False
    worked["switch"].loc[worked["switch"]["name"].isin(list(switches_closed)), "closed"] = True
    return worked
