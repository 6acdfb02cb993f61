"""The market operator at work in a browser: doors, live pages, clock, confirmation, prices from a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

WITHIN_MS = 20_000
DESKS = {
    "fmo": "/fmo",
    "dso1": "/dso",
    "tso": "/tso",
    "esp1": "/supply",
    "agg1": "/supply",
    "retailer1": "/portfolio",
    "brp1": "/portfolio",
}


@pytest.mark.parametrize(("account", "desk"), DESKS.items())
def test_each_role_lands_on_its_desk_and_is_kept_out_of_another(
    page: Page, server: Served, account: str, desk: str
) -> None:
    found = watch(page)
    open_desk(page, server, account)
    assert page.url == server.desks + desk
    assert found == []
    foreign = "/dso" if desk == "/fmo" else "/fmo"
    answer = page.goto(server.desks + foreign)
    assert answer.status == 403
    expect(page.get_by_text("Not for your role")).to_be_visible()


def test_a_change_by_one_is_seen_by_another_without_reload(browser: Browser, clean: Page, server: Served) -> None:
    """The operator pauses the market's clock; the TSO's open page shows it."""
    open_desk(clean, server, "fmo", "/fmo")
    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    found = watch(other)
    open_desk(other, server, "tso")
    expect(other.locator(".clock")).to_contain_text("real time")
    clean.get_by_role("button", name="Pause").click()
    expect(clean.locator(".clock")).to_contain_text("paused", timeout=WITHIN_MS)
    expect(other.locator(".clock")).to_contain_text("paused", timeout=WITHIN_MS)
    clean.get_by_role("button", name="Real time").click()
    expect(other.locator(".clock")).to_contain_text("real time", timeout=WITHIN_MS)
    assert found == []
    other.context.close()


COUNT_TURNS = """
window.turns = 0
const post = MessagePort.prototype.postMessage
MessagePort.prototype.postMessage = function (...args) { window.turns += 1; return post.apply(this, args) }
"""


def test_a_page_at_rest_rests(page: Page, server: Served) -> None:
    """Panel asks without pause whether tables in other tabs can be redrawn; `desk.js` makes it wait."""
    page.add_init_script(COUNT_TURNS)
    open_desk(page, server, "fmo")
    for tab in ("book", "rules", "result", "prices", "grid"):
        page.goto(f"{server.desks}/fmo/session?tab={tab}")
        page.wait_for_function(IDLE)
        page.wait_for_timeout(1500)
        before = page.evaluate("window.turns")
        page.wait_for_timeout(500)
        assert page.evaluate("window.turns") - before < 50, tab


def prices_of_the_day(price: str) -> str:
    """A price file of the demo's delivery day, the same price all day."""
    first = datetime(2016, 7, 24, 22, tzinfo=UTC)
    starts = (first + k * timedelta(minutes=15) for k in range(96))
    return "start_utc,price_eur_per_mwh\n" + "".join(f"{at:%Y-%m-%dT%H:%MZ},{price}\n" for at in starts)


def test_a_bad_price_file_says_what_to_mend_and_changes_nothing(
    clean: Page, server: Served, tmp_path: Path
) -> None:
    open_desk(clean, server, "fmo", "/fmo")
    bad = tmp_path / "bad.csv"
    bad.write_text(prices_of_the_day("cheap"))
    clean.locator("input[type=file]").set_input_files(bad)
    expect(clean.get_by_text("'cheap' is not a number.").first).to_be_visible(timeout=WITHIN_MS)


def test_prices_from_a_file_are_stored(clean: Page, server: Served, tmp_path: Path) -> None:
    open_desk(clean, server, "fmo", "/fmo")
    good = tmp_path / "day.csv"
    good.write_text(prices_of_the_day("77.25"))
    clean.locator("input[type=file]").set_input_files(good)
    expect(clean.get_by_text("The prices are stored.").first).to_be_visible(timeout=WITHIN_MS)
    prices = """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
      .filter(model => model.data && model.data.day_ahead).map(model => [...model.data.day_ahead])"""
    clean.wait_for_function(f"() => ({prices})().some(series => series.every(price => price === 77.25))")
    with clean.expect_download() as download:
        clean.get_by_role("button", name="CSV", exact=True).last.click()
    assert download.value.suggested_filename == "prices-day_ahead-2016-07-25.csv"
    assert Path(download.value.path()).read_text() == good.read_text()


def test_the_room_s_address_keeps_its_state(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo")
    clean.get_by_role("link", name="Semi-urban region").click()
    clean.wait_for_url("**/fmo/session?id=*")
    clean.wait_for_function(IDLE)
    clean.get_by_role("tab", name="Grid before and after").click()
    clean.wait_for_url(re.compile(r"tab=grid"))
    address = clean.url
    clean.goto(address)
    clean.wait_for_function(IDLE)
    selected = clean.get_by_role("tab", name="Grid before and after")
    expect(selected).to_have_attribute("aria-selected", "true", timeout=WITHIN_MS)
    expect(clean.get_by_role("main").get_by_text("Semi-urban region").first).to_be_visible()


HOSTILE = (
    "?id=%3Cscript%3E",
    "?id=MS-1&tab=nothing&step=1e9",
    "?step=abc&direction=sideways&overlay=x",
    "?tab=prices&bus=%3Cb%3E&commodity=z",
)


def test_a_careless_address_is_answered_with_words(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo")
    for query in HOSTILE:
        clean.goto(f"{server.desks}/fmo/session{query}")
        words = clean.get_by_text(re.compile("There is no such session|Rural region")).first
        expect(words, query).to_be_visible(timeout=WITHIN_MS)


def test_closing_the_gate_asks_first(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo/session")
    clean.get_by_role("button", name="Close the gate now").click()
    dialog = clean.get_by_role("dialog").filter(has_text="Close the gate now?")
    expect(dialog).to_be_visible(timeout=WITHIN_MS)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden(timeout=WITHIN_MS)
    expect(clean.locator("li[aria-current=step] .label")).to_have_text("Open")


def choose(page: Page, position: int, option: str) -> None:
    """One of the selects of the open tab."""
    page.get_by_role("combobox").nth(position).click()
    page.locator("li").filter(has_text=option).last.click()


def test_rules_are_set_after_a_question_and_told_to_bidders(browser: Browser, clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo/session?tab=rules")
    button = clean.get_by_role("button", name="Set the rules")
    expect(button).to_be_disabled(timeout=WITHIN_MS)
    choose(clean, 0, "Continuous")
    expect(clean.get_by_text("choose nodal prices")).to_be_visible(timeout=WITHIN_MS)
    expect(button).to_be_disabled()
    choose(clean, 0, "Network")
    choose(clean, 1, "Nodal prices")
    expect(clean.get_by_text("choose nodal prices")).to_be_hidden(timeout=WITHIN_MS)
    button.click()
    dialog = clean.get_by_role("dialog").filter(has_text="Change how this session is cleared and paid?")
    dialog.get_by_role("button", name="Set the rules").click()
    expect(clean.get_by_text("In force: Network clearing, paid nodal prices")).to_be_visible(timeout=WITHIN_MS)
    seller = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    found = watch(seller)
    open_desk(seller, server, "esp1", "/notifications")
    told = re.compile(r"The rules have changed \(.+\): Network clearing, paid nodal prices, energy ignored\.")
    expect(seller.get_by_text(told).first).to_be_visible(timeout=WITHIN_MS)
    assert found == []
    seller.context.close()


def test_notifications_are_read_and_the_bell_knows(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/notifications")
    bell = clean.get_by_role("button", name=re.compile(r"\d+ unread notification"))
    assert not bell.get_attribute("aria-label").startswith("0 ")
    clean.get_by_role("button", name="Mark all as read").click()
    expect(clean.get_by_role("button", name="0 unread notifications")).to_be_visible(timeout=WITHIN_MS)
    expect(clean.get_by_role("button", name="Mark all as read")).to_be_disabled()


def test_a_table_that_was_never_drawn_throws_nothing(clean: Page, server: Served) -> None:
    """Panel scrolls also tables of another tab when they change; `clean` fails on what that throws."""
    open_desk(clean, server, "fmo", "/fmo/session")
    clean.evaluate(
        """() => {
          const view = Bokeh.Models.get("panel.models.tabulator.DataTabulator").prototype.default_view.prototype
          for (const name of ["restore_scroll", "updateOrAddData"]) view[name].call({tabulator: undefined})
        }"""
    )
    clean.wait_for_timeout(200)
