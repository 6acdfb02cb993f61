"""Queries and read models of a player's platform."""
