"""A DSO draws its zones with the mouse and limits an asset; the TSO holds a request and the DSO sees it.

The tests are one morning: each goes on where the one before it has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ON_SCREEN = """
(names) => {
  const source = Bokeh.documents[0].get_model_by_name("fd-buses")
  const uses = (v) => v.model.type === "Figure" && v.model.renderers.some((r) => r.data_source === source)
  const view = Bokeh.index.query_one(uses)
  const box = view.el.getBoundingClientRect()
  return names.map((name) => {
    const at = source.data.name.indexOf(name)
    return {
      x: box.x + view.frame.x_scale.compute(source.data.x[at]),
      y: box.y + view.frame.y_scale.compute(source.data.y[at]),
    }
  })
}
"""
CORNERS = "() => Bokeh.documents[0].get_model_by_name('fd-draft').data.x.length"
BUSES = ["MV1.101 Bus 15", "MV1.101 Bus 53"]
DOUBLE_CLICK_MS = 350
"""Bokeh takes two clicks within 300 ms for one double click, wherever they are."""


@pytest.fixture
def others(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A page of somebody else, as clean as the first."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    found = watch(page)
    yield page
    context.close()
    assert found == []


def rest(server: Served, account: str) -> httpx.Client:
    base = f"{server.api}/api/v1"
    given = {"account": account, "password": f"demo-{account}"}
    token = httpx.post(f"{base}/token", json=given).json()["access_token"]
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"})


def box_around(page: Page) -> list[tuple[float, float]]:
    """Four points on the screen around two buses of the map, once it stands where it stays."""
    spots = None
    while spots != (spots := page.evaluate(ON_SCREEN, BUSES)):
        page.wait_for_timeout(1_000)
    xs, ys = [spot["x"] for spot in spots], [spot["y"] for spot in spots]
    west, east, north, south = min(xs) - 22, max(xs) + 22, min(ys) - 22, max(ys) + 22
    return [(west, north), (east, north), (east, south), (west, south)]


def test_a_zone_is_drawn_with_the_mouse_and_a_congested_region_registered(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/zones")
    corners = box_around(clean)
    for n, (x, y) in enumerate(corners, start=1):
        clean.mouse.click(x, y)
        clean.wait_for_function(f"{CORNERS[6:]} === {n}")
        clean.wait_for_timeout(DOUBLE_CLICK_MS)
    text = clean.get_by_label("Corners in degrees")
    expect(text).to_have_value(re.compile(r"^(\d+\.\d+, \d+\.\d+\n?){4}$"))
    drawn = text.input_value()
    clean.mouse.move(*corners[0])
    clean.mouse.down()
    clean.mouse.move(corners[0][0] - 12, corners[0][1] - 12, steps=4)
    clean.mouse.up()
    expect(text).not_to_have_value(drawn)
    clean.get_by_label("Name of the zone").fill("North <b>arm</b>")
    clean.get_by_role("button", name="Save new zone").click()
    expect(clean.get_by_text("is saved.")).to_be_visible()
    expect(clean.get_by_role("gridcell", name="North <b>arm</b>", exact=True)).to_be_visible()
    with rest(server, "dso1") as api:
        (zone,) = api.get("/zones").json()["items"]
    assert set(BUSES) <= set(zone["buses"])
    clean.get_by_label("Name of the congested region").fill("Arm")
    clean.get_by_role("button", name="Register congested region").click()
    expect(clean.get_by_text("Choose a zone, or name buses or branches.")).to_be_visible()
    clean.get_by_label("Buses or branches").fill(BUSES[0])
    clean.get_by_role("button", name="Register congested region").click()
    expect(clean.get_by_role("gridcell", name="Arm", exact=True)).to_be_visible()
    clean.get_by_label("Name of the zone").fill("Bow")
    text.fill("9.0, 53.0\n9.2, 53.2\n9.2, 53.0\n9.0, 53.2")
    text.blur()
    clean.get_by_role("button", name="Save new zone").click()
    expect(clean.get_by_text("Two edges meet")).to_be_visible()
    text.fill("nine, 53")
    text.blur()
    clean.get_by_role("button", name="Save new zone").click()
    expect(clean.get_by_text("Line 1: write longitude and latitude")).to_be_visible()


def test_a_conditional_confirmation_reaches_the_owner(clean: Page, others: Page, server: Served) -> None:
    with rest(server, "dso1") as api:
        stores = [row for row in api.get("/assets").json()["items"] if row["kind"] == "storage"]
    owner, name = stores[0]["owner_id"], stores[0]["name"]
    open_desk(others, server, owner, "/notifications")
    open_desk(clean, server, "dso1", "/dso/assets?kind=storage")
    clean.get_by_role("gridcell", name=name, exact=True).click()
    limit = clean.get_by_role("button", name="Confirm conditionally")
    limit.click()
    expect(clean.get_by_text("Limit at least one direction")).to_be_visible()
    clean.get_by_label("At most up, MW").fill("0.02")
    clean.get_by_label("Reason of a refusal or condition").fill("Weak line.")
    limit.click()
    expect(clean.get_by_text(f"{name}: conditionally confirmed, at most 0.02 MW up")).to_be_visible()
    told = f"confirmed {name} conditionally, at most 0.02 MW up: Weak line."
    expect(others.get_by_text(told).first).to_be_visible()
    with rest(server, owner) as api:
        (own,) = [row for row in api.get("/assets").json()["items"] if row["id"] == stores[0]["id"]]
    assert own["condition"]["most_up_mw"] == "0.02"


def test_a_request_for_a_congested_region_is_held_and_its_dsos_open_page_says_so(
    clean: Page, others: Page, server: Served
) -> None:
    """It goes on where the zones' test ends: the congested region is registered."""
    open_desk(clean, server, "dso1", "/dso/requests")
    clean.get_by_role("combobox", name="Congestion point").click()
    clean.get_by_text("Arm (1 bus)", exact=True).click()
    expect(clean.get_by_role("gridcell", name="Arm", exact=True)).to_be_visible()
    clean.get_by_role("button", name=re.compile(r"Publish \d+ requests?")).click()
    expect(clean.get_by_role("button", name="Nothing to publish")).to_be_disabled()
    with rest(server, "dso1") as api:
        points = {row["congestion_point"]: row for row in api.get("/requests?region_id=rural").json()["items"]}
    assert points["Arm"]["buses"] == BUSES[:1]

    open_desk(others, server, "tso", f"/tso/requests?region=rural&request={points['Arm']['id']}")
    expect(others.get_by_text("In the congested region Arm.")).to_be_visible()
    hold = others.get_by_role("button", name="Hold")
    hold.click()
    expect(others.get_by_text("Write something here.")).to_be_visible()
    others.get_by_label("Note for the DSO").fill("Line 7 is out.")
    clean.wait_for_function(IDLE)
    hold.click()
    expect(clean.get_by_text("held by the tso").first).to_be_visible()
    expect(hold).to_be_disabled()
    others.get_by_role("button", name="Accept").click()
    expect(clean.get_by_text("held by the tso")).to_have_count(0)

    others.goto(f"{server.desks}/tso/locations")
    expect(others.get_by_text("Prognoses and baselines")).to_be_visible()
    others.get_by_role("gridcell", name=re.compile("^Feeder")).first.click()
    others.wait_for_url("**place=feeder*")
    others.reload()
    others.wait_for_function(IDLE)
    expect(others.get_by_role("combobox", name="Location")).to_contain_text("Feeder")
