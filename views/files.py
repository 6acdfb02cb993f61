"""Tornado handlers of what lies beside the pages: our style sheets, scripts, icons, and the components' files."""

from __future__ import annotations

import hashlib
from functools import cache

from panel.io.server import ComponentResourceHandler
from panel_material_ui.base import DIST_PATH
from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from views import theme
from views.site import ASSETS

_COMPONENT_PACKAGES = ("panel", "panel_material_ui", "views")


def font_faces() -> str:
    """Roboto as panel-material-ui ships it, for our pages outside Panel; file names carry a hash."""
    faces = []
    for weight in (400, 700):
        for file in sorted(DIST_PATH.glob(f"roboto-latin-{weight}-normal-*.woff2")):
            source = f"url(/static/extensions/panel-material-ui/{file.name}) format('woff2')"
            faces.append(f"@font-face {{ font-family: Roboto; font-weight: {weight}; src: {source}; }}\n")
    return "".join(faces)


def tokens() -> str:
    """The look's tokens and fonts as a style sheet."""
    return theme.stylesheet() + font_faces()


@cache
def version() -> str:
    """Of our own style sheets and scripts: another one whenever any of them is another."""
    told = hashlib.sha256(tokens().encode())
    for file in sorted([*ASSETS.glob("css/*"), *ASSETS.glob("js/*")]):
        told.update(file.read_bytes())
    return told.hexdigest()[:16]


class AssetHandler(StaticFileHandler):
    """Our own style sheets, icons and scripts; public, as the login page needs them.

    An address with a version (`version`) lasts: the browser does not ask again while a page is being built.
    """

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - Tornado's signature
        if "v" not in self.request.arguments:
            self.set_header("Cache-Control", "no-cache")


class TokensHandler(RequestHandler):
    """The look's tokens as a style sheet."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        lasts = "v" in self.request.arguments
        self.set_header("Cache-Control", f"max-age={StaticFileHandler.CACHE_MAX_AGE}" if lasts else "no-cache")
        self.finish(tokens())


class ComponentHandler(ComponentResourceHandler):
    """Panel's component resources, which import the module named in the address: only known packages."""

    def parse_url_path(self, path: str) -> str:
        if path.split("/")[0].split(".")[0] not in _COMPONENT_PACKAGES:
            raise HTTPError(404)
        return super().parse_url_path(path)
