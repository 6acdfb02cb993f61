"""Every figure on every page moves when its input is changed over REST: the pages stay open through market days.

A figure has moved when an open page has shown two different values of it, nothing being one. And on the first day
a page that heard nothing of what has just happened shows nothing else once it asks again.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from market_days import PLANS, Days
from open_desks import Desks, Sheet
from world import Wall, World

from app import bootstrap
from app.bootstrap import App
from app.settings import Settings
from domain.parties import PLACE
from tests.app.rest.conftest import served
from views import app as desks_app
from views.answers import SharedAnswers
from views.pages.context import Page, Side

STEADY: Mapping[str, str] = {
    "/customer For your provider: text": "its own number",
    "/customer : DeskBar unread": "nobody writes to customers yet",
    "/notifications : DeskBar unread": "of the customer, to whom nobody writes yet",
    "/dso/data Network: text": "what the file has to be",
    "/fmo/health : figure Toolkits failing": "jobs run in any order: a success may come before a page looks",
    "/fmo/health Toolkits: column in_a_row": "jobs run in any order: a success may come before a page looks",
    "/fmo/health : figure Open pages": "counted by the desks' server, which does not run here",
    "/fmo/health Letters that could not be sent: text": "it takes a fault of the program",
    "/wholesale Every quarter hour, EUR/MWh: column at": "the quarter hours of the day that is chosen",
    "/wholesale Every quarter hour, EUR/MWh: column at_utc": "the quarter hours of the day that is chosen",
    "/account Where you are signed in: column client": "what a browser or a client says of itself",
    "/account Where you are signed in: text": "whose account it is",
    "/account : DeskBar unread": "of the customer, to whom nobody writes yet",
}
"""Page and figure -> why nothing that comes over REST moves it."""
UNHEARD: Mapping[str, str] = {
    "fmo /fmo/health ": "it asks again by itself every few seconds",
    "/account Where you are signed in: ": "a sign-in elsewhere and the use of a token are no events of the market",
}
"""Account, page and the start of a figure -> why the page need not hear of it."""


@contextmanager
def built(database: Path, folder: Path, wall: Wall) -> Iterator[App]:
    """The application as it is served, but for its threads, on a copy of the database."""
    path = shutil.copy(database, folder / "flexdesk.db")
    settings = Settings(database_url=f"sqlite:///{path}")
    app = bootstrap.build(settings, wall_clock=wall)
    yield app
    app.close()


def test_every_figure_on_every_page_moves(
    seeded_database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wall = Wall()
    with built(seeded_database, tmp_path, wall) as app:
        sheets, late = play(app, wall)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    stuck = {figure for figure in still(sheets) if figure.partition(" ")[2] not in STEADY}
    assert not stuck, "\n" + "\n".join(sorted(stuck))
    unheard = {line for line in late if not any(start in line for start in UNHEARD)}
    assert not unheard, "\n" + "\n".join(sorted(unheard))
    assert {sheet.path for sheet in sheets} == {page.path for page in desks_app.PAGES if of_the_market(page)}


def of_the_market(page: Page) -> bool:
    """A page of the local market; those of the EU Market Place and of platforms have tests of their own."""
    return page.side is Side.MARKET and not page.roles <= PLACE


def play(app: App, wall: Wall) -> tuple[list[Sheet], list[str]]:
    """All pages that were open, and what they showed late. They are opened anew when a day's sessions are planned,
    as a page stays on the session or day that it was opened with."""
    world = World(store=app.store, desk=app.desk, wall=wall, bus=app.bus)
    desks, late = Desks(SharedAnswers(app.desk, lambda: app.store.revision), app.bus), []
    with served(world, desk=app.desk) as api:
        days, sheets = Days(api), desks.open()
        for plan in PLANS:
            wall.now += timedelta(hours=2)
            for done in days.play(plan):
                wall.now += timedelta(seconds=3)
                if done == "closed":
                    desks.turn()
                work(app)
                late += [f"{done}: {line}" for line in desks.turn(look_for_late=plan is PLANS[0])]
                if done == "planned":
                    sheets = [*sheets, *desks.open()]
    return sheets, late


def work(app: App) -> None:
    """The jobs and letters that wait, until none does."""
    while app.jobs.run_queued_inline() + app.dispatcher.run():
        pass


def still(sheets: list[Sheet]) -> Iterator[str]:
    """`account path figure` of each figure that no open page has seen move. A figure has a digit at some time."""
    shown: dict[str, list[set[str]]] = defaultdict(list)
    for sheet in sheets:
        for name, values in sheet.shown.items():
            shown[f"{sheet.account} {sheet.path} {name}"].append(values)
    for figure, all_values in shown.items():
        if max(map(len, all_values)) < 2 and re.search(r"\d", "".join(set().union(*all_values))):
            yield figure
