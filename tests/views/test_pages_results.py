"""Results on the desks of DSO, TSO and suppliers: what each may see, and what stands there before publication."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu
import pytest

from app.queries.models import GetGrid, GetResult, GridView, ListAssets, ListOffers
from domain.errors import refuse
from domain.lifecycle import SessionState
from domain.parties import Principal, Role
from tests.views.fakes import DAY, cleared, nodal_prices, principal
from tests.views.fakes_trading import TradingDesk
from tests.views.opened import Opened, opened
from views import app as desks_app
from views import news
from views.pages import results
from views.state.session_result import ResultRoom


class Market(TradingDesk):
    """As the real one: results from publication on, and no offers and assets for a TSO."""

    def query(self, who: Principal, query: Any) -> Any:
        if who.role is Role.TSO and type(query) in (ListOffers, ListAssets):
            raise refuse("not_permitted", "", "The role tso may not see this.")
        if type(query) is GetResult and self.sessions["north"].state is not SessionState.PUBLISHED:
            raise refuse("no_result", "session_id", "There is no result to see yet.")
        return super().query(who, query)


def published() -> Market:
    desk = cleared(Market(), state=SessionState.PUBLISHED)
    desk.prices_at_buses = nodal_prices()
    return desk


def page_of(room: Opened) -> tuple[results.ResultsPage, Any]:
    filling = results._build(room.context).owner
    return filling._page, filling


def said(view: Any) -> str:
    return " ".join(str(pane.object) for pane in view.select(pn.pane.HTML))


@pytest.mark.parametrize("account", ["dso1", "esp1", "tso"])
def test_prices_and_proof_are_on_every_desk(account: str) -> None:
    room = opened(account, published())
    page, _ = page_of(room)
    assert page._prices._map is not None
    assert page._room.bus == "B4", "where prices are farthest from energy's"
    assert "EUR/MWh = energy 50.00" in page._prices._sum.object
    assert "no limit is violated" in page._result._proof.object
    assert "Proof" in page._figures.view.object
    assert len(page.themed) == 1


def test_a_tso_reads_the_exchange_before_and_after_and_where_the_sums_are() -> None:
    room = opened("tso", Market())
    page, _ = page_of(room)
    exchange = page._exchange
    flow = grid_view_of(room.desk).before.p_coupling_mw
    assert exchange.chart.source.data["before"] == pytest.approx(flow)
    assert "what follows comes with the result" in said(exchange.view)
    cleared(room.desk, state=SessionState.PUBLISHED)
    room.hub.tell(news.MARKET)
    assert exchange.chart.source.data["after"] == pytest.approx(grid_view_of(room.desk).after.p_coupling_mw)
    assert f"{flow.min():.3f} to {flow.max():.3f} MW before" in said(exchange.view)
    assert [button.href for button in exchange.view.select(pmu.Button)] == [
        "/tso?day=2016-07-25&region=north",
        "/tso/requests?day=2016-07-25&region=north",
    ]
    for account in ("dso1", "esp1"):
        assert page_of(opened(account, published()))[0]._exchange is None


def grid_view_of(desk: Market) -> GridView:
    return desk.query(principal("tso"), GetGrid(region_id="north", delivery_day=DAY))


def test_it_opens_where_prices_are_farthest_from_energys() -> None:
    page, _ = page_of(opened("dso1", published()))
    prices = nodal_prices().p
    assert page._room.step == int(np.abs(prices.total - prices.energy).max(axis=1).argmax())
    linked, _ = page_of(opened("dso1", published(), step=3, tab="prices"))
    assert (linked._room.step, linked._tabs.active) == (3, 1)


def test_before_publication_it_says_what_is_waited_for() -> None:
    room = opened("dso1", Market())
    page, filling = page_of(room)
    assert "There is no result yet." in said(page._result.view)
    assert "after the gate has closed" in said(page._result.view)
    assert page._prices._map is None
    cleared(room.desk, state=SessionState.PUBLISHED)
    room.desk.prices_at_buses = nodal_prices()
    room.hub.tell(news.MARKET)
    assert filling._page is page, "it fills where it stands"
    assert page._prices._map is not None
    assert not page._result._waiting.visible


def test_another_session_is_another_page() -> None:
    room = opened("tso", published())
    page, filling = page_of(room)
    assert page._room.id == "MS-north", "the one that is published"
    page._session.value = "MS-south"
    assert filling._page is not page
    assert filling._page._room.row.region.id == "south"


def test_without_sessions_there_is_nothing_to_choose() -> None:
    desk = Market()
    desk.sessions.clear()
    page, filling = page_of(opened("dso1", desk))
    assert page is None
    assert "There is no such session." in said(filling._view)


def test_an_unknown_session_is_none() -> None:
    room = ResultRoom(opened("dso1", published()).context.desk)
    room.id = "MS-<b>"
    room.refresh()
    assert room.row is None


def test_results_are_for_those_whose_grid_or_offers_they_are_about() -> None:
    (page,) = results.PAGES
    assert page.roles == {Role.DSO, Role.TSO, Role.ESP, Role.AGGREGATOR}
    for role in page.roles:
        assert "/results" in [item.path for item in desks_app.navigation(role)]
