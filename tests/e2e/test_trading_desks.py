"""Continuous trading in two real browsers: an offer is placed, seen without a name, matched, and told to both."""

from __future__ import annotations

import re
import time

import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
SOON_MS = 30_000
FIRST_MS = 240_000
"""A new installation compiles the matching when the server starts."""

STANDS = """(text) => Array.from(Bokeh.documents[0].get_model_by_name("fd-ladder").data.words)
  .some((words) => words.includes(text))"""
ROW = """(text) => {
  const source = Bokeh.documents[0].get_model_by_name("fd-ladder")
  const k = Array.from(source.data.words).findIndex((words) => words.includes(text))
  const view = Bokeh.index.query_one(
    (v) => v.model.type === "Figure" && v.model.renderers.some((r) => r.data_source === source))
  const at = view.el.getBoundingClientRect(), f = view.frame
  return {x: at.x + f.x_scale.compute(0) + 4, y: at.y + f.y_scale.compute(Array.from(source.data.row)[k])}
}"""
PRICE = "7.77"


def standing(page: Page, text: str) -> None:
    """Wait until the ladder has a level with this text."""
    page.wait_for_function(STANDS, arg=text, timeout=SOON_MS)


def test_an_offer_is_matched_by_a_click_and_both_sides_see_the_trade(browser: Browser, server: Served) -> None:
    pages, errors = {}, []
    for account, path in (("esp2", "/supply/trading"), ("dso2", "/dso/trading")):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(FIRST_MS)
        errors.append(watch(page))
        open_desk(page, server, account, f"{path}?step=70")
        expect(page.get_by_text("Book over the day")).to_be_visible()
        pages[account] = page
    esp, dso = pages["esp2"], pages["dso2"]
    # The offering party places 0.020 MW for one quarter hour with Enter.
    esp.get_by_label("Quantity, MW").fill("0.020")
    esp.get_by_label("Quantity, MW").press("Tab")
    esp.get_by_label("Price, EUR/MWh").fill(PRICE)
    esp.get_by_label("Price, EUR/MWh").press("Enter")
    standing(esp, f"offer {PRICE}")
    # The DSO's open page has it, and no name with it.
    standing(dso, f"offer {PRICE}")
    assert "ESP" not in dso.locator("body").inner_text()
    at = dso.evaluate(ROW, f"offer {PRICE}")
    dso.mouse.click(at["x"], at["y"])
    expect(dso.get_by_label("Price, EUR/MWh")).to_have_value(PRICE)
    expect(dso.get_by_label("Quantity, MW")).to_have_value("0.02")
    place = dso.get_by_role("button", name=re.compile(r"Place a request: 0\.005 MWh down at 7\.77"))
    expect(place).to_be_enabled()
    place.click(click_count=3, delay=5)
    for page, word in ((dso, "bought"), (esp, "sold")):
        row = page.locator(".tabulator-row").filter(has_text=word).first
        expect(row).to_be_visible(timeout=FIRST_MS)
        assert PRICE in row.inner_text()
        expect(page.locator(".tabulator-row").filter(has_text=PRICE).first).to_contain_text("matched")
    # Impatient clicks placed one order.
    assert dso.locator(".tabulator-row").filter(has_text=re.compile("matched.*down", re.S)).count() == 1
    esp.goto(server.desks + "/notifications")
    esp.wait_for_function(IDLE)
    expect(esp.get_by_text(re.compile(r"You sold 0\.005 MWh down at 7\.77")).first).to_be_visible(timeout=SOON_MS)
    for page in pages.values():
        page.context.close()
    assert errors == [[], []]


def test_a_trade_within_a_second_or_so_and_the_rest_is_withdrawn(clean: Page, server: Served) -> None:
    """Warm, on the demo's grid; the bound leaves room for a busy machine. Arrows move the quarter hour."""
    open_desk(clean, server, "dso2", "/dso/trading?step=72")
    expect(clean.get_by_text("Book over the day")).to_be_visible(timeout=SOON_MS)
    clean.get_by_label("Quantity, MW").fill("0.005")
    clean.get_by_label("Price, EUR/MWh").fill("399")
    clean.get_by_label("Price, EUR/MWh").press("Enter")
    began = time.monotonic()
    row = clean.locator(".tabulator-row").filter(has_text="bought").filter(has_text="18:00–18:15")
    expect(row.first).to_be_visible(timeout=FIRST_MS)
    assert time.monotonic() - began < 8.0
    # An order that finds nobody stands until it is withdrawn.
    clean.goto(f"{server.desks}/dso/trading?step=74")
    clean.wait_for_function(IDLE)
    expect(clean.get_by_text("18:30–18:45").first).to_be_visible(timeout=SOON_MS)
    clean.get_by_label("Quantity, MW").fill("0.1")
    clean.get_by_label("Price, EUR/MWh").fill("0.5")
    clean.get_by_label("Price, EUR/MWh").press("Enter")
    standing(clean, "request 0.50")
    row = clean.locator(".tabulator-row").filter(has_text="0.50").first
    row.click()
    withdraw = clean.get_by_role("button", name="Withdraw the rest")
    expect(withdraw).to_be_enabled(timeout=SOON_MS)
    withdraw.click()
    clean.get_by_role("dialog").get_by_role("button", name="Withdraw the rest").click()
    expect(clean.get_by_text("– withdrawn").first).to_be_visible(timeout=SOON_MS)
    clean.locator("h2", has_text="Standing").click()
    clean.keyboard.press("ArrowRight")
    expect(clean).to_have_url(re.compile("step=75"), timeout=SOON_MS)


def test_without_a_continuous_session_of_its_own_a_dso_reads_what_is_missing(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/trading")
    expect(clean.get_by_text("No continuous session is open.")).to_be_visible(timeout=SOON_MS)
