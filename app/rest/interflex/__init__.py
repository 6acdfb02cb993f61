"""The InterFlex interface under `/interflex/api/v1` (D3.5, section 3, appendix): a door to the same market."""

from app.rest.interflex import activations, answers, offers, requests

PREFIX = "/interflex/api/v1"
ROUTERS = (requests.router, offers.router, activations.router, answers.router)

__all__ = ["PREFIX", "ROUTERS"]
