"""Clear a stored case again and compare with its stored result.

Give the id of a session or of its clearing job in the database, or a case file and its result file.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.exits import Exit
from app.cli.opened import opened
from app.cli.output import Progress, complain, say

if TYPE_CHECKING:
    from app.settings import Settings

CLEARING = "clearing"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", metavar="ID | CASE.json", help="a session's or job's id, or a case file")
    parser.add_argument(
        "result", nargs="?", type=Path, metavar="RESULT.json", help="the result file, when a case file is given"
    )


def run(arguments: Namespace) -> Exit:
    """Compare; 0 when the same bytes come out, or when they agree within the stated tolerance."""
    from app.settings import load

    settings = load()
    folder = None
    if arguments.result is None:
        case, result = _stored(settings, arguments.what)
    else:
        path = Path(arguments.what)
        case, result, folder = path.read_bytes(), arguments.result.read_bytes(), path.parent
    progress = Progress()
    progress("Reading the case", 0.0)
    from app.bridge import offline

    replayed = offline.replay_case(case, result, settings.cache_dir, progress, folder)
    progress.close()
    if not replayed.same_case:
        complain("The case is not the one that the result names (case_sha256).")
    if not replayed.stored_intact:
        complain("The result was changed after it was made (result_sha256).")
    if not (replayed.same_case and replayed.stored_intact):
        return Exit.DIFFERS
    return _verdict(replayed.same_bytes, replayed.within_tolerance, replayed.result["solve"]["result_sha256"])


def _verdict(same_bytes: bool, within_tolerance: bool, sha256: str) -> Exit:
    if same_bytes:
        say(f"The same result, bit for bit: {sha256}")
        return Exit.DONE
    if within_tolerance:
        say("Not bit for bit, but within tolerance (2 W per award, 2 cents of the objective).")
        return Exit.DONE
    complain("The result differs.")
    return Exit.DIFFERS


def _stored(settings: Settings, stored_id: str) -> tuple[bytes, bytes]:
    """Case and result of a clearing in the database.

    Raises:
        Refused: `not_found`, `no_result`.
    """
    from app.bridge import offline, results
    from domain.errors import refuse
    from domain.flexibility.grids import Job
    from domain.flexibility.market import MarketSession

    with opened(settings) as app, app.read() as uow:
        sessions = uow.find(MarketSession, id=stored_id)
        jobs = uow.find(Job, id=sessions[0].job_id if sessions else stored_id, kind=CLEARING)
    if not jobs:
        raise refuse("not_found", "id", f"There is no session or clearing with the id {stored_id}.")
    if not jobs[0].result:
        raise refuse("no_result", "id", "That clearing has no result yet.")
    return jobs[0].inputs, offline.result_bytes(results.result_document(jobs[0].result))
