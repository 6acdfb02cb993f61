"""What a person waits for, measured in Chromium: a page that opens, and a step that is painted."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.bench.desks.served import Product

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SIZE = {"width": 1440, "height": 900}
DRAWN = "() => window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle"
SETTLED_MS = 400
# Painting is when the last canvas operation after the key has run; the figure is from the key's own time stamp.
WATCH_CANVAS = """
window.__painted = 0; window.__pressed = 0;
for (const name of ["stroke", "fill", "fillRect", "drawImage", "putImageData", "clearRect"]) {
  const drawn = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function(...given) {
    const answer = drawn.apply(this, given); window.__painted = performance.now(); return answer;
  };
}
addEventListener("keydown", (event) => { window.__pressed = event.timeStamp; }, true);
"""


@dataclass
class Watched:
    """What must not happen: requests beyond this machine, faults of a page."""

    beyond: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Any) -> None:
        """Collect of this page from now on."""
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self._on_request(request.url))

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname != "127.0.0.1":
            self.beyond.append(url)


def chromium() -> Path:
    """The installed browser. Raises RuntimeError without one."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return Path(path)
    raise RuntimeError("Chromium is missing: install the package `chromium`.")


def opened_s(browser: Any, product: Product, account: str, path: str, watched: Watched) -> tuple[float, float]:
    """Seconds until a page is drawn in a browser that knows nothing yet, and then once more."""
    context, page = _signed_in(browser, product, account, watched)
    seconds = tuple(_open(page, f"{product.desks}{path}") for _ in range(2))
    context.close()
    return seconds[0], seconds[1]


def scrubbed_ms(browser: Any, product: Product, account: str, path: str, watched: Watched, n: int) -> list[float]:
    """Milliseconds from a key on the time slider to the painted map, `n` times."""
    context, page = _signed_in(browser, product, account, watched, WATCH_CANVAS)
    _open(page, f"{product.desks}{path}")
    page.wait_for_timeout(2000)
    page.locator("canvas").first.click(position={"x": 5, "y": 5}, force=True)
    taken = []
    for turn in range(n):
        page.keyboard.press("ArrowRight" if turn % 40 < 20 else "ArrowLeft")
        page.wait_for_timeout(SETTLED_MS)
        painted, pressed = page.evaluate("[window.__painted, window.__pressed]")
        if painted < pressed:
            raise RuntimeError("A key on the time slider painted nothing.")
        taken.append(painted - pressed)
    context.close()
    return taken


def _signed_in(
    browser: Any, product: Product, account: str, watched: Watched, script: str = ""
) -> tuple[Any, Any]:
    context = browser.new_context(viewport=SIZE)
    context.add_cookies(
        [{"name": name, "value": value, "url": product.desks} for name, value in product.cookies(account).items()]
    )
    page = context.new_page()
    if script:
        page.add_init_script(script)
    watched.follow(page)
    return context, page


def _open(page: Any, address: str) -> float:
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function(DRAWN)
    return time.perf_counter() - started
