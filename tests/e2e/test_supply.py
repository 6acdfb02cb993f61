"""A supplier's morning in a real browser: compose, be told what is wrong, send once, take back, see news."""

from __future__ import annotations

import re

import pytest
from browsing import Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def compose(page: Page, mw: str, price: str) -> None:
    page.get_by_label("Quantity, MW").fill(mw)
    page.get_by_label("Quantity, MW").press("Tab")
    page.get_by_label("Price, EUR/MWh").fill(price)
    page.get_by_label("Price, EUR/MWh").press("Tab")
    page.get_by_role("button", name="Set", exact=True).click()


def standing(page: Page) -> int:
    found = re.search(r"(\d+) offers?", page.get_by_text(re.compile(r"^\d+ offers?$")).inner_text())
    assert found is not None
    return int(found.group(1))


def test_impatient_clicks_send_one_offer_which_can_be_taken_back(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1")
    before = standing(clean)
    open_desk_again(clean, server, "/supply/compose")
    compose(clean, "0.001", "41.50")
    submit = clean.get_by_role("button", name="Submit offer")
    expect(submit).to_be_enabled()
    submit.click(click_count=5, delay=5)
    expect(clean.get_by_text("The offer is in the book.", exact=False).first).to_be_visible()
    open_desk_again(clean, server, "/supply")
    assert standing(clean) == before + 1
    clean.get_by_text("41.50", exact=True).click()
    clean.get_by_role("button", name="Withdraw", exact=True).click()
    clean.get_by_role("button", name="Withdraw offer").click()
    expect(clean.get_by_text(re.compile(rf"^{before} offers?$"))).to_be_visible()
    expect(clean.get_by_text("41.50", exact=True)).not_to_be_visible()


def open_desk_again(page: Page, server: Served, path: str) -> None:
    """Another page of the same login session."""
    page.goto(server.desks + path)
    page.wait_for_function("() => window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle")


@pytest.mark.parametrize(
    ("mw", "price", "said"),
    [
        ("999", "40", "are left to offer"),
        ("-1", "40", "below the least allowed"),
        ("0.001", "40.123", "decimals"),
        ("much", "40", "as a number"),
    ],
)
def test_findings_stand_beside_the_fields(clean: Page, server: Served, mw: str, price: str, said: str) -> None:
    open_desk(clean, server, "esp1", "/supply/compose")
    compose(clean, mw, price)
    expect(clean.get_by_text(said).first).to_be_visible()
    expect(clean.get_by_role("button", name="Submit offer")).to_be_disabled()


def test_dragging_across_the_chart_draws_the_quantity(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1", "/supply/compose")
    energy = "() => Bokeh.documents[0].get_model_by_name('fd-quantity').data.quantity.reduce((a, b) => a + b, 0)"
    assert clean.evaluate(energy) == 0
    box = clean.evaluate(
        """() => {
          const source = Bokeh.documents[0].get_model_by_name("fd-quantity")
          const view = Bokeh.index.query_one(
            (v) => v.model.type === "Figure" && v.model.renderers.some((r) => r.data_source === source))
          const at = view.el.getBoundingClientRect(), f = view.frame
          return {x: at.x + f.x_scale.compute(40), x2: at.x + f.x_scale.compute(60),
                  y: at.y + f.y_scale.compute(f.y_scale.source_range.end * 0.9)}
        }"""
    )
    clean.mouse.move(box["x"], box["y"])
    clean.mouse.down()
    clean.mouse.move(box["x2"], box["y"], steps=8)
    clean.mouse.up()
    clean.wait_for_function(f"({energy})() > 0")
    drawn = clean.evaluate("() => Bokeh.documents[0].get_model_by_name('fd-quantity').data")
    assert drawn is not None
    expect(clean.get_by_text("Give quantity and price")).not_to_be_visible()


def test_a_request_published_elsewhere_appears_without_a_reload(browser: Browser, server: Served) -> None:
    errors = []
    pages = {}
    for account in ("esp2", "dso1"):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        errors.append(watch(page))
        pages[account] = page
    open_desk(pages["esp2"], server, "esp2", "/supply?region=rural")
    expect(pages["esp2"].get_by_text("No open request in this region.")).to_be_visible()
    open_desk(pages["dso1"], server, "dso1", "/dso/requests")
    pages["dso1"].get_by_role("button", name=re.compile(r"Publish \d+ request")).click()
    expect(pages["esp2"].get_by_text("No open request in this region.")).not_to_be_visible(timeout=15_000)
    expect(pages["esp2"].get_by_text("200.00").first).to_be_visible(timeout=15_000)
    for page in pages.values():
        page.context.close()
    assert errors == [[], []]
