"""Swagger UI from the files of an installed package: nothing is asked of any other server."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Response

_FOLDER = "fastapi_swagger.resources"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FlexDesk: REST interface</title>
<link rel="icon" type="image/png" href="docs/icon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<noscript>This page needs JavaScript; the description itself is at /api/v1/openapi.json.</noscript>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """"use strict";
window.ui = SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null,
});
"""
_FILES = {
    "swagger-ui.css": ("swagger-ui.css", "text/css; charset=utf-8"),
    "swagger-ui.js": ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    "icon.png": ("favicon-32x32.png", "image/png"),
}
_CACHED = {"Cache-Control": "private, max-age=86400"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def get_page() -> Response:
    """The page. What it loads is of this server, and its policy lets it load nothing else."""
    return Response(_PAGE, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
def get_start() -> Response:
    return Response(_START, media_type="text/javascript; charset=utf-8")


def _add(name: str, resource: str, media_type: str) -> None:
    def get_file() -> Response:
        return Response(files(_FOLDER).joinpath(resource).read_bytes(), media_type=media_type, headers=_CACHED)

    router.add_api_route(f"/docs/{name}", get_file, name=name)


for _name, _file in _FILES.items():
    _add(_name, *_file)
