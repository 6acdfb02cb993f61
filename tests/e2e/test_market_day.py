"""The whole market day, as people live it: request, offers, gate, clearing, award, and a grid without violations.

Issue 2, point 8. Everything is done in the browser on the running product; five people have their pages open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

GATE_CLOSES, PUBLISHES = re.compile("^12:0"), re.compile("^12:1[5-9]")
WITHIN_MS = 20_000
CLEARED_WITHIN_MS = 240_000
FEEDER, ACTIVE = "MV1.101 Line 45", re.compile("P, MW|P (up|down)")
PRICES = {"esp1": "1.37", "esp2": "1.39"}
TAKEN = re.compile(r"(partly )?accepted")
# The values behind every time slider of the page, worst of each step against its limit.
WORST = """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
  .filter(model => model.name === "fd-worst")
  .map(model => ({worst: Math.max(...model.data.value), limit: model.data.limit[0]}))"""


# How far the parts of the price drawn are from adding up to it, at the worst step.
LARGEST_REST = """() => {
  const {data} = Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
    .find(model => model.name === "fd-price-parts")
  const rest = k => data.energy[k] + data.loss[k] + data.congestion[k] + data.voltage[k] - data.total[k]
  return Math.max(...data.step.map((_, k) => Math.abs(rest(k))))
}"""


@dataclass
class People:
    """Everyone's own browser; what must not happen on any page is collected."""

    browser: Browser
    served: Served
    wrong: list[list[str]] = field(default_factory=list)

    def sit_down(self, account: str, path: str = "/") -> Page:
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        return self._watched(context.new_page(), account, path)

    def second_page(self, page: Page, path: str) -> Page:
        """Another tab of the same person."""
        other = page.context.new_page()
        self.wrong.append(watch(other))
        other.goto(self.served.desks + path)
        other.wait_for_function(IDLE)
        return other

    def _watched(self, page: Page, account: str, path: str) -> Page:
        self.wrong.append(watch(page))
        open_desk(page, self.served, account, path)
        return page


@pytest.fixture
def people(browser: Browser, server: Served) -> Iterator[People]:
    met = People(browser, server)
    yield met
    assert [found for found in met.wrong if found] == []
    for context in browser.contexts:
        context.close()


def row(page: Page, text: str | re.Pattern[str]) -> object:
    return page.locator(".tabulator-row").filter(has_text=text)


def publish_request(dso: Page) -> None:
    dso.get_by_role("button", name=re.compile(r"^Publish \d+ requests?$")).click()
    expect(dso.get_by_text(re.compile(r"requests? (is|are) published\.")).first).to_be_visible(timeout=WITHIN_MS)


def compose(page: Page, served: Served, price: str) -> None:
    """Answer the first request near own assets with all that is left of them, at a price of one's own."""
    page.goto(served.desks + "/supply")
    page.wait_for_function(IDLE)
    row(page, FEEDER).filter(has_text=ACTIVE).click()
    page.get_by_role("link", name="Answer").click()
    page.wait_for_url("**/supply/compose**")
    page.wait_for_function(IDLE)
    page.get_by_role("button", name="All that is left").click()
    page.get_by_label("Price, EUR/MWh").fill(price)
    page.get_by_label("Price, EUR/MWh").press("Enter")
    submit = page.get_by_role("button", name="Submit offer")
    expect(submit).to_be_enabled(timeout=WITHIN_MS)
    submit.click()
    page.get_by_role("button", name="Send offer").click()
    expect(page.get_by_text("The offer is in the book.").first).to_be_visible(timeout=WITHIN_MS)


def step_now(page: Page) -> str:
    return page.locator("li[aria-current=step] .label").inner_text()


def move_clock_to(fmo: Page, local: re.Pattern[str]) -> None:
    """An impatient presenter moves to the gate ahead, and no further."""
    fmo.get_by_role("button", name="Move to the next gate").dblclick()
    expect(fmo.locator(".clock .time")).to_have_text(local, timeout=WITHIN_MS)


def test_the_market_day(people: People, server: Served) -> None:
    fmo = people.sit_down("fmo", "/fmo")
    fmo.get_by_role("link", name="Rural region").click()
    fmo.wait_for_url("**/fmo/session?id=*")
    fmo.wait_for_function(IDLE)
    room, clock = fmo, people.second_page(fmo, "/fmo")
    assert step_now(room) == "Open"

    dso = people.sit_down("dso1", "/dso/requests")
    publish_request(dso)
    expect(row(room, FEEDER).filter(has_text=ACTIVE)).to_be_visible(timeout=WITHIN_MS)  # live, no reload

    sellers = {}
    for account, price in PRICES.items():
        sellers[account] = people.sit_down(account)
        compose(sellers[account], server, price)
        expect(row(room, price)).to_be_visible(timeout=WITHIN_MS)

    portfolio = people.second_page(sellers["esp1"], "/supply")
    move_clock_to(clock, GATE_CLOSES)
    expect(room.locator("li[aria-current=step] .label")).to_have_text("Cleared", timeout=CLEARED_WITHIN_MS)
    assert_cleared(room)
    assert row(portfolio, TAKEN).count() == 0, "nobody hears of awards before publication"

    move_clock_to(clock, PUBLISHES)
    expect(room.locator("li[aria-current=step] .label")).to_have_text("Published", timeout=WITHIN_MS)
    expect(row(portfolio, PRICES["esp1"]).filter(has_text=TAKEN)).to_be_visible(timeout=WITHIN_MS)
    assert_dso_sees_the_cure(people, dso)


def assert_cleared(room: Page) -> None:
    """Proof clean and nothing unmet, or every unmet need named; before violated, after not."""
    expect(room.locator(".figures")).to_contain_text(re.compile(r"\d+ awards?"), timeout=WITHIN_MS)
    figures = room.locator(".figures").inner_text()
    room.get_by_role("tab", name="Result").click()
    expect(room.get_by_text("Verdict")).to_be_visible(timeout=WITHIN_MS)
    unmet = re.search(r"Unmet needs\s+(?:\S\s)?(\d+)", figures)
    assert unmet, figures
    if int(unmet[1]):
        assert room.get_by_text("no offer reaches it").count() + room.get_by_text("cost more").count() > 0
    else:
        expect(room.get_by_text("✓ clean: no limit is violated").first).to_be_visible()
    assert_priced(room)
    room.get_by_role("tab", name="Grid before and after").click()
    room.wait_for_function(IDLE)
    before, after = room.evaluate(WORST)
    assert before["worst"] > before["limit"], "the demo day has needs"
    assert after["worst"] <= after["limit"] + 1e-5 or int(unmet[1])


def assert_priced(room: Page) -> None:
    """Every bus has a price that is the sum of its parts; the address keeps the bus that is looked at."""
    room.get_by_role("tab", name="Prices", exact=True).click()
    expect(room.get_by_text("All buses over the day")).to_be_visible(timeout=WITHIN_MS)
    room.wait_for_function(IDLE)
    assert room.evaluate(LARGEST_REST) < 1e-6
    room.get_by_role("button", name="Reactive").click()
    room.wait_for_url(lambda url: all(part in url for part in ("tab=prices", "bus=", "commodity=q")))
    expect(room.get_by_text("EUR/Mvarh = ")).to_be_visible(timeout=WITHIN_MS)
    room.get_by_role("button", name="Active", exact=True).click()


def assert_dso_sees_the_cure(people: People, dso: Page) -> None:
    for moment, is_violated in (("before", True), ("after", False)):
        page = people.second_page(dso, f"/dso?moment={moment}&layer=voltage")
        (slider,) = page.evaluate(WORST)
        assert (slider["worst"] > slider["limit"] + 1e-5) is is_violated, (moment, slider)
