"""Python client of the InterFlex interface (InterFlex D3.5, section 3.2): six modules, a module for each object.

Functions, arguments and returns are the document's. What goes wrong is an `InterFlexError`; `options` changes
time-outs, tries and the certificates that are trusted. Needs httpx and nothing else of this product.
"""

from app.clients.interflex import (
    authentication,
    flexibilityActivation,
    flexibilityActivationACK,
    flexibilityActivationNACK,
    flexibilityOffer,
    flexibilityRequest,
)
from app.clients.interflex._errors import Finding, InterFlexError
from app.clients.interflex._options import Options, options

__all__ = [
    "Finding",
    "InterFlexError",
    "Options",
    "authentication",
    "flexibilityActivation",
    "flexibilityActivationACK",
    "flexibilityActivationNACK",
    "flexibilityOffer",
    "flexibilityRequest",
    "options",
]
