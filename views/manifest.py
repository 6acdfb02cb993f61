"""The web manifest: with it a browser can install the desks as a program of its own."""

from __future__ import annotations

import json
from typing import Any

from tornado.web import RequestHandler

from views.shell import PRODUCT
from views.theme import tokens

PATH = "/assets/manifest.webmanifest"
ICON_SIZES = (192, 512)


def manifest() -> dict[str, Any]:
    """As W3C's Web Application Manifest describes it; all addresses are our own."""
    light = tokens("light")
    icons = [
        {"src": f"/assets/icons/flexdesk-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in ICON_SIZES
    ]
    return {
        "id": "/",
        "name": f"{PRODUCT}: local flexibility market",
        "short_name": PRODUCT,
        "description": "A market day for local flexibility, on the grid it happens in.",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": light.bar,
        "background_color": light.ground,
        "icons": [*icons, {"src": "/assets/icons/flexdesk.svg", "sizes": "any", "type": "image/svg+xml"}],
    }


class ManifestHandler(RequestHandler):
    """Public, as the sign-in page links it too."""

    def get(self) -> None:
        self.set_header("Content-Type", "application/manifest+json; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(json.dumps(manifest()))
