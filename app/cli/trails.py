"""Checks an export of the audit trail: every link, how many rows, and the signature of its head."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from app.cli.exits import Exit
from app.cli.output import complain, say


def add_to(actions: Any) -> None:
    """`db check-trail`."""
    parser = actions.add_parser("check-trail", help="check an export of the audit trail; no database is needed")
    parser.add_argument("file", type=Path, metavar="FILE", help="the export, JSON lines")
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="JWKS",
        help="the server's published keys, from /trail/keys",
    )
    parser.set_defaults(act=_check)


def _check(arguments: Namespace) -> Exit:
    import json

    from app.trails import check

    try:
        text = arguments.file.read_text(encoding="utf-8")
        keys = json.loads(arguments.key.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        complain(f"This cannot be read: {error}")
        return Exit.INVALID
    if not isinstance(keys, dict) or not isinstance(keys.get("keys"), list):
        complain(f"{arguments.key}: no set of keys (JWKS).")
        return Exit.INVALID
    faults = check(text, keys)
    for fault in faults:
        complain(f"{arguments.file}, line {fault.line}: {fault.sentence}")
    if faults:
        return Exit.DIFFERS
    say(f"The trail holds: {text.count(chr(10)) - 1} rows.")
    return Exit.DONE
