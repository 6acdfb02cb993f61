"""What only one side of a continuous session knows of an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from app.queries.models import Side
from domain.commands import Command
from domain.flexibility.assets import Direction
from domain.units import Series
from views.state.trading import Market


class TradingSide(Protocol):
    """What only one side of the market knows.

    counter : whose orders it matches; verb : what placing does; fields : its own fields by name; rules : what the
    field of a finding starts with -> name of the form's field
    """

    counter: Side
    verb: str
    fields: Mapping[str, Any]
    rules: Mapping[str, str]

    def renew(self, market: Market, direction: Direction) -> None:
        """Ask again for what can be chosen."""
        ...

    def room(self) -> Series | None:
        """Most per quarter hour [n_steps], None without a bound."""
        ...

    def command(self, market: Market, direction: Direction, quantity: Series, price: Decimal) -> Command:
        """The order. Raises `Refused` for what is not chosen."""
        ...
