"""Who is told of what happens on the EU Market Place. One row per event; some are told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from app.letters.names import Letter
from domain.events import Event

LETTERS: Mapping[type[Event], Callable[..., Iterable[Letter]]] = {}
