"""The figures of a page that come and go, recoloured as one."""

from __future__ import annotations

from views.shell import Themed
from views.theme import ThemeName


class Themes:
    """Passed to the shell once; figures built later join with `add` and take the theme shown now."""

    def __init__(self, name: ThemeName) -> None:
        self.name = name
        self._handles: list[Themed] = []

    def add(self, *handles: Themed) -> None:
        """Recolour these now and on every switch."""
        self._handles.extend(handles)
        for handle in handles:
            handle.restyle(self.name)

    def drop(self, *handles: Themed) -> None:
        """These are no longer on the page."""
        self._handles = [kept for kept in self._handles if kept not in handles]

    def restyle(self, name: ThemeName) -> None:
        """The shell's theme has been switched."""
        self.name = name
        for handle in self._handles:
            handle.restyle(name)
