"""The InterFlex interface under `/interflex/api/v1` (D3.5, section 3, appendix): a door to the same market."""

from app.rest.interflex import activations, answers, authentication, offers, requests

PREFIX = "/interflex/api/v1"
ROUTERS = (requests.router, offers.router, activations.router, answers.router)

public = authentication.router

__all__ = ["PREFIX", "ROUTERS", "public"]
