"""Pages that were opened before there was anything to show fill by themselves, and empty again."""

from __future__ import annotations

from typing import Any

import panel as pn
import pytest

from domain.lifecycle import SessionState
from tests.views.fakes import REGIONS, session_of
from tests.views.fakes_trading import TradingDesk
from tests.views.opened import opened
from views import app as desks_app
from views import news

PAGES = {page.path: page for page in desks_app.PAGES}
WAITING = [
    ("/fmo", "fmo"),
    ("/fmo/session", "fmo"),
    ("/tso", "tso"),
    ("/portfolio", "brp1"),
    ("/supply/compose", "esp1"),
]


def figures(main: list[Any]) -> int:
    return len(pn.Column(*main).select(pn.pane.Bokeh))


def colors(pane: pn.pane.Bokeh) -> list[Any]:
    glyphs = [renderer.glyph for renderer in pane.object.renderers]
    return [getattr(glyph, "line_color", None) or glyph.fill_color for glyph in glyphs]


@pytest.mark.parametrize(("path", "account"), WAITING)
def test_a_page_opened_before_the_session_fills_when_it_comes(path: str, account: str) -> None:
    room = opened(account, TradingDesk(sessions={}))
    content = PAGES[path].build(room.context)
    assert figures(content.main) == 0
    room.desk.sessions = {r.id: session_of(r.id, SessionState.OPEN) for r in REGIONS}
    room.hub.tell(news.MARKET)
    assert figures(content.main) > 0
    n_figures = figures(content.main)
    room.hub.tell(news.MARKET)
    assert figures(content.main) == n_figures, "the next news draw into the same figures"
    room.desk.sessions = {}
    room.hub.tell(news.MARKET)
    assert figures(content.main) == 0


@pytest.mark.parametrize(("path", "account"), WAITING)
def test_a_figure_that_came_later_follows_the_theme(path: str, account: str) -> None:
    room = opened(account, TradingDesk(sessions={}))
    content = PAGES[path].build(room.context)
    for handle in content.themed:
        handle.restyle("dark")
    room.desk.sessions = {r.id: session_of(r.id, SessionState.OPEN) for r in REGIONS}
    room.hub.tell(news.MARKET)
    (*_, pane) = pn.Column(*content.main).select(pn.pane.Bokeh)
    dark = colors(pane)
    for handle in content.themed:
        handle.restyle("light")
    assert colors(pane) != dark


def test_a_supplier_who_waits_for_the_opening_gets_the_session_to_choose() -> None:
    room = opened("esp1", TradingDesk(sessions={}))
    content = PAGES["/supply/compose"].build(room.context)
    room.desk.sessions = {"north": session_of("north", SessionState.OPEN)}
    room.hub.tell(news.MARKET)
    assert content.owner.session.value == "MS-north"
    assert content.owner.row is not None
