#!/usr/bin/env python3
"""FlexDesk's command line: a table of commands; the work of each is in `app.cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.cli import bench, clear, db, demo, desktop, explain, needs, platform, replay, serve
from app.cli.guard import guarded

COMMANDS = {
    "serve": (serve, "serve the desks and the REST interface"),
    "desktop": (desktop, "serve on this machine and open one window without browser controls"),
    "demo": (demo, "load the demo day, or start it anew"),
    "needs": (needs, "identify the needs of a network's day"),
    "clear": (clear, "clear one case file, without server or database"),
    "replay": (replay, "clear a stored case again and compare the result"),
    "explain": (explain, "say why an offer was not accepted in full"),
    "bench": (bench, "measure the engine against its peers"),
    "db": (db, "migrate or back up the database"),
    "platform": (platform, "found, connect or serve a company's platform on the EU Market Place"),
}


def build_parser() -> argparse.ArgumentParser:
    """The command line with all commands and their options."""
    parser = argparse.ArgumentParser(prog="launch.py", description="FlexDesk: a local flexibility market.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{module.__doc__}".split("\n\n")[0])
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code (see docs/cli.md)."""
    arguments = build_parser().parse_args(argv)
    return guarded(arguments.run, arguments)


if __name__ == "__main__":
    sys.exit(main())
