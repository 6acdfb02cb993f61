"""How a contestant is asked and answers: one JSON object a line, requests on stdin, answers on stdout.

Request: `task`, `path` of the case file, `repeats`, `settings` of the task, `warm_up`: whether the first case of
the process is run once before, so that what is compiled or imported on first use does not count. Answer: `seconds`
(median over the repeats), `values` (what the task found), `peak_mb` of the process; or `refused` with the reason.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Task = Callable[[Any, Mapping[str, Any]], tuple[float, dict[str, Any]]]
"""Takes a loaded case and settings; returns the seconds it wants to be judged by, and values."""


class RefusedError(Exception):
    """The case cannot be solved by this contestant; the message says why."""


def load_case(path: Path) -> Any:
    """A case file: a JSON document, or the arrays of an `.npz` with the grid document among them."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with np.load(path, allow_pickle=False) as arrays:
        return {name: json.loads(str(arrays[name])) if name == "grid" else arrays[name] for name in arrays.files}


def save_case(path: Path, case: Mapping[str, Any]) -> Path:
    """Write a case beside `path` with the suffix that suits it; the inverse of `load_case`."""
    if any(isinstance(value, np.ndarray) for value in case.values()):
        target = path.with_suffix(".npz")
        arrays = {k: np.array(json.dumps(v)) if k == "grid" else v for k, v in case.items()}
        np.savez(target, allow_pickle=False, **arrays)
        return target
    target = path.with_suffix(".json")
    target.write_text(json.dumps(case), encoding="utf-8")
    return target


def serve(tasks: Mapping[str, Task]) -> None:
    """Answer requests until stdin ends. What solvers print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    is_cold = True
    for line in sys.stdin:
        request = json.loads(line)
        answer = _answer(tasks[request["task"]], request, request["warm_up"] and is_cold)
        print(json.dumps(answer), file=answers, flush=True)
        is_cold = False


def _answer(task: Task, request: Mapping[str, Any], warm_up: bool) -> dict[str, Any]:
    case = load_case(Path(request["path"]))
    try:
        runs = [task(case, request["settings"]) for _ in range(request["repeats"] + warm_up)][warm_up:]
    except RefusedError as refused:
        return {"refused": str(refused)}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:300]}
    seconds = [spent for spent, _ in runs]
    middle = min(runs, key=lambda run: abs(run[0] - statistics.median(seconds)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": statistics.median(seconds), "values": middle[1], "peak_mb": peak_mb}
