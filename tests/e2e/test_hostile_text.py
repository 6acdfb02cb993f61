"""Names, reasons, notes, files and ids that are markup: no page runs them, in a real browser; and every page of
every role can be used without a mouse and without seeing it.

The desks, the market and the database are the product's; the day behind them is `tests.views.hostile_day`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Page

from tests.views import hostile_day as h
from tests.views.serving import serving
from views import app as desks_app

pytestmark = pytest.mark.browser

SETTLED_MS = 250
QUERIES = {
    "/fmo/session": tuple(f"?id={{session}}&tab={tab}" for tab in ("book", "result", "prices", "grid")),
    "/results": ("", "?tab=prices"),
    "/supply/compose": ("?session={session}",),
    "/dso/assets": ("?asset={asset}",),
    "/fmo/participants": ("", "?application={application}"),
}
NAMELESS = """() => {
  const inside = root => [...root.querySelectorAll('*')]
    .flatMap(e => [e, ...(e.shadowRoot ? inside(e.shadowRoot) : [])])
  const text = e => [...e.childNodes].map(n => n.nodeType === 3 ? n.data : n.nodeType !== 1 ? '' :
    n.getAttribute('aria-label') || n.getAttribute('title') || n.alt || text(n)).join('').trim()
  const named = e => {
    const root = e.getRootNode(), by = (e.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean)
    const labels = by.map(id => root.getElementById(id)).filter(Boolean)
    return e.getAttribute('aria-label') || e.title || labels.some(text) ||
      [...(e.labels || [])].some(text) || (/^(BUTTON|A|SUMMARY)$/.test(e.tagName) && (text(e) ||
      (e.shadowRoot && text(e.shadowRoot)))) || (/^(submit|button)$/.test(e.type) && e.value)
  }
  return inside(document).filter(e => e.matches('input, select, textarea, button, a[href], summary'))
    .filter(e => e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}))
    .filter(e => !e.closest('[aria-hidden=true]') && !named(e)).map(e => e.outerHTML.slice(0, 160))
}"""
"""Visible controls without an accessible name, through shadow roots."""
TABBED = """() => { let e = document.activeElement
  while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement
  return e && e !== document.body ? e.tagName : '' }"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    with (
        h.hostile_world(tmp_path_factory.mktemp("hostile")) as world,
        serving(world.desk, h.OpenDoor()) as address,
    ):
        yield Served(address, "", Path(), Path()), h.ids_of(world)


@pytest.mark.parametrize("account", h.ACCOUNTS)
def test_no_page_runs_text_from_people(page: Page, hostile: tuple[Served, dict[str, str]], account: str) -> None:
    served, ids = hostile
    found = watch(page)
    open_desk(page, served, account)
    role = h.w.WHO[account].role
    nameless: dict[str, list[str]] = {}
    for path in (spec.path for spec in desks_app.PAGES if role in spec.roles):
        for query in QUERIES.get(path, ("",)):
            at = path + query.format(**ids)
            page.goto(served.desks + at)
            page.wait_for_function(IDLE)
            page.wait_for_timeout(SETTLED_MS)
            assert page.get_by_text(desks_app.BROKEN).count() == 0, at
            assert page.evaluate("window.__ran") is None, at
            assert page.locator("img[src=x]").count() == 0, at
            if without := page.evaluate(NAMELESS):
                nameless[at] = without
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.evaluate(TABBED) in ("A", "BUTTON", "INPUT", "SUMMARY", "SELECT"), (
            f"Tab reaches nothing on {path}"
        )
    assert found == []
    assert nameless == {}
