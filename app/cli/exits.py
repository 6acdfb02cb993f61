"""What launch.py's exit codes mean; docs/cli.md lists them and a test holds it to that."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FAULT = 1
    INVALID = 2
    NOT_CLEARED = 3
    IN_USE = 4
    SETTINGS = 5
    DIFFERS = 6
    INTERRUPTED = 130


MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "Done. For `clear`: cleared, also with unmet needs. For `replay`: the same result.",
    Exit.FAULT: "A fault of the program or the machine: the database, or a file that cannot be read or written.",
    Exit.INVALID: "The command line or the input is invalid; every finding is printed and nothing is written.",
    Exit.NOT_CLEARED: "`clear`: not cleared; the result file says why.",
    Exit.IN_USE: "An address is in use or cannot be bound, or another process works on the data folder.",
    Exit.SETTINGS: "A setting, or the secret's file, cannot be used.",
    Exit.DIFFERS: "`replay`: the result differs from the stored one. `db verify`: the audit trail is broken. "
    "`db check-trail`: the export is.",
    Exit.INTERRUPTED: "Interrupted from the keyboard (not `serve`, which stops cleanly with 0).",
}
