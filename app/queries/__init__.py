"""Queries: what a role may see, as read models. Pages and REST answer from the same ones."""
