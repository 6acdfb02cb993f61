"""A DSO's morning in a real browser: see the needs, ask for help, answer asset owners, survive a bad file."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import Served, open_desk
from playwright.sync_api import Page, expect

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


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def test_from_needs_to_published_requests_in_two_clicks(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    expect(clean.get_by_text("Open needs")).to_be_visible()
    expect(clean.get_by_text("Nothing published")).not_to_be_visible()
    clean.get_by_role("link", name="Turn needs into requests").or_(
        clean.get_by_role("button", name="Turn needs into requests")
    ).first.click()
    clean.wait_for_url("**/dso/requests**")
    publish = clean.get_by_role("button", name=re.compile(r"Publish \d+ requests?"))
    expect(publish).to_be_enabled()
    n = int(re.search(r"\d+", publish.inner_text()).group())  # type: ignore[union-attr]
    publish.dblclick()
    expect(clean.get_by_role("button", name="Nothing to publish")).to_be_disabled()
    expect(clean.get_by_text(re.compile("^◔ published$"))).to_have_count(n)


def test_a_tap_on_a_bus_shows_its_day_and_the_link_keeps_it(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    name = "MV1.101 Bus 15"
    spot = clean.evaluate(BUS_ON_SCREEN, "MV1.101 Bus 53")
    clean.mouse.click(spot["x"], spot["y"])
    clean.wait_for_url("**element=bus*")
    tapped = query(clean)["element"]
    assert tapped.startswith("bus:MV1.101 ")
    assert tapped != f"bus:{name}"
    clean.reload()
    clean.wait_for_function("() => window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle")
    assert query(clean)["element"] == tapped


def test_arrow_keys_move_the_time_and_the_link_follows(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso?step=40")
    assert clean.evaluate(STEP) == 40
    clean.keyboard.press("ArrowRight")
    clean.keyboard.press("Shift+ArrowRight")
    clean.wait_for_function("() => Bokeh.documents[0].get_model_by_name('fd-step').step === 45")
    clean.wait_for_url("**step=45**")


def test_an_asset_is_confirmed(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/assets")
    waiting = clean.get_by_text("○ registered")
    before = waiting.count()
    assert before > 0
    clean.get_by_role("button", name="Confirm").click()
    expect(waiting).to_have_count(before - 1)


def test_a_bad_network_file_is_answered_with_findings(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/data")
    bad = {"name": "net.json", "mimeType": "application/json", "buffer": b'{"schema": "flexdesk.grid/1"}'}
    clean.locator("input[type=file]").first.set_input_files(bad)
    clean.get_by_role("button", name="Upload network").click()
    expect(clean.get_by_text("Nothing was stored.")).to_be_visible()
    expect(clean.get_by_text("missing", exact=True).first).to_be_visible()


def test_the_stored_network_can_be_downloaded_and_uploaded_again(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso2", "/dso/data")
    with clean.expect_download() as download:
        clean.get_by_role("button", name="Network (JSON)").click()
    path = download.value.path()
    clean.locator("input[type=file]").first.set_input_files(
        {"name": "net.json", "mimeType": "application/json", "buffer": path.read_bytes()}
    )
    upload = clean.get_by_role("button", name="Upload network")
    expect(upload).to_be_enabled()
    upload.click()
    expect(clean.get_by_text("Uploaded.")).to_be_visible(timeout=20_000)
