"""Pictures of every page in both themes and two sizes: `make shots`, or `python -m tests.e2e.shots [FOLDER]`.

Serves a demo of its own, plays the EU Market Place's chapter, takes the pages while the market is open, plays the
day to its end over REST, and takes what is there afterwards. Needs the system's Chromium.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from app.bench.desks.pages import DRAWN, QUIET, chromium
from app.bench.desks.served import Product, finished, served
from domain.parties import Role
from views.app import PAGES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "desks"
SIZES = ((1440, 900), (1920, 1080))
THEMES = ("light", "dark")
COLOURS = 96
SETTLE_MS = 2000
ACCOUNT = {
    Role.FMO: "fmo",
    Role.DSO: "dso1",
    Role.TSO: "tso",
    Role.ESP: "esp1",
    Role.AGGREGATOR: "agg1",
    Role.RETAILER: "retailer1",
    Role.BRP: "brp1",
    Role.CUSTOMER: "customer1",
    Role.PLACE_OPERATOR: "place",
    Role.PROVIDER: "flotte-services",
    Role.REQUESTER: "flotte-data",
}
DSO_PAGES = ("asked", "pods", "deliveries", "aggregates", "validations", "validations/files", "alarms")
CUSTOMERS_PAGES = ("consents", "trail", "notifications")
INSTEAD = {
    **{f"/platform/{name}": "dso-de" for name in DSO_PAGES},
    **{f"/platform/{name}": "casa" for name in CUSTOMERS_PAGES},
}
"""Pages that are taken for another account than the first role's."""
WHILE_OPEN = {
    "/dso/requests",
    "/dso/what-if",
    "/dso/data",
    "/dso/calls",
    "/dso/trading",
    "/supply/compose",
    "/supply/trading",
    "/guide",
}
"""Pages that are taken before the gate; all others after the day."""
TABS: Mapping[str, tuple[str, ...]] = {
    "/fmo/session": ("?tab=book", "?tab=result", "?tab=prices", "?tab=grid"),
    "/dso": ("", "?moment=after"),
    "/results": ("", "?tab=prices"),
}


def play_day(product: Product) -> None:
    """Move the clock from gate to gate and let every clearing end."""
    with product.caller("fmo") as fmo:
        while gates := list(_gates(fmo)):
            gate = min(gates, key=lambda one: one["due_at"])
            fmo.post("/clock/gate", json={"gate_id": gate["id"]}).raise_for_status()
            _passed(fmo, gate["id"])
            finished(fmo)


def play_place(product: Product) -> None:
    """The EU Market Place's chapter of the guide, so that its pages have something to show."""
    with product.caller("fmo") as fmo:
        fmo.post("/guide/market_place").raise_for_status()
        for _ in range(240):
            (chapter,) = (one for one in fmo.get("/guide").json()["items"] if one["name"] == "market_place")
            if chapter["state"] in ("played", "stopped"):
                return
            time.sleep(1)
    raise RuntimeError("The chapter did not end in time.")


def _gates(fmo: Any) -> Iterator[Mapping[str, Any]]:
    for session in fmo.get("/sessions").raise_for_status().json()["items"]:
        if session["state"] not in ("published", "not cleared"):
            yield from (gate for gate in session["gates"] if not gate["done"] and gate["kind"] != "interim")


def _passed(fmo: Any, gate_id: str) -> None:
    for _ in range(120):
        if gate_id not in {gate["id"] for gate in _gates(fmo)}:
            return
        time.sleep(0.5)
    raise RuntimeError("A gate was not passed in time.")


def take(browser: Browser, product: Product, folder: Path, *, market_open: bool) -> None:
    """Every page of every role that belongs to this time of the day."""
    paths: dict[str, list[str]] = {}
    for page in PAGES:
        if (page.path in WHILE_OPEN) is market_open:
            queries = TABS.get(page.path, ("",))
            paths.setdefault(_account(page), []).extend(page.path + query for query in queries)
    for account in paths:
        for theme in THEMES:
            _take(browser, product, folder, account, paths[account], theme)


def _account(page: Any) -> str:
    """A page that several roles have is taken for the first of them."""
    return INSTEAD.get(page.path) or next(ACCOUNT[role] for role in ACCOUNT if role in page.roles)


def _take(browser: Browser, product: Product, folder: Path, account: str, paths: list[str], theme: str) -> None:
    context = browser.new_context()
    cookies = {**product.cookies(account), "flexdesk_theme": theme}
    context.add_cookies([{"name": name, "value": value, "url": product.desks} for name, value in cookies.items()])
    page = context.new_page()
    for path in paths:
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
        page.goto(product.desks + path)
        page.wait_for_function(DRAWN)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(SETTLE_MS)
            name = f"{account}{path}".replace("/", "-").replace("?", "-").replace("=", "-")
            _save(page.screenshot(), folder / f"{name}-{theme}-{width}.png")
            print(f"{name}-{theme}-{width}.png", flush=True)
    context.close()


def _save(png: bytes, path: Path) -> None:
    """Few colours are enough for a desk, and a quarter of the bytes."""
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, served(Path(data)) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        play_place(product)
        take(browser, product, folder, market_open=True)
        play_day(product)
        take(browser, product, folder, market_open=False)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
