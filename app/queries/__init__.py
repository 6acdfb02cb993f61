"""Queries: what a role may see, as read models. Pages and REST answer from the same ones."""

from app.queries.handlers import HANDLERS, handlers

__all__ = ["HANDLERS", "handlers"]
