"""A part of a long list, for the database to cut."""

from __future__ import annotations

from dataclasses import dataclass

Order = tuple[tuple[str, bool], ...]
"""(field, whether it falls), the most important first; the last ones make every place in the list its own."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """At most `limit` entries in an `order`, those behind the place `after` (a value for each field of the order).

    counted : whether it is asked how many entries the whole list has
    """

    order: Order
    limit: int
    after: tuple[object, ...] | None = None
    counted: bool = False


def falling(*fields: str) -> Order:
    """Newest or largest first."""
    return tuple((field, True) for field in fields)
