"""The EU-MP API (FLEXICIENCY, document 000, III.B): what the market place calls at each platform."""

from __future__ import annotations

from app.platform.rest.eu_mp import services
from app.rest.description import API_KEY, bearer
from app.rest.interfaces import Interface, Part

PREFIX = "/eu-mp/v1"
EU_MP = Interface(
    f"{PREFIX}/openapi.json",
    "EU-MP API",
    "What the EU Market Place tells a market player's platform.",
    (Part(prefix=PREFIX, known=(services.router,)),),
    signing_in={"bearer": bearer("The API key."), "api_key": API_KEY},
)
