"""Run rows: make each case, give it to every contestant in turn, and keep the answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.bench.cases import Draw
from app.bench.contest import Contestant
from app.bench.contestants.protocol import save_case
from app.bench.environments import MissingPeerError
from app.bench.figures import Answers, Facts, Summary, summary
from app.bench.rows import Row

FIRST_SEED = 1
Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A row that has run. `refused` : contestant -> its distinct reasons with how many cases they hold for;
    `missing` : peers that could not take part, with the reason."""

    row: Row
    n_cases: int
    summaries: tuple[Summary, ...]
    refused: dict[str, dict[str, int]]
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How rows are run. `environments` holds the peers' environments."""

    n_cases: int
    quick: bool
    cache_dir: Path
    environments: Path


def run(row: Row, terms: Terms, progress: Progress) -> Outcome:
    """Every case of a row, contestants taking turns, so that a busy machine hits all of them."""
    missing: list[str] = []
    collected: list[tuple[Answers, Facts]] = []
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        contestants = _started(row, terms, stack, missing)
        for number in range(terms.n_cases):
            progress(row.title, number / terms.n_cases)
            rng = np.random.default_rng(FIRST_SEED + number)
            case = row.make(Draw(rng=rng, cache_dir=terms.cache_dir, quick=terms.quick))
            path = save_case(Path(folder) / "case", case)
            answers = {c.name: c.solve(path, row.jobs[c.name]) for c in contestants}
            collected.append((answers, row.facts(case)))
    return Outcome(
        row=row,
        n_cases=terms.n_cases,
        summaries=tuple(summary(f, [f.measure(*one) for one in collected]) for f in row.figures),
        refused=_refused([answers for answers, _ in collected]),
        missing=tuple(missing),
    )


def _started(row: Row, terms: Terms, stack: ExitStack, missing: list[str]) -> list[Contestant]:
    contestants = []
    for name in row.jobs:
        try:
            contestant = Contestant(name, terms.environments)
        except MissingPeerError as error:
            missing.append(str(error))
            continue
        stack.callback(contestant.close)
        contestants.append(contestant)
    return contestants


def _refused(collected: Sequence[Answers]) -> dict[str, dict[str, int]]:
    reasons: dict[str, dict[str, int]] = {}
    for answers in collected:
        for name, answer in answers.items():
            if answer.refused:
                counts = reasons.setdefault(name, {})
                counts[answer.refused] = counts.get(answer.refused, 0) + 1
    return reasons
