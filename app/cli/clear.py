"""Clear one case file (flexdesk.case/1) and write its result (flexdesk.result/1).

Needs neither server nor database. An invalid case writes nothing; every finding is printed with its JSON path.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.exits import Exit
from app.cli.files import check_writable, write_whole
from app.cli.output import Progress, say

NOT_CLEARED = "not_cleared"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("case", type=Path, metavar="CASE.json", help="the case")
    parser.add_argument("--out", required=True, type=Path, metavar="RESULT.json", help="where the result goes")


def run(arguments: Namespace) -> Exit:
    """Clear the case; the result file is there on exit codes 0 and 3."""
    from app.settings import load

    settings = load()
    case = arguments.case.read_bytes()
    check_writable(arguments.out)
    progress = Progress()
    progress("Reading the case", 0.0)
    from app.bridge import offline

    result = offline.clear_case(case, settings.cache_dir, progress, arguments.case.parent)
    progress.close()
    write_whole(arguments.out, offline.result_bytes(result))
    say(f"{arguments.out}: {result['status'].replace('_', ' ')}, {len(result['unmet'])} unmet.")
    if result["reason"]:
        say(f"Reason: {result['reason']}")
    return Exit.NOT_CLEARED if result["status"] == NOT_CLEARED else Exit.DONE
