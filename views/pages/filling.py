"""Pages that can be opened before there is anything to show: they fill when it comes, and empty again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import panel as pn

from views.pages.context import Content, PageContext
from views.pages.themes import Themes
from views.shell import Themed


class Drawn(Protocol):
    """A page whose layout is made once and whose values are drawn again with all news."""

    @property
    def themed(self) -> Sequence[Themed]: ...
    def main(self) -> list[Any]: ...
    def draw(self) -> None: ...


class Filling:
    """Shows `empty()` while `shape()` is None, else the page that `build` makes; another shape makes it anew.

    `refresh()` asks for what is shown and comes before `shape()`.
    """

    def __init__(
        self,
        context: PageContext,
        topics: set[str],
        *,
        refresh: Callable[[], None],
        shape: Callable[[], Hashable | None],
        build: Callable[[PageContext], Drawn],
        empty: Callable[[], Any],
    ) -> None:
        self._context = context
        self._refresh, self._shape, self._build, self._empty = refresh, shape, build, empty
        self._themes = Themes(context.theme)
        self._shown: Hashable | None = None
        self._page: Drawn | None = None
        self._refresh()
        self._view = pn.Column(self._empty(), sizing_mode="stretch_width", margin=0)
        self._fit()
        context.live.subscribe(self._on_news, topics)

    def content(self) -> Content:
        return Content(main=[self._view], owner=self, themed=(self._themes,))

    def _fit(self) -> None:
        shape = self._shape()
        if shape == self._shown:
            if self._page is not None:
                self._page.draw()
            return
        if self._page is not None:
            self._themes.drop(*self._page.themed)
        self._shown = shape
        self._page = None if shape is None else self._build(replace(self._context, theme=self._themes.name))
        if self._page is None:
            self._view[:] = [self._empty()]
            return
        self._themes.add(*self._page.themed)
        self._view[:] = self._page.main()

    def again(self) -> None:
        """Ask again and show what there is."""
        self._refresh()
        self._fit()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.again()
