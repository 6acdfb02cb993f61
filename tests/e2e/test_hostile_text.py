"""Names, reasons and identifiers that are markup: no desk runs them, in a real browser.

The desks are the product's; the market behind them is the small one of `tests.views`, in which every text that
people or their files give carries the attack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Page

from domain.lifecycle import SessionState
from domain.parties import Principal
from tests.views.fakes import cleared, nodal_prices, principal
from tests.views.fakes_trading import TradingDesk
from tests.views.serving import serving
from views import app as desks_app

pytestmark = pytest.mark.browser

ATTACK = '"><img src=x onerror="window.__ran=1"><script>window.__ran=1</script>'
TYPED = {"name", "congestion_point", "reason", "sentence", "source", "stage", "worst"}
FROM_FILES = {"bus", "buses", "bus_ids", "branch_ids", "coupling_bus", "element", "zone", "zone_of_bus", "unit_id"}
ACCOUNTS = ("fmo", "dso1", "tso", "esp1", "agg1", "retailer1", "brp1")
QUERIES = {
    "/fmo/session": tuple(f"?id=MS-north&tab={tab}" for tab in ("book", "result", "prices", "grid")),
    "/results": ("", "?tab=prices"),
}


def spoilt(value: Any, name: str = "") -> Any:
    """The answer with the attack in front of every text of people or files; equal texts stay equal."""
    if is_dataclass(value) and not isinstance(value, type | Principal):
        changed = {f.name: spoilt(getattr(value, f.name), f.name) for f in fields(value) if f.init}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(spoilt(item, name) for item in value)
    return ATTACK + value if type(value) is str and name in TYPED | FROM_FILES else value


class HostileDesk(TradingDesk):
    def query(self, who: Principal, query: Any) -> Any:
        return spoilt(super().query(who, query))


class OpenDoor:
    """Whoever knows the demo's password is let in."""

    def sign_in(self, account: str, _password: str, _remote_ip: str) -> Any:
        return SimpleNamespace(token=f"t-{account}", expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of_session(self, token: str) -> Principal | None:
        return principal(token.removeprefix("t-")) if token.startswith("t-") else None

    def sign_out(self, token: str) -> None: ...


@pytest.fixture(scope="module")
def hostile() -> Iterator[Served]:
    desk = cleared(HostileDesk())
    desk.sessions["south"] = replace(desk.sessions["south"], state=SessionState.OPEN)
    desk.prices_at_buses = nodal_prices()
    with serving(desk, OpenDoor()) as address:
        yield Served(address, "", Path(), Path())


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_desk_runs_text_from_people(page: Page, hostile: Served, account: str) -> None:
    found = watch(page)
    open_desk(page, hostile, account)
    role = principal(account).role
    for path in (spec.path for spec in desks_app.PAGES if role in spec.roles):
        for query in QUERIES.get(path, ("",)):
            page.goto(hostile.desks + path + query)
            page.wait_for_function(IDLE)
            page.wait_for_timeout(300)
            assert page.get_by_text(desks_app.BROKEN).count() == 0, path
            assert page.evaluate("window.__ran") is None, path
            assert page.locator("img[src=x]").count() == 0, path
    assert found == []
