"""A platform's interfaces: the market place's (EU-MP), other platforms' (B2B) and customers' (B2C), each with its
own description."""

from __future__ import annotations

from app.rest import interfaces
from app.rest.access import Services
from app.rest.edge import Edge
from app.rest.interfaces import Interface

INTERFACES: tuple[Interface, ...] = ()


def build_asgi(services: Services) -> Edge:
    """All of them, as they are served."""
    return interfaces.build_asgi(services, INTERFACES, lambda path: path.endswith("/openapi.json"))
