"""A platform's interfaces: the market place's (EU-MP), other platforms' (B2B), customers' (B2C) and that of the
company's own programs, each with its own description."""

from __future__ import annotations

from app.platform.rest.b2b import B2B
from app.platform.rest.b2c import B2C
from app.platform.rest.eu_mp import EU_MP
from app.platform.rest.own import OWN, pods, values
from app.rest import interfaces
from app.rest.access import Services
from app.rest.edge import Edge
from app.rest.interfaces import Interface

INTERFACES: tuple[Interface, ...] = (EU_MP, B2B, B2C, OWN)
_BULK = frozenset({pods.BULK, values.BULK})
"""Where a body is read by its route, piece by piece, and not before it."""


def build_asgi(services: Services) -> Edge:
    """All of them, as they are served."""
    return interfaces.build_asgi(services, INTERFACES, _goes_plain, _BULK.__contains__)


def _goes_plain(path: str) -> bool:
    """What is for probes and for those who still learn to ask."""
    return path.endswith(("/openapi.json", "/health", "/ready", "/docs/refusals.md"))
