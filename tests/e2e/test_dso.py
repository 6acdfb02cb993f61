"""A DSO's day in a real browser: alarms, the day played, a line taken out, what if, requests, assets, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

BUS_ON_SCREEN = """
(name) => {
  const source = Bokeh.documents[0].get_model_by_name("fd-buses")
  const at = source.data.name.indexOf(name)
  const uses = (v) => v.model.type === "Figure" && v.model.renderers.some((r) => r.data_source === source)
  const view = Bokeh.index.query_one(uses)
  const box = view.el.getBoundingClientRect()
  return {
    x: box.x + view.frame.x_scale.compute(source.data.x[at]),
    y: box.y + view.frame.y_scale.compute(source.data.y[at]),
  }
}
"""
STEP = "() => Bokeh.documents[0].get_model_by_name('fd-step').step"
FIELD = """() => {
  const image = Bokeh.documents[0].get_model_by_name("fd-contour").data.image[0]
  return image ? Array.from(image).filter(Number.isFinite).reduce((a, b) => a + b, 0) : 0
}"""
WITHOUT_SUPPLY = """() => {
  const {vm} = Bokeh.documents[0].get_model_by_name("fd-buses").data
  return Array.from(vm).filter((v) => Number.isNaN(v)).length
}"""
PATIENT_MS = 60_000


@pytest.fixture
def other(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A second open page, as clean as the first."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    found = watch(page)
    yield page
    context.close()
    assert found == []


def rows(served: Served, path: str) -> list[dict]:
    """What dso1 reads over REST for its region."""
    base = f"{served.api}/api/v1"
    body = {"account": "dso1", "password": "demo-dso1"}
    token = httpx.post(f"{base}/token", json=body).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{base}/{path}", params={"region_id": "rural"}, headers=headers).json()["items"]


def alarms(served: Served, state: str) -> list[dict]:
    return [row for row in rows(served, "alarms") if row["state"] == state]


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first


def number_in(button: Locator) -> int:
    return int(re.search(r"\d+", button.inner_text()).group())  # type: ignore[union-attr]


def test_alarms_are_answered_and_another_open_page_shows_it(clean: Page, other: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    open_desk(other, server, "dso1")
    before = len(alarms(server, "raised"))
    label = clean.get_by_role("button", name=re.compile(r"Acknowledge feeder \(\d+\)"))
    alike = number_in(label)
    theirs = other.get_by_role("button", name=f"Acknowledge feeder ({alike})")
    expect(theirs).to_be_visible()
    other.wait_for_timeout(2_000)  # past the book's own second look at a young page
    clean.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(theirs).to_have_count(0)
    expect(clean.get_by_text("The alarm is acknowledged.")).to_be_visible()
    clean.get_by_role("button", name="Shelve…").click()
    clean.get_by_label("Reason").fill("Planned work <img src=x onerror=alert(1)>")
    clean.get_by_role("button", name="Shelve alarm").click()
    expect(clean.get_by_text("The alarm is put aside.")).to_be_visible()
    expect(clean.get_by_text("Put this alarm aside?")).to_be_hidden()
    (aside,) = alarms(server, "shelved")
    assert (aside["shelved_by"], aside["shelve_reason"][:12]) == ("dso1", "Planned work")
    assert [row["acknowledged_by"] for row in alarms(server, "acknowledged")] == ["dso1"]
    assert len(alarms(server, "raised")) == before - 2
    clean.get_by_role("gridcell", name="MV1.101 Bus 68", exact=True).first.click()
    expect(label).to_be_visible()
    alike = number_in(label)
    label.click()
    expect(clean.get_by_text(re.compile("alarms? (is|are) acknowledged"))).to_be_visible()
    assert len(alarms(server, "raised")) == before - 2 - alike


def test_the_day_is_played_a_bus_looked_at_a_line_taken_out_and_the_needs_published(
    clean: Page, server: Served
) -> None:
    open_desk(clean, server, "dso1", "/dso?step=10&layer=voltage")
    expect(clean.get_by_text("Open needs")).to_be_visible()
    assert clean.evaluate(STEP) == 10
    clean.get_by_role("button", name="Play").click()
    clean.wait_for_function(f"() => ({STEP})() >= 14")
    expect(clean.get_by_role("button", name="Stop")).to_be_visible()
    clean.evaluate("document.activeElement && document.activeElement.blur()")
    clean.keyboard.press("Space")
    expect(clean.get_by_role("button", name="Play")).to_be_visible()
    stands = clean.evaluate(STEP)
    clean.wait_for_timeout(700)
    assert clean.evaluate(STEP) == stands, "the day goes on after it was stopped"
    clean.keyboard.press("ArrowRight")
    clean.keyboard.press("Shift+ArrowRight")
    clean.wait_for_function(f"() => ({STEP})() === {stands + 5}")
    clean.wait_for_url(f"**step={stands + 5}**")

    assert clean.evaluate(FIELD) == 0
    clean.get_by_label("Voltage contour").click()
    clean.wait_for_function(f"() => ({FIELD})() > 0")
    clean.evaluate("() => { Bokeh.documents[0].get_model_by_name('fd-step').step = 10 }")
    clean.wait_for_timeout(1_000)
    early = clean.evaluate(FIELD)
    clean.evaluate("() => { Bokeh.documents[0].get_model_by_name('fd-step').step = 50 }")
    clean.wait_for_function(f"() => ({FIELD})() !== {early}")
    clean.wait_for_url(re.compile("contour=true", re.IGNORECASE))

    spot = clean.evaluate(BUS_ON_SCREEN, "MV1.101 Bus 53")
    clean.mouse.click(spot["x"], spot["y"])
    clean.wait_for_url("**element=bus*")
    tapped = query(clean)["element"]
    assert tapped.startswith("bus:MV1.101 ")
    clean.reload()
    clean.wait_for_function(IDLE)
    assert query(clean)["element"] == tapped

    clean.goto(f"{server.desks}/dso?element=branch:MV1.101 Line 10&layer=loading")
    clean.get_by_role("tab", name="N-1").click()
    clean.get_by_role("button", name="Take it out").click()
    without = clean.get_by_text(re.compile(r"Without MV1\.101 Line 10: 2 buses lose supply"))
    expect(without).to_be_visible(timeout=PATIENT_MS)
    clean.get_by_role("button", name="N-1", exact=True).click()
    clean.wait_for_function(f"() => ({WITHOUT_SUPPLY})() === 2")
    clean.wait_for_url("**outage=WI-**")

    link(clean, "Turn needs into requests").click()
    clean.wait_for_url("**/dso/requests**")
    clean.wait_for_function(IDLE)
    clean.get_by_role("button", name="Accept suggested caps").click()
    expect(clean.get_by_text("The suggested caps are in the table.")).to_be_visible()
    publish = clean.get_by_role("button", name=re.compile(r"Publish \d+ requests?"))
    n = number_in(publish)
    publish.dblclick()
    expect(clean.get_by_role("button", name="Nothing to publish")).to_be_disabled()
    expect(clean.get_by_text(re.compile("^◔ published$"))).to_have_count(n)
    published = rows(server, "requests")
    assert len(published) == n, "a second click publishes nothing again"
    assert "200" not in {row["price_cap_eur_per_mwh"] for row in published if row["commodity"] == "P"}


def test_what_if_a_generator_feeds_in_more_and_its_needs_become_drafts(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/what-if")
    clean.get_by_role("button", name="What if?").click()
    expect(clean.get_by_text("Change something: a line, a unit, an offer.")).to_be_visible()
    clean.get_by_label("Load, generator or storage").fill("MV1.101 MV SGen 4")
    clean.get_by_role("option").first.click()
    clean.get_by_role("button", name="Add this change").click()
    expect(clean.get_by_text(re.compile("SGen 4.* at 150 %, 10:00–15:00")).first).to_be_visible()
    clean.get_by_role("button", name="What if?").click()
    worse = clean.get_by_text(re.compile(r"needs? (get worse|gets worse|appear)")).first
    expect(worse).to_be_visible(timeout=PATIENT_MS)
    assert "what_if=WI-" in clean.url
    clean.reload()
    clean.wait_for_function(IDLE)
    expect(clean.get_by_text("Needs before and after")).to_be_visible()
    link(clean, "Make this a request").click()
    clean.wait_for_url("**/dso/requests**what_if=WI-**")
    expect(clean.get_by_text("Carried over from a what-if")).to_be_visible()


def test_an_asset_is_confirmed_a_bad_network_file_answered_and_a_good_one_stored(
    clean: Page, server: Served
) -> None:
    open_desk(clean, server, "dso1", "/dso/assets")
    waiting = clean.get_by_text("○ registered")
    before = waiting.count()
    assert before > 0
    clean.get_by_role("button", name="Confirm", exact=True).click()
    expect(waiting).to_have_count(before - 1)

    clean.goto(f"{server.desks}/dso/data")
    clean.wait_for_function(IDLE)
    bad = {"name": "net.json", "mimeType": "application/json", "buffer": b'{"schema": "flexdesk.grid/1"}'}
    upload = clean.get_by_role("button", name="Upload network")
    clean.locator("input[type=file]").first.set_input_files(bad)
    upload.click()
    expect(clean.get_by_text("Nothing was stored.")).to_be_visible()
    expect(clean.get_by_text("missing", exact=True).first).to_be_visible()
    with clean.expect_download() as download:
        clean.get_by_role("button", name="Network (JSON)").click()
    stored = {**bad, "buffer": download.value.path().read_bytes()}
    clean.locator("input[type=file]").first.set_input_files(stored)
    expect(upload).to_be_enabled()
    upload.click()
    expect(clean.get_by_text("Uploaded.")).to_be_visible(timeout=20_000)
