"""A supplier's morning in a real browser: compose, be told what is wrong, send once, take back, see news."""

from __future__ import annotations

import re

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
SOON_MS = 30_000


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


WRONG = (
    ("999", "40", "are left to offer"),
    ("-1", "40", "below the least allowed"),
    ("0.001", "40.123", "decimals"),
    ("much", "40", "as a number"),
)


def test_findings_stand_beside_the_fields_and_impatient_clicks_send_one_offer(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1")
    before = standing(clean)
    open_desk_again(clean, server, "/supply/compose")
    submit = clean.get_by_role("button", name="Submit offer")
    for mw, price, said in WRONG:
        compose(clean, mw, price)
        expect(clean.get_by_text(said).first).to_be_visible(timeout=SOON_MS)
        expect(submit).to_be_disabled()
    compose(clean, "0.001", "41.50")
    expect(submit).to_be_enabled(timeout=SOON_MS)
    submit.click(click_count=5, delay=5)
    clean.get_by_role("button", name="Send offer").click(click_count=5, delay=5)
    verdict(clean, "The offer is in the book.")
    open_desk_again(clean, server, "/supply")
    assert standing(clean) == before + 1
    clean.get_by_text("41.50", exact=True).click()
    clean.get_by_role("button", name="Withdraw", exact=True).click()
    clean.get_by_role("button", name="Withdraw offer").click()
    expect(clean.get_by_text(re.compile(rf"^{before} offers?$"))).to_be_visible(timeout=SOON_MS)
    expect(clean.get_by_text("41.50", exact=True)).not_to_be_visible()


def open_desk_again(page: Page, server: Served, path: str) -> None:
    """Another page of the same login session."""
    page.goto(server.desks + path)
    page.wait_for_function(IDLE)


def token(server: Served, account: str) -> dict[str, str]:
    body = {"account": account, "password": f"demo-{account}"}
    issued = httpx.post(f"{server.api}/api/v1/token", json=body, timeout=60).json()
    return {"Authorization": f"Bearer {issued['access_token']}"}


def items(server: Served, account: str, path: str) -> list[dict]:
    answer = httpx.get(f"{server.api}/api/v1/{path}", headers=token(server, account), timeout=60)
    return answer.json()["items"]


_AT = """([name, steps, share]) => {
  const source = Bokeh.documents[0].get_model_by_name(name), d = source.data
  const view = Bokeh.index.query_one(
    (v) => v.model.type === "Figure" && v.model.renderers.some((r) => r.data_source === source))
  const at = view.el.getBoundingClientRect(), f = view.frame, range = f.y_scale.source_range
  const value = (k) => name === "fd-offer" ? d.base[k] + source.tags[1] * share * d.most[k]
    : range.start + share * (range.end - range.start)
  return steps.map((k) => ({x: at.x + f.x_scale.compute(k), y: at.y + f.y_scale.compute(value(k))}))
}"""
_SERIES = "([name, key]) => Array.from(Bokeh.documents[0].get_model_by_name(name).data[key])"


def drag(page: Page, name: str, first: int, last: int, start: float, end: float) -> None:
    """From step to step, at shares of what is left (quantity) or of the axis (price)."""
    page.get_by_text("Offer over the day").scroll_into_view_if_needed()
    came = page.evaluate(_AT, [name, [first], start])[0]
    page.mouse.move(came["x"], came["y"])
    page.mouse.down()
    way = 1 if last >= first else -1
    for k in range(first, last + way, way * max(1, abs(last - first) // 6)):
        there = page.evaluate(_AT, [name, [k], end])[0]
        page.mouse.move(there["x"], there["y"])
    page.mouse.up()


def series(page: Page, name: str, key: str) -> list[float]:
    return page.evaluate(_SERIES, [name, key])


def verdict(page: Page, said: str) -> None:
    expect(page.get_by_text(said).first).to_be_visible(timeout=40_000)


def test_an_offer_is_drawn_judged_mended_and_sent(clean: Page, server: Served) -> None:
    """With mouse and keys: paint, lift a top, move one quarter hour, drag the price, take the smallest change."""
    wanted = next(r for r in items(server, "esp1", "requests") if len(r["buses"]) > 5)
    open_desk(clean, server, "esp1", f"/supply/compose?request={wanted['id']}")
    price = clean.get_by_label("Price, EUR/MWh")
    price.fill("45")
    price.press("Tab")
    drag(clean, "fd-offer", 44, 55, 0.6, 0.6)
    clean.wait_for_function("() => Bokeh.documents[0].get_model_by_name('fd-offer').data.quantity[50] > 0")
    drawn = series(clean, "fd-offer", "quantity")
    assert min(drawn[44:56]) > 0
    assert not any(drawn[:44])
    verdict(clean, "Expected award: ")
    told = series(clean, "fd-award", "top")
    assert any(value == value for value in told[44:56]), "the expected award is outlined"

    clean.keyboard.press("ArrowDown")
    clean.keyboard.press("Shift+ArrowDown")
    lowered = series(clean, "fd-offer", "quantity")
    changed = [k for k in range(96) if lowered[k] != drawn[k]]
    assert len(changed) == 1
    assert lowered[changed[0]] < drawn[changed[0]]
    clean.keyboard.press("ArrowLeft")
    expect(clean.get_by_role("status").filter(has_text="EUR/MWh")).to_contain_text(" of ")

    drag(clean, "fd-price", 50, 60, 0.5, 0.9)
    drag(clean, "fd-price", 60, 50, 0.9, 0.6)
    drawn_price = series(clean, "fd-price", "price")[50]
    expect(price).to_have_value(f"{drawn_price:.2f}", timeout=SOON_MS)
    assert series(clean, "fd-price", "price") == [drawn_price] * 96, "the first drag is not drawn over the second"
    dear = clean.get_by_label("Price, EUR/MWh")
    dear.fill("2000")
    dear.press("Tab")
    verdict(clean, "Nothing of it would be accepted.")
    assert not any(value == value for value in series(clean, "fd-award", "top"))
    clean.get_by_role("button", name=re.compile("Set the price to")).click()
    expect(dear).not_to_have_value("2000")
    asked = float(dear.input_value())
    assert asked < 2000
    verdict(clean, "Expected award: ")

    sent = series(clean, "fd-offer", "quantity")
    clean.get_by_role("button", name="Submit offer").click()
    expect(clean.get_by_text("It can be withdrawn until the gate closes.")).to_be_visible()
    clean.get_by_role("button", name="Send offer").click()
    verdict(clean, "The offer is in the book.")
    open_desk_again(clean, server, "/supply")
    expect(clean.get_by_text(f"{asked:,.2f}", exact=True).first).to_be_visible()
    booked = items(server, "fmo", "offers")[0]
    assert (booked["party_id"], booked["session_id"]) == ("esp1", wanted["session_id"])
    assert float(booked["price_eur_per_mwh"][44]) == asked
    assert [float(q) for q in booked["lines"][0]["quantity_mw"]] == pytest.approx(sent, abs=1e-6)


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
