"""Queries: what a role may see, as read models. Pages and REST answer from the same ones."""

from app.queries.handlers import HANDLERS

__all__ = ["HANDLERS"]
