"""Every page of every role, open on a played day: each input has a label, each text in a figure can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import panel as pn
import pytest
from bokeh.models import Axis, ColorBar, Label, Legend, Text, Title
from opened import Silence, choose_every_tab
from test_theme import contrast

from tests.views import hostile_day as h
from views import app as desks_app
from views import theme
from views.pages.context import BoundDesk, Content, PageContext, Side


@dataclass
class Open:
    """A page as a participant has opened it."""

    who: str
    path: str
    content: Content

    def parts(self) -> Iterator[Any]:
        for item in self.content.main:
            yield from item.select() if hasattr(item, "select") else (item,)

    def __str__(self) -> str:
        return f"{self.path} of {self.who}"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Open]]:
    with h.hostile_world(tmp_path_factory.mktemp("every_page")) as world:
        found = []
        for who in h.ACCOUNTS:
            desk = BoundDesk(world.desk, h.w.WHO[who])
            for page in desks_app.PAGES:
                if page.side is Side.MARKET and desk.principal.role in page.roles:
                    hub = Silence()
                    context = PageContext(desk=desk, live=hub, location=hub, notify=lambda _text, _kind: None)
                    found.append(Open(who, page.path, page.build(context)))
                    choose_every_tab(found[-1].content.main)
        yield found


SILENT = pn.widgets.Tabulator
"""A table's columns are its labels."""


def test_every_input_and_button_has_a_label(pages: list[Open]) -> None:
    inputs = [
        (str(page), part)
        for page in pages
        for part in page.parts()
        if isinstance(part, pn.widgets.WidgetBase) and part.visible and not isinstance(part, SILENT)
    ]
    assert {type(part).__name__ for _, part in inputs} >= {"Button", "Select", "TextInput", "RadioButtonGroup"}
    assert {(page, part) for page, part in inputs if not str(part.label or "").strip()} == set()


WRITTEN = {
    Axis: ("major_label_text_color", "axis_label_text_color"),
    ColorBar: ("major_label_text_color", "title_text_color"),
    Legend: ("label_text_color",),
    Label: ("text_color",),
    Title: ("text_color",),
    Text: ("text_color",),
}
"""What is written in a figure, and the properties with its colours."""


def texts(figure: Any) -> Iterator[tuple[str, str]]:
    """Each text's kind and colour where the product gives it one; the rest takes the theme's in the browser."""
    for kind, names in WRITTEN.items():
        for model in figure.select(kind):
            own = model.properties_with_values(include_defaults=False)
            yield from ((kind.__name__, own[name]) for name in names if isinstance(own.get(name), str))


def grounds_of(figure: Any, paper: str) -> set[str]:
    """What the texts stand on: the figure's own colours; where it has none of its own, the theme's paper."""
    own = figure.properties_with_values(include_defaults=False)
    return {own.get(name) or paper for name in ("background_fill_color", "border_fill_color")}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_text_in_a_figure_has_aa_contrast(pages: list[Open], name: theme.ThemeName) -> None:
    faint, n_seen = set(), 0
    paper = theme.tokens(name).paper
    for page in pages:
        for themed in page.content.themed:
            themed.restyle(name)
        for part in page.parts():
            if isinstance(part, pn.pane.Bokeh):
                grounds = grounds_of(part.object, paper)
                for kind, colour in texts(part.object):
                    n_seen += 1
                    faint |= {
                        (str(page), kind, colour, ground) for ground in grounds if contrast(colour, ground) < 4.5
                    }
    assert n_seen > 20
    assert faint == set()
