"""A sign-in for who operates the flexibility market or the EU Market Place: by whoever runs the server."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any, cast

from app.cli.exits import Exit
from app.cli.opened import locked, opened
from app.cli.output import say

ROLES = {"flexibility-market": "fmo", "market-place": "place_operator"}


def add_to(actions: Any) -> None:
    parser: ArgumentParser = actions.add_parser("operator", help="give a market's operator a one-time password")
    parser.add_argument("market", choices=ROLES, metavar="MARKET", help=" or ".join(ROLES))
    parser.add_argument("account", metavar="ACCOUNT", help="the sign-in; a new one is made")
    parser.add_argument("--name", default="", help="what a new operator is called; the account if not given")
    parser.set_defaults(act=_enter)


def _enter(arguments: Namespace) -> Exit:
    from app.settings import load
    from domain.commands import EnterOperator
    from domain.parties import SYSTEM, Party, Role
    from domain.parties.access import one_time_password

    settings = load()
    password = one_time_password()
    with locked(settings.data_dir), opened(settings) as app:
        command = EnterOperator(
            role=Role(ROLES[arguments.market]),
            name=arguments.name or arguments.account,
            account=arguments.account,
            password=password,
        )
        operator = cast(Party, app.desk.execute(SYSTEM, command))
    say(f"{arguments.account} signs in for {operator.name} with the one-time password {password}")
    say("It is to be changed within three days, on the page to which the sign-in links.")
    return Exit.DONE
