"""What the worker process does: bytes in, bytes out, with progress. Nothing here touches the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from app.bridge import curtailment, matching, what_if
from app.bridge.maps import map_of
from app.bridge.solved import NOWHERE, Progress, check_solved, day_state, on_the_whole, proposed_rows, read
from app.bridge.states import Plan, pack_state
from engine import Case, clear, find_needs, propose_requests

WARM_UP = "warm_up"
VALIDATION = "technical_validation"
"""The work of a platform; all else is the market's."""
NEEDS_SHARES = {
    Plan.P: {"needs": (0.0, 0.05), "clearing": (0.05, 0.45), "done": (0.5, 0.0)},
    Plan.PQ: {"needs": (0.5, 0.05), "clearing": (0.55, 0.45), "done": (1.0, 0.0)},
}
CLEARING_SHARES = {"needs": (0.0, 0.05), "clearing": (0.05, 0.55), "proof": (0.6, 0.4), "done": (1.0, 0.0)}
"""Stage of the engine: where it starts on the whole bar, and how much of it is its own."""


def run(kind: str, inputs: bytes, progress: Progress) -> bytes:
    """Run one job: `needs`, `clearing`, a `try` of other rules or a `matching` (inputs from
    `cases`), a `what_if`, a platform's `technical_validation` (inputs from `curtailment`), or the `warm_up` of
    matchings.

    The result is read by `cases`, `states` and, of a matching, `trading`.

    `progress(stage, share)` with share 0..1 of the whole job.

    Raises:
        Refused: the inputs have findings, or the baseline has no power-flow solution.
        KeyError: no such kind.
    """
    return KINDS[kind](inputs, progress)


def _needs(case: Case, progress: Progress) -> bytes:
    """The day's needs, and what would cure them by each plan."""
    proposals = {
        plan: propose_requests(case, on_the_whole(progress, shares), reactive=plan is Plan.PQ)
        for plan, shares in NEEDS_SHARES.items()
    }
    assessment = proposals[Plan.P].assessment
    check_solved(assessment.flow)
    before = day_state(case, assessment.flow, assessment.needs)
    proposed = [row for plan, proposal in proposals.items() for row in proposed_rows(case, plan, proposal)]
    return pack_state(map_of(case.grid, NOWHERE), before, None, proposed, {})


def _clearing(case: Case, progress: Progress) -> bytes:
    cleared = clear(case, on_the_whole(progress, CLEARING_SHARES))
    before = day_state(case, cleared.before, find_needs(cleared.network, cleared.before))
    after = None
    if cleared.after is not None:
        after = day_state(case, cleared.after, find_needs(cleared.network, cleared.after))
    return pack_state(map_of(case.grid, NOWHERE), before, after, (), {"result": cleared.result})


def _on_case(work: Callable[[Case, Progress], bytes]) -> Callable[[bytes, Progress], bytes]:
    return lambda inputs, progress: work(read(json.loads(inputs)), progress)


KINDS: Mapping[str, Callable[[bytes, Progress], bytes]] = {
    "needs": _on_case(_needs),
    "clearing": _on_case(_clearing),
    "try": _on_case(_clearing),
    "what_if": what_if.solve,
    "matching": matching.solve,
    WARM_UP: matching.warm_up,
    VALIDATION: curtailment.solve,
}
TOOLKITS = tuple(sorted(KINDS.keys() - {WARM_UP, VALIDATION}))
"""The kinds of work that are the market's jobs."""
